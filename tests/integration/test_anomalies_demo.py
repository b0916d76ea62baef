"""A broken delivery is named by the run that reads it: the demo's customers, upon a made-up history of measurements."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from atlas.anomalies import list_anomalies
from atlas.database import connect
from atlas.landing import land_file
from atlas.settings import Settings
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).parents[2]
RECORDS = 200
DAYS = 40
TABLE = "explore.raw_crm__customers"
# What the run before has measured, as it would have been in the days before it: a little more, a little less.
PAST = """
    insert into quality.measurements (
        run_id, measured_at, table_schema, table_name, column_name, metric, value, detail
    )
    select
        gen_random_uuid(), m.measured_at - day * interval '1 day', m.table_schema, m.table_name, m.column_name,
        m.metric,
        case m.metric when 'freshness_seconds' then 3600 else m.value end
        * case m.metric when 'schema_hash' then 1 else 1 + 0.01 * ((day * 7) %% 5 - 2) end,
        m.detail
    from quality.measurements as m
    cross join generate_series(1, %s) as day
"""


@dataclass(frozen=True)
class Project:
    """A database with a usual past, and a dbt project with its files."""

    database: str
    directory: Path
    files: Path

    def build(self, settings: Settings) -> subprocess.CompletedProcess[str]:
        """Plain dbt build of what reads the customers."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ATLAS_", "DBT_", "PG"))}
        environment = kept | {
            "ATLAS_DATABASE_URL": str(settings.database_url),
            "HOME": str(self.files),
            "DBT_TARGET_PATH": str(self.files / self.directory.name / "target"),
            "DBT_LOG_PATH": str(self.files / "logs"),
        }
        places = ["--project-dir", str(self.directory), "--profiles-dir", str(self.directory / "profiles")]
        return subprocess.run(
            [
                *(sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", *places),
                *("--select", "crm__customers", "customer_changes", "dim_customer"),
            ],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )


def records(first: int, count: int = RECORDS, **changes: Any) -> list[dict[str, Any]]:
    """A usual day's changes, each of another customer."""
    return [
        {
            "customer_id": f"C-{number:05}",
            "name": f"Person {number}",
            "email": f"p{number}@example.org",
            "phone": None,
            "city": None if number % 20 == 0 else "Bergen",
            "country": "NO",
            "segment": ("consumer", "small_business")[number % 2],
            "credit_limit": 1000 + 10 * (number % 100),
            "is_active": True,
            "signed_up_on": "2020-01-01",
            "tags": [],
            "updated_at": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}Z",
            "op": "create",
        }
        | {name: change(number) for name, change in changes.items()}
        for number in range(first, first + count)
    ]


def land(settings: Settings, path: Path, delivered: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in delivered))
    with connect(settings) as connection:
        land_file(connection, load_sources(PROJECT)["crm.customers"], path)


