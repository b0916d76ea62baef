"""What recording, scoring, profiling and judging take at the end of a run; see docs/performance.md."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import yaml

from bench.dbt_project import dbt_on
from bench.errors import BenchError
from bench.report import markdown_table, spread
from bench.server import ROOT, running_server

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LARGEST_SHARE = 0.10
MOST_SECONDS_UNCHANGED = 3.0
# Events of dbt: a node is done; the run says its last word.
NODE_DONE, RUN_DONE = "NodeFinished", "FinishedRunningStats"

# Customers with the faults that real ones have, wide enough to be worth a profile.
BASE = """
    create schema bench;
    create table bench.orders as
    select
        number as order_id,
        'C-' || number % 50000 as customer_id,
        case when number % 20 > 0 then ' Someone' || number % 50000 || '@Example.org ' end as email,
        (array['de', 'FR', 'it', 'NL', 'pl'])[1 + number % 5] as country,
        (array['new', 'paid', 'sent', 'returned'])[1 + number % 4] as status,
        round((random() * 1000)::numeric, 2) as amount,
        number % 7 as items,
        number % 3 = 0 as is_gift,
        timestamptz '2024-01-01Z' + make_interval(secs => number) as ordered_at,
        md5(number::text) as note
    from generate_series(1, {rows}) as number;
    analyze bench.orders
"""
LARGE = """
select
    order_id,
    customer_id,
    nullif(lower(trim(email)), '') as email,
    upper(country) as country_code,
    status,
    amount * 1.1 as amount_eur,
    items,
    is_gift,
    ordered_at,
    note
from bench.orders
"""
SMALL = {
    "view": "{{ config(materialized='view') }}\nselect * from bench.orders where order_id <= 100",
    "table": "{{ config(materialized='table') }}\nselect * from bench.orders where order_id <= 1000",
    "incremental": (
        "{{ config(materialized='incremental', incremental_strategy='append') }}\n"
        "select * from bench.orders where order_id <= 1000{% if is_incremental() %} and false{% endif %}"
    ),
}
PER_MODEL = {"quality_dimension": "completeness"}


# Half a year of daily runs like the first, a little up and down, for results and measurements pile up.
PAST_DAYS = 180
PAST = """
    with moments as (
        select array_agg(now() - make_interval(days => day)) as days from generate_series(1, {days}) as day
    )
    select
        pipeline.ensure_partitions('quality.test_runs', 'year', m.days),
        pipeline.ensure_partitions('quality.column_profiles', 'year', m.days)
    from moments as m;
    create temporary table past as
    select day, gen_random_uuid() as run_id from generate_series(1, {days}) as day;
    insert into quality.test_runs
    select (jsonb_populate_record(
        t, jsonb_build_object('run_id', p.run_id, 'executed_at', t.executed_at - make_interval(days => p.day))
    )).*
    from quality.test_runs as t cross join past as p;
    insert into quality.column_profiles
    select (jsonb_populate_record(
        c, jsonb_build_object('run_id', p.run_id, 'profiled_at', c.profiled_at - make_interval(days => p.day))
    )).*
    from quality.column_profiles as c cross join past as p;
    insert into quality.measurements (
        run_id, measured_at, table_schema, table_name, column_name, metric, value, detail, verdict
    )
    select
        p.run_id, m.measured_at - make_interval(days => p.day), m.table_schema, m.table_name, m.column_name, m.metric,
        m.value * (0.99 + 0.02 * random()), m.detail, 'normal'
    from quality.measurements as m cross join past as p;
    analyze
