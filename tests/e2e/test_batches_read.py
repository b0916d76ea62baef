"""Incremental models read every committed batch once, whatever the order in which batches begin and end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from atlas.build import build as atlas_build
from atlas.database import connect
from atlas.landing import land_lines, prepare
from atlas.sources import find_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg
    from psycopg.rows import TupleRow

    from atlas.build import BuildResult
    from atlas.settings import Settings

    Build = Callable[..., BuildResult]

pytestmark = pytest.mark.usefixtures("cleared")

SELECTED = ("--select", "+customer_changes", "+dim_customer")


def change(number: int, day: int) -> bytes:
    return json.dumps(
        {
            "customer_id": f"C-{number:05d}",
            "name": f"Customer {number}",
            "email": f"c{number}@example.org",
            "country": "DE",
            "segment": "consumer",
            "is_active": True,
            "signed_up_on": "2025-01-01",
            "updated_at": f"2025-03-{day:02d}T00:00:00Z",
            "op": "create",
        }
    ).encode()


@pytest.fixture
def build(environment: dict[str, str], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Build:
    """What ``atlas build`` does, in this process: a start of its own takes longer than the build."""
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        if name.startswith(("ATLAS_", "DBT_")):
            monkeypatch.setenv(name, value)

    def run(*arguments: str, failures: int = 0) -> BuildResult:
        result = atlas_build(settings, [*SELECTED, *arguments], quiet=True)
        assert len(result.failures) == failures, result.failures
        return result

    return run


def land(connection: psycopg.Connection[TupleRow], project: Path, *lines: bytes) -> int | None:
    source = find_source(project, "crm.customers")
    prepare(connection, source)
    with connection.transaction():
        receipt = land_lines(connection, source, lines, name="test")
    assert receipt.accepted == len(lines), receipt
    return receipt.batch_id


def customers(connection: psycopg.Connection[TupleRow], table: str) -> list[str]:
    return [key for (key,) in connection.execute(f"select customer_id from {table} order by customer_id").fetchall()]


def test_a_batch_that_began_first_and_commits_last_is_read(
    build: Build, settings: Settings, connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    begun, may_end = threading.Event(), threading.Event()
    batches: list[int | None] = []

    def slow_lines() -> Iterator[bytes]:
        yield change(1, 1)
        begun.set()
        assert may_end.wait(240)
        yield change(2, 1)

    def slow() -> None:
        source = find_source(project, "crm.customers")
        prepare(connection, source)
        with connect(settings) as other, other.transaction():
            batches.append(land_lines(other, source, slow_lines(), name="slow").batch_id)

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(60)
    quick = land(connection, project, change(3, 2))
    build()
    assert customers(connection, "chart.customer_changes") == ["C-00003"]

    may_end.set()
    thread.join()
    assert batches[0] is not None
    assert quick is not None
    assert batches[0] < quick, "the batches didn't cross"
    build()
    assert customers(connection, "chart.customer_changes") == ["C-00001", "C-00002", "C-00003"]
    assert customers(connection, "navigate.dim_customer") == ["C-00001", "C-00002", "C-00003"]

    build()
    assert customers(connection, "chart.customer_changes") == ["C-00001", "C-00002", "C-00003"], "read twice"


def test_a_model_that_fails_gives_its_claims_back(
    build: Build, connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    land(connection, project, change(1, 1))
    build()
    land(connection, project, change(2, 1))
    connection.execute("alter table chart.customer_changes add constraint broken check (customer_id <> 'C-00002')")
    failed = build(failures=1)
    assert failed.failures[0][0] == "model.atlas.customer_changes"
    # Profiles of sources claim batches, too, at the end of a run that failed as well.
    claims = (
        "select model, count(*) from pipeline.batches_read where model like 'model.%' group by model order by model"
    )
    assert connection.execute(claims).fetchall() == [
        ("model.atlas.customer_changes", 1),
        ("model.atlas.dim_customer", 1),
    ]

    connection.execute("alter table chart.customer_changes drop constraint broken")
    build()
    assert customers(connection, "navigate.dim_customer") == ["C-00001", "C-00002"]


def test_empty_claims_nothing_and_a_full_refresh_everything(
    build: Build, connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    land(connection, project, change(1, 1))
    build("--empty")
    assert connection.execute("select count(*) from pipeline.batches_read").fetchone() == (0,)
    build()
    land(connection, project, change(2, 1))
    build("--full-refresh")
    assert customers(connection, "chart.customer_changes") == ["C-00001", "C-00002"]


def test_two_builds_at_once_take_turns(
    build: Build, environment: dict[str, str], connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    land(connection, project, change(1, 1), change(2, 1))
    build()
    command = [sys.executable, "-m", "atlas", "build", *SELECTED]
    builds = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=120) for process in builds] == [0, 0]
    assert customers(connection, "chart.customer_changes") == ["C-00001", "C-00002"]
