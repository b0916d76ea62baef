"""Facts that take the versions of a dimension, beside the same join in plain SQL; see docs/performance.md."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from bench.dbt_project import dbt_on
from bench.errors import BenchError
from bench.report import markdown_table, spread
from bench.server import ROOT, running_server

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS_PER_KEY = 4
CHANGED_SHARE = 0.01
GOAL = "every fact bound in at most twice the time of the plain join"

PROJECT_FILE = """
name: bind
profile: atlas
config-version: 2
flags: {send_anonymous_usage_stats: false}

models:
  bind:
    +schema: bind
    +pre-hook: ["{{ claim_batches() }}", "{{ repoint_facts() }}"]
"""
MODELS = {
    "dim_member": """
{{
    config(
        materialized='scd2',
        unique_key=['member_id'],
        updated_at='changed_at',
        check_cols=['city'],
        record_hash='city'
    )
}}

select
    member_id,
    city,
    changed_at
from bind.changes
""",
    "fct_visit": """
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['member_id']}],
        version_keys={
            'member_version_key': {
                'dimension': 'dim_member', 'key': {'member_id': 'member_id'}, 'at': 'visited_at'
            }
        }
    )
}}

with visits as (
    select * from bind.{{ 'new_visits' if is_incremental() else 'visits' }}
)

select
    visits.*,
    coalesce(members.version_key, {{ placeholder_key() }}) as member_version_key
from visits
left outer join {{ ref('dim_member') }} as members
    on {{ version_at('members', {'member_id': 'visits.member_id'}, 'visits.visited_at') }}
""",
}

# Each member moves every 250 days or so; visits come at any time, some before their member is known.
TABLES = """
    create schema bind;
    create table bind.changes as
    select
        'M' || key as member_id,
        'city ' || (key * 7 + version) % 1000 as city,
        timestamptz '2024-01-01Z' + make_interval(days => version * 250, secs => key % 86400) as changed_at
    from generate_series(1, {keys}) as key
    cross join generate_series(0, {last}) as version;
    create table bind.visits as
    select
        visit as visit_id,
        'M' || 1 + abs(hashint8(visit)::bigint) % {keys} as member_id,
        timestamptz '2023-12-25Z' + make_interval(secs => (visit * 7919) % (86400 * 1000)) as visited_at,
        visit % 100 as amount
    from generate_series(1::bigint, {facts}) as visit;
    create table bind.new_visits as select * from bind.visits where false;
    analyze
"""
PLAIN = """
    drop table if exists bind.plain;
    create table bind.plain as
    select visits.*, members.version_key as member_version_key
    from bind.visits as visits
    left outer join bind.dim_member as members
        on visits.member_id = members.member_id
        and members.valid_from <= visits.visited_at
        and (visits.visited_at < members.valid_to or members.valid_to is null);
    create index on bind.plain (member_id)
"""
DIFFERENT = """
    select count(*) from bind.fct_visit as fact
    full outer join bind.plain as plain using (visit_id)
    where fact.member_version_key is distinct from
        coalesce(plain.member_version_key, '00000000-0000-0000-0000-000000000000')
"""
# A late change of some members, others each round, in the middle of what is known.
LATE = """
    truncate bind.changes;
    insert into bind.changes
    select 'M' || key, 'moved ' || {round}, timestamptz '2024-01-01Z' + make_interval(days => 600 + {round})
    from generate_series(1 + {round} * {keys}, ({round} + 1) * {keys}) as key
"""


@dataclass(frozen=True)
class Bound:
    """Seconds in the database, a value for each round.

    Attributes:
        postgres: the server's version.
        facts: rows of the fact table.
        versions: rows of the dimension.
        plain_s: the join in plain SQL, into a new table with an index.
        bound_s: the same by a fact model's full refresh.
        changed_keys: keys that got a late change each round.
        repointed: facts that were re-pointed in each round.
        repointed_s: the fact model's run after that.
        unchanged_s: its run when nothing has changed.
        compared_s: its run after the dimension was made anew, when each fact is compared.
    """

    postgres: str
    facts: int
    versions: int
    changed_keys: int
    plain_s: list[float]
    bound_s: list[float]
    repointed: list[int]
    repointed_s: list[float]
    unchanged_s: list[float]
    compared_s: list[float]


class _Ran(NamedTuple):
    """Seconds that dbt's statements took in the database, and rows that they updated."""

    seconds: float
    updated: int


