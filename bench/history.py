"""History: the materialization scd2 beside dbt's snapshot, on the same data, in the same database.

Each round begins with an empty database. A table of people is loaded; then nothing changes, then 1 %, then 10 % of its
rows. After each of these, every contestant brings its history up to date by a dbt command of its own:

- scd2 by changes: the model reads the rows that changed;
- scd2 by snapshots: the model reads the whole table, as dbt's snapshot has to;
- dbt snapshot, by its strategy `check` on all columns.

Time in the database is that of the node's statements and its commit, by dbt's log; the whole command is beside it.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from bench.errors import BenchError
from bench.server import ROOT, Server, running_server
from bench.timing import clean_environment, time_command

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

STEPS = (("first load", 100.0), ("0 % changed", 0.0), ("1 % changed", 1.0), ("10 % changed", 10.0))
CHANGES, SNAPSHOTS, DBT = "scd2, changes", "scd2, snapshots", "dbt snapshot"
COMMANDS = {
    CHANGES: ("run", "--select", "dim_by_changes"),
    SNAPSHOTS: ("run", "--select", "dim_by_snapshots"),
    DBT: ("snapshot", "--select", "people_snapshot"),
}
TABLES = {CHANGES: "history.dim_by_changes", SNAPSHOTS: "history.dim_by_snapshots", DBT: "history.people_snapshot"}

PROJECT_FILE = """
name: bench
profile: atlas
config-version: 2
flags: {send_anonymous_usage_stats: false}
models:
  bench:
    +schema: history
    +pre-hook: "{{ claim_batches() }}"
snapshots:
  bench:
    +schema: history
"""
SOURCES = """
sources:
  - name: bench
    schema: explore
    tables:
      - name: people
        identifier: raw_bench__people
        config: {meta: {landing: {delivery: snapshot, key: [person_id]}}}
        columns: [{name: person_id, data_type: text, config: {meta: {required: true}}}]
  - name: people
    schema: bench
    tables: [{name: state}]
"""
SNAPSHOT = """
snapshots:
  - name: people_snapshot
    relation: source('people', 'state')
    config: {unique_key: person_id, strategy: check, check_cols: all}
"""
COLUMNS = "person_id, full_name, email, city, segment, credit_limit"
BY_CHANGES = f"""
{{{{ config(materialized='scd2', unique_key='person_id', updated_at='changed_at', record_hash='record_hash',
    max_closed_share=1) }}}}
select {COLUMNS}, changed_at, record_hash from bench.changes
"""
BY_SNAPSHOTS = f"""
{{{{ config(materialized='scd2', unique_key='person_id', updated_at='_event_at', record_hash='record_hash',
    delivery='snapshot', max_closed_share=1) }}}}
-- depends_on: {{{{ source('bench', 'people') }}}}
select {COLUMNS}, batches.snapshot_at as _event_at, full_name as record_hash
from bench.state
cross join explore.batches as batches
where batches.batch_id in ({{{{ claims_of_this_run() }}}})
"""
PEOPLE = """
create schema bench;
create table bench.state as
select
    'P-' || lpad(n::text, 9, '0') as person_id,
    'Person number ' || n as full_name,
    'person.' || n || '@example.com' as email,
    (array['Lyon', 'Turin', 'Porto', 'Ghent', 'Graz'])[1 + n % 5] as city,
    (array['private', 'business', 'public'])[1 + n % 3] as segment,
    (n::bigint * 7919 % 100000)::numeric(12, 2) as credit_limit
from generate_series(1, %(keys)s) as n;
alter table bench.state add primary key (person_id);
create table bench.changes as
select *, timestamptz '2026-01-01 00:00+00' as changed_at, md5(full_name) as record_hash from bench.state;
"""
# Spread over the whole table, and different rows each time.
CHANGE = """
truncate bench.changes;
update bench.state set city = city || '*', credit_limit = credit_limit + 1
where hashtext(person_id || %(step)s) %% 100000 between 0 and %(share)s * 1000 - 1;
insert into bench.changes
select *, timestamptz '2026-01-01 00:00+00' + make_interval(days => %(step)s), md5(full_name || %(step)s)
from bench.state
where hashtext(person_id || %(step)s) %% 100000 between 0 and %(share)s * 1000 - 1;
"""
# What the ledger says of a snapshot; its rows are those of bench.state.
DELIVERY = """
with source_system as (
    insert into explore.source_systems (system) values ('bench') on conflict do nothing
)

insert into explore.batches (
    system, entity, origin, source_name, format, delivery, snapshot_at, content_sha256, content_bytes, contract_sha256,
    outcome, records_read, accepted, duplicate, quarantined, received_at
)
values (
    'bench', 'people', 'file', 'bench', 'ndjson', 'snapshot',
    timestamptz '2026-01-01 00:00+00' + make_interval(days => %(day)s), sha256(convert_to(%(day)s::text, 'UTF8')), 0,
    sha256(''), 'landed', 0, 0, 0, 0, now()
)
"""


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        keys: rows of the table.
        rounds: how often.
        growth: runs of 1 % changes in a row, after the last round; 0 for none.
        server, postgres_bin: as for ``running_server``.
    """

    keys: int
    rounds: int
    growth: int
    server: str
    postgres_bin: Path | None


@dataclass(frozen=True)
class Taken:
    """Seconds of one run: in the database, by dbt's word, and of the whole command."""

    database_s: float
    command_s: float


