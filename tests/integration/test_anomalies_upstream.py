"""Anomalies that one fault makes, table after table, are told as what they are: one, and those that follow it."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from anomaly_support import DAY, START, History, noisy
from landing_support import atlas

from atlas.anomalies import list_anomalies
from atlas.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

PAST_DAYS = 40
# By name, a series and what a run measures of it.
Measured = dict[str, tuple[History, float]]


@pytest.fixture(name="connection", scope="module")
def of_the_module(database: Settings) -> Iterator[Connection[TupleRow]]:
    """One database for all: each test has tables of its own."""
    with connect(database) as opened:
        yield opened


def usual(
    connection: Connection[TupleRow], metric: str = "rows_added", column: str | None = None, **of: Any
) -> History:
    """A series about 1,000, or of a share about a tenth."""
    history = History(connection, metric=metric, column=column, **of)
    history.load(noisy(PAST_DAYS, 0.1 if metric.endswith("share") else 1000))
    return history


def run(connection: Connection[TupleRow], values: Measured, *parents: str, day: int = 0) -> None:
    """Measure some series by one run; ``parents`` say which tables are made of which, such as ``fact<dim``."""
    run_id = uuid.uuid4()
    for history, value in values.values():
        connection.execute(
            "insert into quality.measurements"
            " (run_id, measured_at, table_schema, table_name, column_name, metric, value)"
            " values (%s, %s, 'navigate', %s, %s, %s, %s)",
            [run_id, START + (PAST_DAYS + day) * DAY, history.table, history.column, history.metric, value],
        )
    connection.execute("select quality.judge_run(%s)", [run_id])
    names = {name.split(".")[0]: history.table for name, (history, _) in values.items()}
    made_of = [
        {
            "table_schema": "navigate",
            "table_name": names.get(child, child),
            "parent_schema": "navigate",
            "parent_name": names.get(parent, parent),
        }
        for child, parent in (edge.split("<") for edge in parents)
    ]
    connection.execute("select quality.link_anomalies(%s, %s)", [run_id, json.dumps(made_of)])


def followed(values: Measured) -> dict[str, str | None]:
    """By name, which other anomaly each follows."""
    anomalies = {
        name: anomaly
        for name, (history, _) in values.items()
        for anomaly in history.anomalies()
        if (anomaly["metric"], anomaly["column_name"]) == (history.metric, history.column)
    }
    names = {anomaly["anomaly_id"]: name for name, anomaly in anomalies.items()}
    return {name: names.get(anomaly["upstream_anomaly"]) for name, anomaly in anomalies.items()}


def test_what_is_downstream_follows_what_is_farthest_upstream(connection: Connection[TupleRow]) -> None:
    found = {name: (usual(connection), 10.0) for name in ("source", "dim", "mart", "elsewhere")}
    found["between"] = (usual(connection), 1000.0)
    # The view isn't measured, and what lies between is as usual.
    run(connection, found, "view<source", "dim<view", "between<dim", "mart<between", "mart<dim", "other<elsewhere")
    assert followed(found) == {"source": None, "dim": "source", "mart": "source", "elsewhere": None}


def test_of_several_upstream_the_one_most_like_it_is_named(connection: Connection[TupleRow]) -> None:
    table, fact = usual(connection).table, usual(connection).table
    found = {
        "source.city": (usual(connection, "null_share", "city", table=table), 0.9),
        "source.name": (usual(connection, "null_share", "name", table=table), 0.9),
        "source.kinds": (usual(connection, "distinct_share", "city", table=table), 0.9),
        "source": (usual(connection, table=table), 10.0),
        "fact.city": (usual(connection, "null_share", "city", table=fact), 0.9),
        "fact.other": (usual(connection, "null_share", "other", table=fact), 0.9),
        "fact": (usual(connection, table=fact), 10.0),
    }
    run(connection, found, "fact<source")
    by_name = followed(found)
    assert (by_name["fact.city"], by_name["fact"]) == ("source.city", "source")
    # There is no such column upstream: the same metric will do.
    assert by_name["fact.other"] in {"source.city", "source.name"}
    assert {by_name[name] for name in ("source", "source.city", "source.name", "source.kinds")} == {None}


def test_of_two_sources_the_one_that_is_farther_off_is_named(connection: Connection[TupleRow]) -> None:
    found = {"one": (usual(connection), 500.0), "two": (usual(connection), 10.0), "both": (usual(connection), 10.0)}
    run(connection, found, "both<one", "both<two")
    assert followed(found) == {"one": None, "two": None, "both": "two"}


def test_a_slow_build_is_no_cause(connection: Connection[TupleRow]) -> None:
    found = {"slow": (usual(connection, "run_seconds"), 90_000.0), "fact": (usual(connection), 10.0)}
    run(connection, found, "fact<slow")
    assert followed(found) == {"slow": None, "fact": None}


def test_it_is_remembered_when_the_source_is_well_again(connection: Connection[TupleRow]) -> None:
    found = {"source": (usual(connection), 10.0), "dim": (usual(connection), 10.0)}
    run(connection, found, "dim<source")
    run(connection, {"source": (found["source"][0], 1000.0), "dim": found["dim"]}, "dim<source", day=1)
    assert followed(found) == {"source": None, "dim": "source"}
    assert [a["closed_because"] for a in found["source"][0].anomalies()] == ["normal again"]


def listed(environment: dict[str, str], *arguments: str) -> Sequence[str]:
    lines = atlas(environment, "anomalies", "list", *arguments).stdout.decode().splitlines()
    return [line for line in lines if "navigate." in line]


def test_a_list_has_each_before_those_that_follow_it_and_one_answer_does_for_all(
    connection: Connection[TupleRow], database: Settings, environment: dict[str, str]
) -> None:
    connection.execute("truncate quality.measurements, quality.anomalies, quality.anomaly_feedback, quality.incidents")
    environment["ATLAS_DATABASE_URL"] = str(database.database_url)
    first = {name: (usual(connection), 10.0) for name in ("dim", "source")}
    run(connection, first, "dim<source")
    run(connection, {"lone": (usual(connection), 10.0)}, day=1)
    source, dim = (first[name][0] for name in ("source", "dim"))
    root = source.anomalies()[0]["anomaly_id"]
    tables = [a["table_name"].partition(".")[2] for a in list_anomalies(connection)]
    assert tables[1:] == [source.table, dim.table], "the newest, then the fault, then what follows it"
    assert [line.split()[1] for line in listed(environment)] == ["-", "-", str(root)]
    answer = atlas(environment, "anomalies", "expected", str(root), "--downstream", "--note", "a sale").stdout.decode()
    assert [line.split()[1] for line in answer.splitlines()] == [str(root), str(dim.anomalies()[0]["anomaly_id"])]
    assert len(listed(environment)) == 1
    assert [a["note"] for a in list_anomalies(connection, everything=True)][1:] == ["a sale", "a sale"]
