"""What protection costs who reads, and who builds; see docs/performance.md."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg
import yaml

from bench.dbt_project import dbt_on
from bench.errors import BenchError
from bench.report import markdown_table, spread
from bench.server import ROOT, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg.rows import TupleRow

LARGEST_SHARE = 0.10
LARGEST_SHARE_OF_ROWS = 0.35
MOST_SECONDS_A_MODEL = 0.1
READINGS = 15
READINGS_OF_MASKS = 3

PEOPLE = """
    create schema bench;
    create table bench.people as
    select
        number as person_id,
        (array['de', 'FR', 'it', 'NL', 'pl'])[1 + number % 5] as country,
        round((random() * 1000)::numeric, 2) as amount,
        'someone' || number % 50000 || '@example' || number % 90 || '.org' as email,
        '+49 30 ' || 1000000 + number as phone,
        'Name ' || number % 50000 as full_name,
        date '1940-01-01' + (number % 25000)::integer as born_on,
        md5(number::text) as note
    from generate_series(1, {rows}) as number;
    create table bench.few as select * from bench.people where person_id <= 100
"""
COLUMNS = {
    "person_id": {"classification": "public"},
    "country": {"classification": "public"},
    "amount": {"classification": "internal"},
    "email": {"classification": "confidential", "pii": "email"},
    "phone": {"classification": "confidential", "pii": "phone"},
    "full_name": {"classification": "confidential", "pii": "person_name"},
    "born_on": {"classification": "confidential", "pii": "date_of_birth"},
    "note": {"classification": "restricted"},
}
INDEX = "indexes=[{'columns': ['person_id'], 'unique': true}]"
ROWS = "meta={'row_access': {'condition': \"country <> 'it'\"}}"
MODELS = {
    "people": f"{{{{ config({INDEX}) }}}}\nselect * from bench.people",
    "people_by_rows": f"{{{{ config({INDEX}, {ROWS}) }}}}\nselect * from bench.people",
    "people_looked_up": "select * from bench.people",
}
# Column by which people are looked up, if it isn't public.
LOOKUPS = {"people_looked_up": "email"}
QUERIES = {
    "aggregate": "select country, count(*), sum(amount) from {} {} group by country",
    "filter": "select count(*), max(email) from {} where {} amount > 500 and email like '%7@%'",
}
MASKS = {"email": "email", "phone": "last4", "full_name": "redact", "born_on": "year", "note": "null"}


@dataclass
class Reading:
    """Seconds of a query on the table itself and on its view, a value for each time.

    Attributes:
        what: the query.
        most: the share by which the view may be slower; None where nothing is promised.
    """

    what: str
    most: float | None
    base_s: list[float] = field(default_factory=list)
    view_s: list[float] = field(default_factory=list)

    @property
    def share(self) -> float:
        """By which the view is slower, of the medians."""
        return median(self.view_s) / median(self.base_s) - 1


@dataclass(frozen=True)
class Costs:
    """What was measured.

    Attributes:
        rows: of each table.
        readings: of the cleared, and of those who see masks.
        lookups: by view and column, seconds of a lookup by it and what the plan does to find the row.
        hooks_s: seconds that each model of a build takes longer with the hook, by kind, a value for each round.
    """

    postgres: str
    rows: int
    readings: list[Reading]
    lookups: dict[str, tuple[float, set[str]]]
    hooks_s: dict[str, list[float]]


def measure(rows: int, models: int, rounds: int, choice: str, workspace: Path, postgres_bin: Path | None) -> Costs:
    """Read ``READINGS`` times, turn by turn, and build ``rounds`` times with the hook and without.

    Raises:
        BenchError: dbt fails, or a view doesn't show what its reader should see.
    """
    project = _make_project(workspace / "people", MODELS)
    with running_server(choice, workspace, postgres_bin) as server, server.fresh_database() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(PEOPLE.format(rows=rows).encode())
            connection.execute(
                "insert into compliance.role_grants (login, login_oid, role)"
                " select rolname, oid, 'atlas_clearance_restricted' from pg_roles where rolname = session_user"
            )
        with dbt_on(url, project):
            _build()
        with psycopg.connect(url, autocommit=True) as connection:
            for view in MODELS:
                connection.execute(f"vacuum analyze navigate_base.{view}".encode())
            readings = list(_read(connection))
            lookups = {
                f"{view}.{column}": _look_up(connection, view, column, rows // 2)
                for view in MODELS
                for column in [LOOKUPS.get(view, "person_id")]
            }
            if any("Seq Scan" in nodes for what, (_, nodes) in lookups.items() if "by_rows" not in what):
                raise BenchError(f"a lookup of the cleared reads the whole table: {lookups}")
        hooks_s = {kind: list(_hooks(workspace, url, kind, models, rounds)) for kind in ("table", "incremental")}
        return Costs(server.version, rows, readings, lookups, hooks_s)


def _read(connection: psycopg.Connection[TupleRow]) -> Iterator[Reading]:
    for view, kind, most, where in (
        ("people", "", LARGEST_SHARE, ""),
        ("people_by_rows", ", by rows", LARGEST_SHARE_OF_ROWS, "country <> 'it'"),
        ("people_looked_up", ", with a lookup", None, ""),
    ):
        for name, query in QUERIES.items():
            condition = f"{'where ' if name == 'aggregate' else ''}{where}{' and' if name == 'filter' else ''}"
            what = f"{name}, cleared{kind}"
            # The table is asked for the same rows.
            base, seen = f"navigate_base.{view}", f"navigate.{view}"
            yield _turn_by_turn(
                connection, what, most, query.format(base, condition if where else ""), query.format(seen, "")
            )
    for column, mask in MASKS.items():
        query = f"select max({column}) from {{}}"
        base, view = query.format("navigate_base.people"), query.format("navigate.people")
        yield _turn_by_turn(connection, f"mask {mask}", None, base, view, role="atlas_read")


def _turn_by_turn(
    connection: psycopg.Connection[TupleRow],
    what: str,
    most: float | None,
    base: str,
    view: str,
    role: str | None = None,
) -> Reading:
    reading = Reading(what, most)
    answers: dict[str, list[TupleRow]] = {}
    for number in range((READINGS if role is None else READINGS_OF_MASKS) + 1):
        for name, query, kept in (("base", base, reading.base_s), ("view", view, reading.view_s)):
            if role is not None and name == "view":
                connection.execute(f"set role {role}".encode())
            started = time.perf_counter()
            answers[name] = sorted(connection.execute(query.encode()).fetchall())
            taken = time.perf_counter() - started
            connection.execute("set role atlas_owner")
            # The first is for nothing: a warm cache.
            if number:
                kept.append(taken)
    if role is None and answers["base"] != answers["view"]:
        raise BenchError(f"{what}: the view shows something else than the table.")
    if role is not None and answers["base"] == answers["view"]:
        raise BenchError(f"{what}: the view isn't masked.")
    print(f"{what}: {reading.share:+.1%}", file=sys.stderr, flush=True)
    return reading


def _look_up(connection: psycopg.Connection[TupleRow], view: str, column: str, person: int) -> tuple[float, set[str]]:
    """Seconds of a lookup of a person, and the scans that it really makes."""
    (value,) = connection.execute(
        f"select quote_literal({column}) from bench.people where person_id = {person}".encode()
    ).fetchall()
    query = f"select email, phone from navigate.{view} where {column} = {value[0]}"
    (found,) = connection.execute(f"explain (analyze, format json) {query}".encode()).fetchall()
    nodes, scans = [found[0][0]["Plan"]], set[str]()
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node["Actual Loops"] and node["Node Type"].endswith("Scan"):
            scans.add(node["Node Type"])
    taken = []
    for _ in range(READINGS):
        started = time.perf_counter()
        connection.execute(query.encode()).fetchall()
        taken.append(time.perf_counter() - started)
    return median(taken), scans


def _hooks(workspace: Path, url: str, kind: str, models: int, rounds: int) -> Iterator[float]:
    """Seconds a model that a build takes longer with the hook than without."""
    config = f"{{{{ config(materialized='{kind}') }}}}\n"
    nothing = "{% if is_incremental() %} where false{% endif %}"
    nodes = {f"{kind}_{number}": f"{config}select * from bench.few{nothing}" for number in range(models)}
    projects = {
        hook: _make_project(workspace / f"{kind}-{'with' if hook else 'without'}", nodes, hook=hook)
        for hook in (False, True)
    }
    for number in range(rounds + 1):
        taken: dict[bool, float] = {}
        for hook, project in projects.items():
            with dbt_on(url, project):
                taken[hook] = _build()
        if number:
            yield (taken[True] - taken[False]) / models
            print(f"hook of {kind}: {(taken[True] - taken[False]) / models:.3f} s", file=sys.stderr, flush=True)


def _make_project(path: Path, models: dict[str, str], *, hook: bool = True) -> Path:
    hooks = {"+post-hook": "{{ publish_model() }}"} if hook else {}
    declared = {
        "name": "bench_protection",
        "profile": "atlas",
        "config-version": 2,
        "flags": {"send_anonymous_usage_stats": False},
        "models": {"bench_protection": {"+schema": "navigate_base", "+materialized": "table", **hooks}},
    }
    (path / "models").mkdir(parents=True)
    (path / "dbt_project.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    shutil.copytree(ROOT / "macros", path / "macros")
    for name, query in models.items():
        (path / "models" / f"{name}.sql").write_text(query, encoding="utf-8")
    described = {
        "models": [
            {
                "name": model,
                "columns": [
                    {"name": name, "config": {"meta": meta | ({"lookup": True} if LOOKUPS.get(model) == name else {})}}
                    for name, meta in COLUMNS.items()
                ],
            }
            for model in models
        ]
    }
    (path / "models" / "_models.yml").write_text(json.dumps(described), encoding="utf-8")
    return path


def _build() -> float:
    """Seconds of the nodes of a build, one after the other.

    Raises:
        BenchError: it failed.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    outcome = dbtRunner().invoke(["--quiet", "run", "--threads", "1"])
    found: Any = outcome.result
    if not outcome.success:
        raise BenchError(f"dbt could not build the project. {outcome.exception or ''}")
    return float(sum(result.execution_time for result in found.results))