@dataclass
class Measured:
    """All runs, by contestant and step; the runs of growth in their order."""

    plan: Plan
    server_version: str
    runs: dict[tuple[str, str], list[Taken]] = field(default_factory=lambda: defaultdict(list))
    growth: list[Taken] = field(default_factory=list)


def measure(plan: Plan, workspace: Path) -> Measured:
    """Carry the plan out.

    Raises:
        BenchError: a command failed, or the contestants' histories differ.
    """
    project = _make_project(workspace)
    with running_server(plan.server, workspace, plan.postgres_bin) as server:
        measured = Measured(plan, server.version)
        for number in range(plan.rounds):
            print(f"{plan.keys:,} keys, round {number + 1} of {plan.rounds}", file=sys.stderr)
            grows = plan.growth if number == plan.rounds - 1 else 0
            with server.fresh_database() as url, psycopg.connect(url, autocommit=True) as connection:
                connection.execute(PEOPLE.replace("%(keys)s", str(plan.keys)))
                _round(measured, server, connection, project, url, number)
                _grow(measured, server, connection, project, url, grows)
    return measured


def _make_project(workspace: Path) -> Path:
    project = workspace / "project"
    (project / "models").mkdir(parents=True)
    (project / "snapshots").mkdir()
    (project / "dbt_project.yml").write_text(PROJECT_FILE)
    (project / "models" / "sources.yml").write_text(SOURCES)
    (project / "models" / "dim_by_changes.sql").write_text(BY_CHANGES)
    (project / "models" / "dim_by_snapshots.sql").write_text(BY_SNAPSHOTS)
    (project / "snapshots" / "people.yml").write_text(SNAPSHOT)
    shutil.copytree(ROOT / "macros", project / "macros")
    return project


def _round(
    measured: Measured, server: Server, connection: psycopg.Connection[TupleRow], project: Path, url: str, number: int
) -> None:
    contestants = [CHANGES, SNAPSHOTS, DBT]
    for step, (name, share) in enumerate(STEPS):
        _change(connection, step, share)
        # Each is first, second and last in turn: the pages that one read are in memory for the next.
        first = (number + step) % len(contestants)
        for contestant in contestants[first:] + contestants[:first]:
            server.settle()
            taken = _run(contestant, project, url)
            measured.runs[contestant, name].append(taken)
            print(f"  {name:<13} {contestant:<16} {taken.database_s:7.2f} s in the database", file=sys.stderr)
        _require_equal(connection, measured.plan.keys)


def _grow(
    measured: Measured, server: Server, connection: psycopg.Connection[TupleRow], project: Path, url: str, runs: int
) -> None:
    for step in range(len(STEPS), len(STEPS) + runs):
        _change(connection, step, 1.0)
        server.settle()
        measured.growth.append(_run(CHANGES, project, url))


def _change(connection: psycopg.Connection[TupleRow], step: int, share: float) -> None:
    if step > 0:
        for statement in CHANGE.split(";")[:-1]:
            connection.execute(
                statement.replace("%(step)s", str(step)).replace("%(share)s", str(share)).replace("%%", "%")
            )
    connection.execute(DELIVERY, {"day": step})
    connection.execute("vacuum analyze bench.state, bench.changes")


def _run(contestant: str, project: Path, url: str) -> Taken:
    dbt = Path(sys.executable).with_name("dbt")
    directories = ("--project-dir", project, "--profiles-dir", ROOT / "profiles")
    environment = clean_environment(
        ATLAS_DATABASE_URL=url, DBT_TARGET_PATH=str(project / "target"), DBT_LOG_PATH=str(project / "logs")
    )
    log = project / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    logging = ("--log-format-file", "json", "--log-level-file", "debug")
    timing = time_command([dbt, "--quiet", *logging, *COMMANDS[contestant], *directories], environment, project)
    results: list[dict[str, Any]] = json.loads((project / "target" / "run_results.json").read_text())["results"]
    if len(results) != 1:
        raise BenchError(f"{contestant}: dbt ran {len(results)} nodes instead of one.")
    return Taken(_database_s(log, results[0]["unique_id"]), timing.wall_s)


def _database_s(log: Path, node: str) -> float:
    """Seconds that the node's statements and its commit took, by dbt's log."""
    total, committed_at = 0.0, None
    for line in log.read_text(encoding="utf-8").splitlines():
        event: dict[str, Any] = json.loads(line)
        if event["data"].get("node_info", {}).get("unique_id") != node:
            continue
        at = datetime.fromisoformat(event["info"]["ts"])
        if committed_at is not None:
            total += (at - committed_at).total_seconds()
        # dbt times each statement but the commit, which is when deferred constraints are checked.
        committed_at = at if event["info"]["name"] == "SQLCommit" else None
        if event["info"]["name"] == "SQLQueryStatus":
            total += float(event["data"]["elapsed"])
    return total


def _require_equal(connection: psycopg.Connection[TupleRow], keys: int) -> None:
    found = {}
    for contestant, table in TABLES.items():
        current = "dbt_valid_to is null" if contestant == DBT else "is_current"
        counts = f"count(*), count(*) filter (where {current}), count(distinct person_id)"
        found[contestant] = connection.execute(f"select {counts} from {table}").fetchall()[0]
    if len(set(found.values())) != 1 or found[DBT][1:] != (keys, keys):
        raise BenchError(f"The histories differ (versions, current, keys): {found}.")