@pytest.fixture(scope="module")
def usual(
    server_url: str,
    template: str,
    drop_database: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    name = f"atlas_usual_{os.getpid()}"
    drop_database(name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template {}").format(*map(sql.Identifier, (name, template))))
    files = tmp_path_factory.mktemp("usual")
    project = Project(name, PROJECT, files)
    settings = Settings(Path("/nonexistent"), urlsplit(server_url)._replace(path=f"/{name}").geturl(), None, PROJECT)
    land(settings, files / "usual.ndjson", records(1))
    done = project.build(settings)
    assert done.returncode == 0, done.stdout
    with connect(settings) as opened:
        opened.execute(PAST, [DAYS])
    yield project
    drop_database(name)


def found(settings: Settings) -> set[tuple[str, str | None]]:
    """Metric and column of the anomalies of the source."""
    with connect(settings) as connection:
        return {(a["metric"], a["column_name"]) for a in list_anomalies(connection) if a["table_name"] == TABLE}


def test_a_usual_day_is_none(usual: Project, make_database: Callable[[str | None], Settings]) -> None:
    settings = make_database(usual.database)
    land(settings, usual.files / "usual_too.ndjson", records(1001))
    done = usual.build(settings)
    assert done.returncode == 0, done.stdout
    assert found(settings) == set()


@pytest.mark.parametrize(
    ("name", "delivered", "metric", "column", "words"),
    [
        ("stopped", [], "freshness_seconds", None, f"Age of the newest data of {TABLE}: 3 days, expected at most"),
        ("null", records(1001, city=lambda _: None), "null_share", "city", f"in {TABLE}.city: 100 %"),
        (
            "type",
            records(1001, credit_limit=lambda _: "plenty"),
            "quarantined_share",
            None,
            f"Share of records that are refused in {TABLE}: 100 %",
        ),
        (
            "twice",
            [*records(1), *records(1001)],
            "duplicate_share",
            None,
            f"Share of records that had arrived before in {TABLE}: 50 %",
        ),
        (
            "currency",
            records(1001, credit_limit=lambda number: 100 * (1000 + 10 * (number % 100))),
            "mean",
            "credit_limit",
            f"Mean in {TABLE}.credit_limit: 149500, expected",
        ),
    ],
    ids=["stopped", "a column of nulls", "another type", "loaded twice", "another currency"],
)
def test_a_fault_is_named_within_one_run(
    usual: Project,
    make_database: Callable[[str | None], Settings],
    name: str,
    delivered: list[dict[str, Any]],
    metric: str,
    column: str | None,
    words: str,
) -> None:
    settings = make_database(usual.database)
    if delivered:
        land(settings, usual.files / f"{name}.ndjson", delivered)
    else:
        with connect(settings) as connection:
            connection.execute("update explore.batches set received_at = received_at - interval '3 days'")
    done = usual.build(settings)
    assert (metric, column) in found(settings)
    # The run warns, in words.
    assert words in " ".join(done.stdout.split()), done.stdout
    assert done.returncode == 0, done.stdout


def copied(usual: Project, severity: str) -> Project:
    """The project, with a severity for the source's volume."""
    directory = usual.files / f"project_{severity}"
    for name in ("models", "macros", "snapshots", "profiles", "tests/dbt", "dbt_project.yml"):
        source, target = PROJECT / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    path = directory / "models" / "explore" / "customers" / "_customers__sources.yml"
    text = path.read_text()
    assert text.count("          meta:\n            landing:") == 1
    declared = f"          meta:\n            quality: {{anomalies: {{rows_added: {severity}}}}}\n            landing:"
    path.write_text(text.replace("          meta:\n            landing:", declared))
    return Project(usual.database, directory, usual.files)


def test_half_of_the_rows_fail_a_run_if_that_is_declared_and_stay_on_record(
    usual: Project, make_database: Callable[[str | None], Settings]
) -> None:
    settings = make_database(usual.database)
    land(settings, usual.files / "half.ndjson", records(1001, RECORDS // 2))
    done = copied(usual, "error").build(settings)
    assert done.returncode == 1, done.stdout
    assert f"Rows added in {TABLE}: 100, expected" in " ".join(done.stdout.split())
    assert ("rows_added", None) in found(settings)
    # Whoever acknowledges it has the next run go on.
    with connect(settings) as connection:
        connection.execute("select quality.give_feedback(anomaly_id, 'acknowledged') from quality.anomalies")
    land(settings, usual.files / "half_too.ndjson", records(2001, RECORDS // 2))
    assert copied_build(usual, settings).returncode == 0


def copied_build(usual: Project, settings: Settings) -> subprocess.CompletedProcess[str]:
    return Project(usual.database, usual.files / "project_error", usual.files).build(settings)


def test_a_severity_that_is_none_is_refused(usual: Project, make_database: Callable[[str | None], Settings]) -> None:
    done = copied(usual, "loud").build(make_database(usual.database))
    assert done.returncode != 0
    assert "source.atlas.crm.customers (rows_added: loud): " in " ".join(done.stdout.split())