def as_markdown(costs: Costs) -> str:
    """Tables of readers, lookups and builds, with the goals."""
    readers = [
        [
            reading.what,
            spread([1000 * taken for taken in reading.base_s], ".0f"),
            spread([1000 * taken for taken in reading.view_s], ".0f"),
            f"{100 * reading.share:+.1f}",
            "—" if reading.most is None else f"at most {reading.most:.0%}",
            "" if reading.most is None else "met" if reading.share <= reading.most else "**missed**",
        ]
        for reading in costs.readings
    ]
    builds = [
        [
            f"{kind}, {'made anew' if kind == 'table' else 'nothing new'}",
            spread([1000 * taken for taken in hooks], ".0f"),
            f"at most {1000 * MOST_SECONDS_A_MODEL:.0f}",
            "met" if median(hooks) <= MOST_SECONDS_A_MODEL else "**missed**",
        ]
        for kind, hooks in costs.hooks_s.items()
    ]
    found = "; ".join(
        f"`{what}` by {' and '.join(sorted(scans))}, in {1000 * taken:.2f} ms"
        for what, (taken, scans) in costs.lookups.items()
    )
    head = ["query", "table, ms", "view, ms", "more, %", "goal", ""]
    readings = f"{READINGS} readings of the cleared and {READINGS_OF_MASKS} of masks"
    return (
        f"PostgreSQL {costs.postgres}; {costs.rows:,} rows; {readings}, turn by turn.\n\n"
        f"{markdown_table(head, readers)}\n\n"
        f"Lookups of a cleared reader: {found}.\n\n"
        f"{markdown_table(['model', 'the hook adds, ms', 'goal', ''], builds)}"
    )


def as_dict(costs: Costs) -> dict[str, Any]:
    """Everything, for --json."""
    lookups = {what: [taken, sorted(scans)] for what, (taken, scans) in costs.lookups.items()}
    return asdict(costs) | {"lookups": lookups}