"""


class _Ran(NamedTuple):
    """Seconds of a whole dbt build, and those of them after its last node was done."""

    whole_s: float
    end_s: float


@dataclass(frozen=True)
class Cost:
    """Seconds, a value for each round.

    Attributes:
        what: the project that was built.
        tests: how many of its tests ran.
        build_s: from dbt's first event to the end of the last node.
        end_s: from there to dbt's last word: recording, scoring, profiling, judging.
    """

    what: str
    tests: int
    build_s: list[float]
    end_s: list[float]


@dataclass(frozen=True)
class Costs:
    """What the two projects cost.

    Attributes:
        postgres: the server's version.
        large: a few large tables, rebuilt from nothing.
        unchanged: many small models, built once more with nothing new.
    """

    postgres: str
    large: Cost
    unchanged: Cost


def measure(
    tables: int, rows: int, models: int, rounds: int, choice: str, workspace: Path, postgres_bin: Path | None
) -> Costs:
    """Build both projects ``rounds`` times.

    Raises:
        BenchError: dbt fails, or something of the run wasn't recorded.
    """
    kinds = ["view"] * (models * 2 // 5) + ["table"] * (models // 5)
    kinds += ["incremental"] * (models - len(kinds))
    small = [(f"{kind}_{number}", SMALL[kind]) for number, kind in enumerate(kinds)]
    large = [(f"large_{number}", LARGE) for number in range(tables)]
    with running_server(choice, workspace, postgres_bin) as server:
        costs = Costs(
            server.version,
            Cost(f"{tables:,} tables of {rows:,} rows, made anew", tables * 6, [], []),
            Cost(f"{models:,} models, nothing new", models * 3, [], []),
        )
        for name, nodes, columns, cost in (
            ("large", large, _large_tests(), costs.large),
            ("unchanged", small, _small_tests(), costs.unchanged),
        ):
            project = _make_project(workspace / name, name, nodes, columns)
            with server.fresh_database() as url, dbt_on(url, project):
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute(BASE.format(rows=rows).encode())
                # Once for nothing: parsing, a warm cache, and in the second project what there is to be unchanged.
                _build()
                with psycopg.connect(url) as connection:
                    connection.execute(PAST.format(days=PAST_DAYS).encode())
                for _ in range(rounds):
                    server.settle()
                    _add(cost, _build())
                _check(url, rounds + 1, cost.tests)
    return costs


def as_markdown(costs: Costs) -> str:
    """A table, a row for each project, and whether the goals are met."""
    shares = [end / build for end, build in zip(costs.large.end_s, costs.large.build_s, strict=True)]
    goals = {
        costs.large.what: (median(shares) <= LARGEST_SHARE, f"at most {LARGEST_SHARE:.0%} of the build"),
        costs.unchanged.what: (
            median(costs.unchanged.end_s) <= MOST_SECONDS_UNCHANGED,
            f"at most {MOST_SECONDS_UNCHANGED:.0f} s",
        ),
    }
    rows = [
        [
            cost.what,
            f"{cost.tests:,}",
            spread(cost.build_s, ".1f"),
            spread(cost.end_s, ".2f"),
            spread([100 * end / build for end, build in zip(cost.end_s, cost.build_s, strict=True)], ".1f"),
            goals[cost.what][1],
            "met" if goals[cost.what][0] else "**missed**",
        ]
        for cost in (costs.large, costs.unchanged)
    ]
    head = ["project", "tests", "build, seconds", "end of the run, seconds", "÷ build, %", "goal", ""]
    return (
        f"PostgreSQL {costs.postgres}; rounds: {len(costs.large.end_s)}, upon {PAST_DAYS} days of results, profiles "
        f"and measurements.\n\n{markdown_table(head, rows)}"
    )


def as_dict(costs: Costs) -> dict[str, Any]:
    """Everything, for --json."""
    return asdict(costs)


def _make_project(path: Path, name: str, models: Iterable[tuple[str, str]], columns: list[dict[str, Any]]) -> Path:
    """A project with the hooks at both ends that Atlas's own has, whatever these are."""
    ours = yaml.safe_load((ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    kept = {key: ours[key] for key in ("flags", "on-run-start", "on-run-end", "vars")}
    declared = {"name": name, "profile": "atlas", "config-version": 2, "test-paths": ["tests"], **kept}
    declared["models"] = {name: {"+schema": "chart", "+materialized": "table"} | ours["models"]["atlas"]["chart"]}
    (path / "models").mkdir(parents=True)
    (path / "dbt_project.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    shutil.copytree(ROOT / "macros", path / "macros")
    shutil.copytree(ROOT / "tests" / "dbt" / "generic", path / "tests" / "generic")
    described = []
    for model, sql in models:
        (path / "models" / f"{model}.sql").write_text(sql, encoding="utf-8")
        described.append({"name": model, "columns": columns})
    (path / "models" / "_models.yml").write_text(yaml.safe_dump({"models": described}), encoding="utf-8")
    return path


def _tested(column: str, *tests: str | dict[str, Any], is_public: bool = False) -> dict[str, Any]:
    named: list[tuple[str, dict[str, Any]]] = [
        (test, {}) if isinstance(test, str) else next(iter(test.items())) for test in tests
    ]
    return {
        "name": column,
        "config": {"meta": {"classification": "public"} if is_public else {}},
        "data_tests": [
            {test: {"config": {"meta": PER_MODEL}} | ({"arguments": arguments} if arguments else {})}
            for test, arguments in named
        ],
    }


def _large_tests() -> list[dict[str, Any]]:
    return [
        _tested("order_id", "unique", "not_null"),
        _tested("customer_id", "not_null"),
        _tested("country_code", {"matches_pattern": {"pattern": "^[A-Z]{2}$"}}, is_public=True),
        _tested("status", {"accepted_values": {"values": ["new", "paid", "sent", "returned"]}}, is_public=True),
        _tested("amount_eur", {"accepted_range": {"min_value": 0}}, is_public=True),
    ]


def _small_tests() -> list[dict[str, Any]]:
    return [_tested("order_id", "unique", "not_null"), _tested("customer_id", "not_null")]


def _build() -> _Ran:
    """Build the project.

    Raises:
        BenchError: it failed.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    last_node = run_done = 0.0

    def on_event(event: Any) -> None:
        nonlocal last_node, run_done
        if event.info.name == NODE_DONE and event.data.node_info.resource_type != "operation":
            last_node = time.perf_counter()
        elif event.info.name == RUN_DONE:
            run_done = time.perf_counter()

    started = time.perf_counter()
    outcome = dbtRunner(callbacks=[on_event]).invoke(["--quiet", "build"])
    if not outcome.success or not last_node or not run_done:
        raise BenchError(f"dbt could not build the project. {outcome.exception or ''}")
    return _Ran(run_done - started, run_done - last_node)


def _add(cost: Cost, ran: _Ran) -> None:
    cost.build_s.append(ran.whole_s - ran.end_s)
    cost.end_s.append(ran.end_s)
    said = f"{cost.what}: build {cost.build_s[-1]:.2f} s, end of the run {cost.end_s[-1]:.2f} s"
    print(said, file=sys.stderr, flush=True)


def _check(url: str, runs: int, tests: int) -> None:
    """Fail unless all that is measured was done."""
    with psycopg.connect(url) as connection:
        last_runs = connection.execute(
            "select count(*) from quality.test_runs group by run_id order by max(executed_at) desc limit %s", [runs]
        ).fetchall()
        profiled = connection.execute(
            "select exists (select from quality.column_profiles as p where p.run_id ="
            " (select t.run_id from quality.test_runs as t order by t.executed_at desc limit 1))"
        ).fetchone()
        scored = connection.execute("select exists (select from quality.table_scores)").fetchone()
        judged = connection.execute(
            "select count(*) > 0 and bool_and(m.verdict is not null) from quality.measurements as m"
        ).fetchone()
    if last_runs != [(tests,)] * runs or (profiled, scored, judged) != ((True,),) * 3:
        raise BenchError(f"Not everything was recorded: {last_runs}, {profiled}, {scored}, {judged}.")