def measure(facts: int, versions: int, rounds: int, choice: str, workspace: Path, postgres_bin: Path | None) -> Bound:
    """Bind facts to versions ``rounds`` times, in turn by plain SQL and by a fact model, and compare the results.

    Raises:
        BenchError: dbt fails, or the two tables differ.
    """
    keys = max(1, versions // VERSIONS_PER_KEY)
    changed_keys = max(1, int(keys * CHANGED_SHARE))
    with running_server(choice, workspace, postgres_bin) as server, server.fresh_database() as url:
        bound = Bound(server.version, facts, versions, changed_keys, [], [], [], [], [], [])
        project = _make_project(workspace / "bind")
        with psycopg.connect(url, autocommit=True) as connection, dbt_on(url, project):
            connection.execute(TABLES.format(keys=keys, last=VERSIONS_PER_KEY - 1, facts=facts).encode())
            _run_dbt("dim_member")
            for number in range(rounds):
                server.settle()
                bound.plain_s.append(_time(connection, PLAIN))
                server.settle()
                bound.bound_s.append(_run_dbt("fct_visit", "--full-refresh").seconds)
                _check(connection)
                connection.execute(LATE.format(round=number, keys=changed_keys).encode())
                _run_dbt("dim_member")
                server.settle()
                repointing = _run_dbt("fct_visit")
                bound.repointed_s.append(repointing.seconds)
                bound.repointed.append(repointing.updated)
                bound.unchanged_s.append(_run_dbt("fct_visit").seconds)
                # As a full refresh of the dimension does.
                connection.execute("drop table bind.dim_member__changes")
                bound.compared_s.append(_run_dbt("fct_visit").seconds)
                _say(bound)
            _time(connection, PLAIN)
            _check(connection)
    return bound


def as_markdown(bound: Bound) -> str:
    """A table, a row for each way."""
    ways = [
        ("every fact, join in plain SQL", bound.facts, bound.plain_s),
        ("every fact, first build or full refresh", bound.facts, bound.bound_s),
        (f"late change of {bound.changed_keys:,} keys", round(median(bound.repointed)), bound.repointed_s),
        ("nothing changed", 0, bound.unchanged_s),
        ("dimension made anew, as it was", 0, bound.compared_s),
    ]
    head = ["facts take versions", "facts written", "seconds in the database", "÷ plain join of the round"]
    rows = [
        [name, f"{written:,}", spread(seconds, ".2f"), _ratio(seconds, bound.plain_s)]
        for name, written, seconds in ways
    ]
    return (
        f"PostgreSQL {bound.postgres}; {bound.facts:,} facts, {bound.versions:,} versions of "
        f"{max(1, bound.versions // VERSIONS_PER_KEY):,} keys; medians of {len(bound.plain_s)} rounds, in turn. The "
        f"benchmark fails if the tables differ.\n\n{markdown_table(head, rows)}\n\nGoal: {GOAL}."
    )


def as_dict(bound: Bound) -> dict[str, Any]:
    """Everything, for --json."""
    return asdict(bound)


def _ratio(seconds: list[float], plain_s: list[float]) -> str:
    """Round by round, since what else the machine does changes from one to the next."""
    return spread([one / plain for one, plain in zip(seconds, plain_s, strict=True)], ".2f")


def _time(connection: psycopg.Connection[Any], statements: str) -> float:
    started = time.perf_counter()
    connection.execute(statements.encode())
    return time.perf_counter() - started


def _make_project(path: Path) -> Path:
    (path / "models").mkdir(parents=True)
    (path / "dbt_project.yml").write_text(PROJECT_FILE, encoding="utf-8")
    shutil.copytree(ROOT / "macros", path / "macros")
    for name, model in MODELS.items():
        (path / "models" / f"{name}.sql").write_text(model, encoding="utf-8")
    return path


def _run_dbt(model: str, *options: str) -> _Ran:
    """Run a model.

    Raises:
        BenchError: it failed.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    seconds, updated = 0.0, 0

    def on_event(event: Any) -> None:
        nonlocal seconds, updated
        if event.info.name == "SQLQueryStatus" and event.data.node_info.node_name == model:
            seconds += event.data.elapsed
            command, _, count = event.data.status.partition(" ")
            updated += int(count) if command == "UPDATE" else 0

    outcome = dbtRunner(callbacks=[on_event]).invoke(["--quiet", "run", "--select", model, *options])
    if not outcome.success:
        raise BenchError(f"dbt could not build {model}.")
    return _Ran(seconds, updated)


def _check(connection: psycopg.Connection[Any]) -> None:
    (different,) = connection.execute(DIFFERENT).fetchall()[0]
    if different:
        raise BenchError(f"{different} facts differ from what the plain join gives: the times don't count.")


def _say(bound: Bound) -> None:
    print(
        f"round {len(bound.plain_s)}: plain {bound.plain_s[-1]:.2f} s, bound {bound.bound_s[-1]:.2f} s, "
        f"re-pointed {bound.repointed[-1]:,} in {bound.repointed_s[-1]:.2f} s, unchanged {bound.unchanged_s[-1]:.3f} s",
        file=sys.stderr,
        flush=True,
    )
