"""Measurements, judged by their own past."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from anomaly_support import DAY, START, History, noisy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
METRICS = ["row_count", "rows_added", "freshness_seconds", "null_share", "distinct_share", "mean", "stddev"]


@pytest.fixture(name="connection", scope="module")
def of_the_module(database: Settings) -> Iterator[Connection[TupleRow]]:
    """One database for all: each test has tables of its own."""
    with connect(database) as opened:
        yield opened


@FEW
@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=14),
    metric=st.sampled_from(METRICS),
)
def test_nothing_alarms_before_there_is_a_history(
    connection: Connection[TupleRow], values: list[float], metric: str
) -> None:
    history = History(connection, metric=metric)
    history.load(values[:-1])
    assert history.add(values[-1:]) in ("learning", "unmeasured")
    assert history.anomalies() == []


@FEW
@given(last=st.floats(-1e140, 1e140), metric=st.sampled_from(METRICS))
def test_what_is_judged_never_trains_itself(connection: Connection[TupleRow], last: float, metric: str) -> None:
    level = 0.4 if metric.endswith("share") else 1000
    histories = [History(connection, metric=metric) for _ in range(2)]
    for history, value in zip(histories, (level, last), strict=True):
        history.load(noisy(40, level))
        history.add([value])
    usual, other = (history.last() for history in histories)
    assert [usual[name] for name in ("expected", "low", "high")] == [
        other[name] for name in ("expected", "low", "high")
    ]


@FEW
@given(
    last=st.floats(0.1, 10),
    power=st.integers(-40, 40),
    metric=st.sampled_from(["mean", "median", "stddev"]),
)
def test_the_unit_of_a_number_does_not_matter(
    connection: Connection[TupleRow], last: float, power: int, metric: str
) -> None:
    values = [*noisy(40), 1000 * last]
    found = []
    for factor in (1.0, 2.0**power, -(2.0**power)):
        history = History(connection, metric=metric)
        history.load([factor * value for value in values[:-1]])
        history.add([factor * values[-1]])
        found.append(history.last())
    assert len({row["verdict"] for row in found}) == 1
    deviations = [row["deviation"] for row in found]
    assert deviations[1] == pytest.approx(deviations[0], rel=1e-6, abs=1e-6)
    assert deviations[2] == pytest.approx(-deviations[0], rel=1e-6, abs=1e-6)


@FEW
@given(shift=st.floats(-5000, 5000), last=st.floats(700, 1300))
def test_where_zero_lies_does_not_matter_to_a_number(
    connection: Connection[TupleRow], shift: float, last: float
) -> None:
    deviations = []
    for by in (0.0, shift):
        history = History(connection, metric="mean")
        history.load([by + value for value in noisy(40, spread=0.2)])
        history.add([by + last])
        deviations.append(history.last()["deviation"])
    assert deviations[1] == pytest.approx(deviations[0], rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, 1e200])
def test_what_is_no_number_is_neither_judged_nor_learned_from(
    connection: Connection[TupleRow], value: float | None
) -> None:
    history = History(connection, metric="mean")
    history.load([*noisy(20), value, value, *noisy(10), value])
    assert history.add([value]) == "unmeasured"
    assert history.add([1000]) == "normal"
    assert history.last()["expected"] == pytest.approx(1000, rel=0.03)


def test_what_cant_be_negative_counts_as_none(connection: Connection[TupleRow]) -> None:
    # A clock that runs ahead makes data younger than now.
    history = History(connection, metric="freshness_seconds")
    history.load([3600.0] * 20)
    assert history.add([-5.0]) == "normal"
    counted = History(connection)
    counted.load(noisy(20))
    assert counted.add([-1000.0]) == "anomalous"


def test_one_point_is_learned_from(connection: Connection[TupleRow]) -> None:
    assert History(connection).add([5]) == "learning"


@pytest.mark.parametrize(
    ("metric", "value", "other", "verdict"),
    [
        ("mean", 0.3, 0.1 + 0.2, "normal"),
        ("mean", 100.0, 100.2, "normal"),
        ("mean", 100.0, 110.0, "anomalous"),
        ("mean", 0.0, 1.0, "anomalous"),
        ("null_share", 0.0, 0.0001, "normal"),
        ("null_share", 0.0, 0.05, "anomalous"),
        ("distinct_share", 1.0, 0.9, "anomalous"),
        ("row_count", 5.0, 6.0, "normal"),
        ("row_count", 54.0, 27.0, "anomalous"),
        ("row_count", 1_000_000.0, 1_010_000.0, "normal"),
        ("row_count", 1_000_000.0, 900_000.0, "anomalous"),
        ("rows_added", 5.0, 0.0, "anomalous"),
        ("run_seconds", 0.1, 0.4, "normal"),
        ("run_seconds", 60.0, 300.0, "anomalous"),
        ("run_seconds", 60.0, 1.0, "normal"),
        ("freshness_seconds", 3600.0, 90_000.0, "anomalous"),
        ("freshness_seconds", 3600.0, 60.0, "normal"),
        ("category_shift", 0.01, 0.6, "anomalous"),
        ("failed_share", 0.0, 0.2, "anomalous"),
    ],
)
def test_a_constant_series_alarms_on_real_change_alone(
    connection: Connection[TupleRow], metric: str, value: float, other: float, verdict: str
) -> None:
    history = History(connection, metric=metric)
    history.load([value] * 30)
    assert history.add([value]) == "normal"
    assert history.add([other]) == verdict


def weekly(count: int, level: float = 1000) -> list[float]:
    return [v * (0.4 if (START + i * DAY).weekday() >= 5 else 1) for i, v in enumerate(noisy(count, level))]


def test_weekdays_are_told_apart_once_the_history_carries_it(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(weekly(61))
    # The 62nd day is a Saturday.
    assert (START + 61 * DAY).weekday() == 5
    assert history.add([400]) == "normal"
    assert history.last()["season"] == "a Saturday"
    assert history.add([1000]) == "anomalous"
    (anomaly,) = history.anomalies()
    assert "for a Sunday" in anomaly["sentence"]


def test_a_weekday_like_a_sunday_is_let_pass_once(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(weekly(56))
    assert history.add([400]) == "day off"
    assert history.add([400]) == "anomalous"


def test_the_ends_of_months_are_told_apart(connection: Connection[TupleRow]) -> None:
    history = History(connection, start=datetime(2025, 11, 1, 6, tzinfo=UTC))
    days = [history.start + i * DAY for i in range(150)]
    history.load([v * (3 if (d + DAY).day == 1 else 1) for v, d in zip(noisy(150), days, strict=True)][:150])
    assert history.start + 150 * DAY == datetime(2026, 3, 31, 6, tzinfo=UTC)
    assert history.add([3000]) == "normal"
    assert history.last()["season"] == "the last day of a month"
    assert history.add([3000]) == "anomalous"


def test_hours_are_told_apart(connection: Connection[TupleRow]) -> None:
    history = History(connection, step=timedelta(hours=1))
    by_hour = [1000 * (0.2 if (history.start + i * history.step).hour < 6 else 1) for i in range(24 * 21)]
    history.load([v * n / 1000 for v, n in zip(by_hour, noisy(len(by_hour)), strict=True)])
    night = datetime(2026, 1, 26, 6, tzinfo=UTC) + timedelta(hours=20)
    assert history.measure(200, night) == "normal"
    assert history.measure(1000, night + timedelta(hours=1)) == "anomalous"
    assert "at 03:00 UTC" in history.anomalies()[0]["sentence"]


def test_growth_is_expected_to_go_on(connection: Connection[TupleRow]) -> None:
    history = History(connection, metric="row_count")
    history.load([1000 * 1.02**day for day in range(100)])
    assert history.add([1000 * 1.02**100]) == "normal"
    assert history.add([1000 * 1.02**80]) == "anomalous"


def test_a_slow_drift_is_noticed(connection: Connection[TupleRow]) -> None:
    history = History(connection, metric="mean")
    history.load(noisy(80, spread=0.05))
    verdicts = [history.add([v * (1 + 0.01 * day)]) for day, v in enumerate(noisy(28, spread=0.05, seed=2), start=1)]
    assert "anomalous" in verdicts[:21]
    assert history.anomalies()[0]["is_above"]


def test_one_anomaly_lasts_and_ends(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    assert [history.add([v]) for v in (100, 120, 90, 100)] == ["anomalous"] * 4
    (anomaly,) = history.anomalies()
    assert (anomaly["points"], anomaly["closed_at"], anomaly["state"]) == (4, None, "open")
    # Where it was farthest off.
    assert anomaly["seen"] == 90
    assert history.add([1000]) == "normal"
    (anomaly,) = history.anomalies()
    assert anomaly["closed_because"] == "normal again"
    assert anomaly["last_at"] == START + 43 * DAY
    # What was wrong for days has taught nothing.
    assert history.add([1000]) == "normal"
    assert history.last()["expected"] == pytest.approx(1000, rel=0.03)


def test_what_lasts_for_weeks_settles(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(60))
    history.add(noisy(31, 500))
    (anomaly,) = history.anomalies()
    assert anomaly["closed_because"] == "settled"
    assert history.add([500]) == "normal"


def test_a_level_said_to_be_expected_stops_alarming_at_once(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(60))
    assert history.add([2000]) == "anomalous"
    history.say("expected", note="a new shop")
    assert history.anomalies()[0]["closed_because"] == "feedback"
    assert {history.add([v]) for v in noisy(20, 2000, seed=3)} == {"normal"}
    # By now it is what is expected, and what was before is not.
    assert history.last()["expected"] == pytest.approx(2000, rel=0.05)
    assert history.add([1000]) == "anomalous"


def test_a_single_expected_outlier_does_not_make_the_usual_alarm(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(60))
    assert history.add([2000]) == "anomalous"
    history.say("expected")
    assert {history.add([v]) for v in noisy(20, seed=3)} == {"normal"}


def test_nothing_is_learned_from_an_incident(connection: Connection[TupleRow]) -> None:
    # Nobody noticed for weeks, and the rule that it settles after a while has made it usual.
    history = History(connection)
    history.load(noisy(60))
    history.add(noisy(31, 500))
    assert history.add([500]) == "normal"
    history.say("incident", until=START + 92 * DAY)
    assert history.add([500]) == "anomalous"
    assert history.anomalies()[-1]["expected"] == pytest.approx(1000, rel=0.05)


def test_an_incident_that_lasts_ends_with_the_first_normal_measurement(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    history.add([10, 10])
    history.say("incident", since=START + 38 * DAY, note="the feed was cut")
    ended = "select began_at, ended_at, note from quality.incidents where table_name = %s"
    assert connection.execute(ended, [history.table]).fetchone() == (START + 38 * DAY, None, "the feed was cut")
    assert history.add([10]) == "anomalous"
    assert history.add([1000]) == "normal"
    row = connection.execute(ended, [history.table]).fetchone()
    assert row
    assert row[1] == START + 42 * DAY


def test_acknowledging_changes_no_judgement(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    history.add([10])
    history.say("acknowledged")
    assert history.add([10]) == "anomalous"
    assert [a["state"] for a in history.anomalies()] == ["acknowledged"]


def test_the_last_word_counts_and_all_are_kept(connection: Connection[TupleRow]) -> None:
    history = History(connection)
    history.load(noisy(40))
    history.add([10])
    for feedback in ("acknowledged", "incident", "expected"):
        history.say(feedback)
    assert connection.execute("select from quality.incidents where table_name = %s", [history.table]).rowcount == 0
    said = connection.execute(
        "select feedback from quality.anomaly_feedback where anomaly_id = %s and given_by = session_user"
        " and given_at <= clock_timestamp() order by feedback_id",
        [history.anomalies()[0]["anomaly_id"]],
    ).fetchall()
    assert said == [("acknowledged",), ("incident",), ("expected",)]


def test_what_columns_there_are_is_compared(connection: Connection[TupleRow]) -> None:
    history = History(connection, metric="schema_hash")
    before = {"id": "bigint", "amount": "numeric", "phone": "text"}
    after = {"id": "bigint", "amount": "text", "city": "text"}
    assert history.measure(1, START, detail=before) == "normal"
    assert history.measure(1, START + DAY, detail=before) == "normal"
    assert history.measure(2, START + 2 * DAY, detail=after) == "anomalous"
    assert history.measure(2, START + 3 * DAY, detail=after) == "anomalous"
    (anomaly,) = history.anomalies()
    assert anomaly["sentence"] == (
        f"Columns of navigate.{history.table} changed: amount is text, was numeric; city is new (text); phone is gone."
    )
    history.say("expected")
    assert history.measure(2, START + 4 * DAY, detail=after) == "normal"
    assert history.measure(1, START + 5 * DAY, detail=before) == "anomalous"


def test_an_anomaly_says_what_was_expected_and_how_far_off_it_is(connection: Connection[TupleRow]) -> None:
    history = History(connection, metric="row_count")
    history.load([1000] * 40)
    history.add([512])
    (anomaly,) = history.anomalies()
    assert anomaly["sentence"] == (
        f"Rows in navigate.{history.table}: 512, expected 924 to 1,082; 42 times its usual spread below."
    )


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1234567.0, "rows", "1,234,567"),
        (0.0512, "share", "5.1 %"),
        (0.00012, "share", "0.012 %"),
        (0.0, "share", "0 %"),
        (1.0, "share", "100 %"),
        (12.34, "seconds", "12.3 s"),
        (600.0, "seconds", "10 min"),
        (9000.0, "seconds", "2.5 h"),
        (259200.0, "seconds", "3 days"),
        (123456.789, "number", "123457"),
        (0.00123456, "number", "0.001235"),
        (0.0, "number", "0"),
        (-12.3456, "number", "-12.35"),
        (1e100, "number", "1.00e+100"),
    ],
)
def test_values_are_written_as_people_read_them(
    connection: Connection[TupleRow], value: float, unit: str, words: str
) -> None:
    assert connection.execute("select quality.in_words(%s, %s)", [value, unit]).fetchone() == (words,)
