"""Judging as runs do it: off the beaten track, at once, and many."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from anomaly_support import DAY, START, History, noisy

from atlas.cli import main
from atlas.database import connect

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

# Ten times what it takes on an idle machine of the benchmarks.
MOST_SECONDS = 60
HOUR = timedelta(hours=1)


def test_days_without_a_run_are_no_matter(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(20))
    history.length += 25
    history.load(noisy(15))
    history.length += 3
    assert history.add([1000]) == "normal"
    history.length += 10
    assert history.add([300]) == "anomalous"


def test_many_runs_in_an_hour_tell_no_more_than_one(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    for minute in range(30):
        history.measure(1500, START + 39 * DAY + timedelta(minutes=minute), judged=False)
    assert history.add([1000]) == "normal"
    assert history.last()["expected"] == pytest.approx(1000, rel=0.03)


def test_several_runs_a_day_are_told_apart_by_their_hour(connection: Connection[TupleRow]) -> None:
    history = History(connection, step=12 * HOUR)
    history.load([v * (1 if i % 2 == 0 else 0.3) for i, v in enumerate(noisy(80))])
    assert history.add([1000, 300]) == "normal"
    assert history.add([300]) == "anomalous"


def test_a_clock_that_goes_back_stops_nobody(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    assert history.measure(100, START + 41 * DAY) == "anomalous"
    assert history.measure(100, START + 38 * DAY) == "anomalous"
    assert history.measure(1000, START + 38 * DAY) == "normal"
    assert history.measure(1000, START - 10 * DAY) == "learning"
    assert len(history.anomalies()) == 1


def measured_at_once(connection: Connection[TupleRow], history: History) -> list[uuid.UUID]:
    """Four runs that see the same drop, none of them judged yet."""
    history.load(noisy(40))
    runs = [uuid.uuid4() for _ in range(4)]
    for number, run in enumerate(runs):
        connection.execute(
            "insert into quality.measurements (run_id, measured_at, table_schema, table_name, metric, value)"
            " values (%s, %s, 'navigate', %s, 'rows_added', 10)",
            [run, START + 40 * DAY + number * HOUR, history.table],
        )
    return runs


def test_what_waits_for_its_verdict_teaches_nothing(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    runs = measured_at_once(connection, history)
    for number in (3, 0, 1, 2):
        connection.execute("select quality.judge_run(%s)", [runs[number]])
    assert [a["points"] for a in history.anomalies()] == [4]


def test_two_runs_at_once_open_one_anomaly(settings: Settings, connection: Connection[TupleRow]) -> None:
    history = History(connection)
    runs = measured_at_once(connection, history)
    failures = []

    def judge(run: uuid.UUID) -> None:
        try:
            with connect(settings) as own:
                own.execute("select quality.judge_run(%s)", [run])
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=judge, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [a["points"] for a in history.anomalies()] == [4]


def test_of_what_a_run_measures_twice_the_last_counts(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    run = uuid.uuid4()
    for seconds, value in enumerate((10, 1000)):
        connection.execute(
            "insert into quality.measurements (run_id, measured_at, table_schema, table_name, metric, value)"
            " values (%s, %s, 'navigate', %s, 'rows_added', %s)",
            [run, START + 40 * DAY + timedelta(seconds=seconds), history.table, value],
        )
    assert connection.execute("select quality.judge_run(%s)", [run]).fetchone() == (0,)
    assert connection.execute("select quality.judge_run(%s)", [run]).fetchone() == (0,)
    assert history.last()["verdict"] == "normal"


def test_what_is_switched_off_is_kept_but_not_judged(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    at = START + 40 * DAY
    assert history.measure(10, at, severity="off") == "off"
    assert history.measure(10, at + DAY, severity="error") == "anomalous"
    assert [a["severity"] for a in history.anomalies()] == ["error"]


def test_a_columns_word_goes_before_its_tables(connection: Connection[TupleRow]) -> None:
    history = History(connection, metric="null_share", column="city")
    history.load([0.1] * 40)
    run = uuid.uuid4()
    connection.execute(
        "insert into quality.measurements (run_id, measured_at, table_schema, table_name, column_name, metric, value)"
        " values (%s, %s, 'navigate', %s, 'city', 'null_share', 0.9)",
        [run, START + 40 * DAY, history.table],
    )
    said = {"table_schema": "navigate", "table_name": history.table, "metric": "null_share"}
    declared = [said | {"severity": "off"}, said | {"column_name": "city", "severity": "error"}]
    assert connection.execute("select quality.judge_run(%s, %s)", [run, json.dumps(declared)]).fetchone() == (1,)
    assert history.anomalies()[0]["severity"] == "error"


def test_what_is_old_is_forgotten(connection: Connection[TupleRow]) -> None:
    days = "select round(extract(epoch from now() - {} + interval '1 hour') / 86400)::int from quality.{} order by 1"
    kept = [days.format(*of).encode() for of in (("measured_at", "measurements"), ("profiled_at", "column_profiles"))]
    connection.execute(
        "insert into quality.measurements (run_id, measured_at, table_schema, table_name, metric, value)"
        " select gen_random_uuid(), now() - day * interval '1 day', 'navigate', 'old', 'row_count', 1"
        " from unnest(array[1, 199, 201, 900]) as day"
    )
    connection.execute(
        "select pipeline.ensure_partitions("
        "'quality.column_profiles', 'year', array_agg(now() - day * interval '1 day'))"
        " from unnest(array[1, 199, 201, 900]) as day"
    )
    connection.execute(
        "insert into quality.column_profiles (run_id, profiled_at, table_schema, table_name, column_name, place,"
        " data_type, row_count, rows_read, nulls, distinct_count, distinct_low, distinct_high)"
        " select gen_random_uuid(), now() - day * interval '1 day', 'navigate', 'old', 'n', 1, 'text', 1, 1, 0, 1, 1, 1"
        " from unnest(array[1, 199, 201, 900]) as day"
    )
    for days_kept, left in ((None, [1, 199, 201, 900]), (200, [1, 199]), (200, [1, 199])):
        connection.execute("select quality.forget(%s)", [days_kept])
        assert [[day for (day,) in connection.execute(query).fetchall()] for query in kept] == [left, left]


def test_ten_thousand_series_are_judged_in_seconds(connection: Connection[TupleRow]) -> None:
    run = uuid.uuid4()
    connection.execute(
        """
        insert into quality.measurements (run_id, measured_at, table_schema, table_name, metric, value)
        select
            case when day = 30 then %s else gen_random_uuid() end,
            timestamptz '2026-01-05 06:00Z' + day * interval '1 day', 'navigate', 'many_' || series, 'rows_added',
            1000 + (series * 31 + day * 17) %% 50 - case when day = 30 and series <= 7 then 900 else 0 end
        from generate_series(1, 10000) as series
        cross join generate_series(0, 30) as day
        """,
        [run],
    )
    connection.execute("analyze quality.measurements")
    started = time.monotonic()
    opened = connection.execute("select quality.judge_run(%s)", [run]).fetchone()
    took = time.monotonic() - started
    assert opened == (7,)
    assert took < MOST_SECONDS


def atlas(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "atlas", "anomalies", *arguments],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )


def test_anomalies_are_listed_and_answered(connection: Connection[TupleRow], environment: dict[str, str]) -> None:
    assert "No anomaly lasts" in atlas(environment, "list").stdout
    history = History(connection, table="fct_order")
    history.load(noisy(40))
    history.add([10])
    listed: list[dict[str, Any]] = json.loads(atlas(environment, "list", "--json").stdout)
    assert [(a["table_name"], a["metric"], a["state"], a["seen"]) for a in listed] == [
        ("navigate.fct_order", "rows_added", "open", 10.0)
    ]
    number = str(listed[0]["anomaly_id"])
    assert "Rows added in navigate.fct_order: 10, expected" in atlas(environment, "list").stdout
    assert atlas(environment, "ack", number).stdout.startswith(f"Anomaly {number} is acknowledged: Rows added in")
    cut = atlas(environment, "incident", number, "--from", "2026-02-10", "--to", "2026-02-14 08:00", "--note", "cut")
    assert cut.stdout.startswith(f"Anomaly {number} is an incident: ")
    assert connection.execute(
        "select began_at = '2026-02-10Z', ended_at = '2026-02-14 08:00Z', note from quality.incidents"
    ).fetchall() == [(True, True, "cut")]
    assert atlas(environment, "expected", number, "--note", "a strike").returncode == 0
    assert "No anomaly lasts" in atlas(environment, "list").stdout
    (over,) = json.loads(atlas(environment, "list", "--all", "--json").stdout)
    assert (over["state"], over["closed_because"], over["note"]) == ("expected", "feedback", "a strike")


def test_what_is_mistyped_is_answered_in_a_sentence(
    settings: Settings,
    connection: Connection[TupleRow],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ATLAS_DATABASE_URL", str(settings.database_url))
    history = History(connection)
    history.load(noisy(40))
    history.add([10])
    number = str(history.anomalies()[0]["anomaly_id"])
    for arguments, words in (
        (("ack", "99"), "There is no anomaly 99"),
        (("expected", "99999999999999999999"), "There is no anomaly"),
        (("expected", "99999999999999999999", "--downstream"), "There is no anomaly"),
        (("ack", "seven"), "Invalid value for 'ID'"),
        (("ack", number, "--note", "\udcff"), "The note isn't text in UTF-8"),
        (("incident", number, "--from", "yesterday"), "Invalid value for '--from'"),
        (("incident", number, "--from", "2100-01-01"), "can't begin in the future"),
        (("incident", number, "--from", "2026-03-02", "--to", "2026-03-01"), "can't end before it began"),
        (("list", "--limit", "0"), "Invalid value for '--limit'"),
        (("list", "--limit", "99999999999999999999"), "Invalid value for '--limit'"),
    ):
        monkeypatch.setattr(sys, "argv", ["atlas", "anomalies", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert (ended.value.code, words in " ".join(said.split())) == (2, True), said
    assert history.anomalies()[0]["state"] == "open"
