"""``atlas status`` about runs, under way or ended without a word, and what waits; ``atlas doctor`` about rules."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from landing_support import atlas

from atlas.database import connect
from atlas.doctor import examine
from atlas.landing import land_file, prepare
from atlas.partition_rules import differences, rules_of_models
from atlas.partitions import PartitionRule
from atlas.runs import finish_run, start_run
from atlas.sources import load_sources
from atlas.state import read_state

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    import pytest
    from psycopg.rows import TupleRow

    from atlas.settings import Settings


def runs(environment: dict[str, str]) -> list[tuple[str, Any]]:
    done = atlas(environment, "status", "--json")
    assert done.returncode == 0, done.stderr
    return [(run["status"], run["seconds"]) for run in json.loads(done.stdout)["runs"]]


def test_run_under_way_and_run_that_died(environment: dict[str, str], settings: Settings) -> None:
    """Who runs holds a lock for as long as its connection lives; looking doesn't take it away."""
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    with connect(settings) as builder:
        start_run(builder, first, "build", "")
        assert runs(environment) == runs(environment) == [("running", None)]
        finish_run(builder, first, [], failed=False)
        start_run(builder, second, "build", "")
        [running, (succeeded, seconds)] = runs(environment)
        assert (running, succeeded) == (("running", None), "succeeded")
        assert float(seconds) >= 0
    # The connection is gone, as it is after a kill.
    assert runs(environment)[0] == ("interrupted", None)
    assert b"interrupted" in atlas(environment, "status").stdout
    with connect(settings) as onlooker:
        row = onlooker.execute("select status from pipeline.pipeline_runs where run_id = %s", [second]).fetchone()
    assert row == ("running",), "who looks writes nothing"


def test_batches_that_wait_for_their_readers(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow], project: Path
) -> None:
    """A model that reads by batch says how many are committed that it hasn't read, until it is gone."""
    source = load_sources(project)["crm.customers"]
    prepare(connection, source)
    for day in sorted((project / "samples" / "crm.customers").glob("*.ndjson"))[:3]:
        land_file(connection, source, day)
    assert readers(connection) == []
    # As the model's pre-hook does.
    connection.execute("create table chart.customer_changes ()")
    connection.execute(
        "insert into pipeline.batches_read (model, batch_id, run_id)"
        " select 'model.atlas.customer_changes', min(batch_id), gen_random_uuid() from explore.batches"
    )
    ((model, name, read, waiting, records, since),) = readers(connection)
    assert (model, name, read, waiting) == ("customer_changes", "crm.customers", 1, 2)
    first, second = connection.execute(
        "select accepted, received_at from explore.batches order by batch_id offset 1"
    ).fetchall()
    assert (records, since) == (first[0] + second[0], first[1])
    assert b"batches waiting" in atlas(environment, "status").stdout
    connection.execute(
        "insert into pipeline.batches_read (model, batch_id, run_id)"
        " select 'model.atlas.customer_changes', batch_id, gen_random_uuid() from explore.batches"
        " on conflict do nothing"
    )
    assert readers(connection) == [("customer_changes", "crm.customers", 3, 0, 0, None)]
    connection.execute("drop table chart.customer_changes")
    assert readers(connection) == []


def readers(connection: psycopg.Connection[TupleRow]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in read_state(connection, {}).readers]


def test_partitions_to_be_looked_after(
    environment: dict[str, str],
    connection: psycopg.Connection[TupleRow],
    settings: Settings,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What ``atlas partitions --check`` complains of, status tells, and what isn't as declared, the doctor."""
    for name in ("ATLAS_DATABASE_URL", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        monkeypatch.setenv(name, environment[name])
    sources = load_sources(project)
    for source in sources.values():
        prepare(connection, source)
    assert read_state(connection, sources).partitions == []
    models = rules_of_models(project, [])
    assert models == {"navigate_base.fct_commit": PartitionRule("year", 1, None)}
    assert list(differences(connection, sources, models)) == []

    connection.execute("select pipeline.declare_partitions('explore', 'raw_crm__customers', 'month', 5, 9)")
    connection.execute("create table navigate_base.fct_commit (committed_on date)")
    connection.execute("select pipeline.declare_partitions('navigate_base', 'fct_commit', 'month', 1, null)")
    connection.execute("create table chart.forgotten (at date)")
    connection.execute("select pipeline.declare_partitions('chart', 'forgotten', 'year', 1, null)")
    assert list(differences(connection, sources, models)) == [
        "chart.forgotten keeps a rule that nothing declares any more",
        "explore.raw_crm__customers is kept by month, 5 ahead, keep 9 and declared by month, 3 ahead, keep all."
        " Run: atlas partitions",
        "navigate_base.fct_commit is kept by month, 1 ahead, keep all and declared by year, 1 ahead, keep all."
        " Run: dbt run --select fct_commit",
    ]
    found = {finding.subject: finding for finding in examine(settings)}["Partitions"]
    assert not found.ok
    assert "chart.forgotten keeps a rule" in found.detail

    (due,) = connection.execute(
        "select child::text from pipeline.partition_spans('explore.raw_git__refs'::regclass)"
        " where span @> now() + interval '2 months'"
    ).fetchall()
    connection.execute(f"drop table {due[0]}")
    (gap,) = read_state(connection, sources).partitions
    assert gap["table"] == "explore.raw_git__refs"
    assert gap["complaint"].startswith("no partition from ")
    assert b"no partition from" in atlas(environment, "status").stdout
