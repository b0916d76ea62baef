"""Series of measurements with faults whose place is known: what detection is measured on, and a test asset.

Everything follows from a seed. A series has what real ones have: a level, a trend, seasons of the week, the day and the
month, noise of one of three kinds, and holidays, which are no faults but look like some. Faults are put in by the
judged time alone, a few per series, weeks apart; sizes are below, and chosen before anything was tuned.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

Kind = Literal["rows_added", "row_count", "freshness_seconds", "null_share", "distinct_share", "mean"]
Noise = Literal["gaussian", "poisson", "heavy"]
FaultName = Literal["drop", "spike", "slow drift", "late", "duplicate load", "null burst"]

BEGIN = datetime(2025, 1, 6, tzinfo=UTC)
HISTORY_DAYS = 200
JUDGED_DAYS = 120
HOURLY_HISTORY_DAYS = 42
HOURLY_JUDGED_DAYS = 14
# Days off of a made-up country, as month and day; a series either knows them or doesn't.
HOLIDAYS = ((1, 1), (1, 6), (4, 18), (4, 21), (5, 1), (5, 29), (6, 9), (7, 27), (8, 15), (9, 8), (10, 3), (11, 1))
# How often each kind of series comes, and which faults it can have.
KINDS: dict[Kind, tuple[float, tuple[FaultName, ...]]] = {
    "rows_added": (0.40, ("drop", "spike", "slow drift", "duplicate load", "late")),
    "row_count": (0.12, ("drop", "spike", "slow drift")),
    "freshness_seconds": (0.14, ("late",)),
    "null_share": (0.16, ("null burst", "slow drift")),
    "distinct_share": (0.06, ("duplicate load", "slow drift")),
    "mean": (0.12, ("drop", "spike", "slow drift")),
}


@dataclass(frozen=True)
class Fault:
    """A fault that was put in.

    Attributes:
        first: index of its first point.
        last: index of its last point.
    """

    name: FaultName
    first: int
    last: int


@dataclass
class Series:
    """One labelled series.

    Attributes:
        judged_from: index of the first point that counts; what is before is history, without faults.
        at: when each value was measured.
        per_day: 1 or 24.
        traits: what it has: weekday, month, trend, holidays and the kind of noise.
    """

    name: str
    kind: Kind
    per_day: int
    judged_from: int
    at: list[datetime]
    values: list[float]
    faults: list[Fault] = field(default_factory=list)
    traits: tuple[str, ...] = ()


class _Shape(NamedTuple):
    level: float
    trend_per_day: float
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    month: dict[int, float]
    holiday: str
    noise: Noise
    spread: float


def make_series(count: int, seed: int, hourly_share: float = 0.1) -> list[Series]:
    """Make ``count`` labelled series; the same seed makes the same ones, everywhere."""
    source = random.Random(seed)
    kinds = [kind for kind in KINDS for _ in range(round(1000 * KINDS[kind][0]))]
    hourly = round(count * hourly_share)
    return [
        _one(f"s{number:03}", source.choice(kinds) if number >= hourly else "rows_added", number < hourly, source)
        for number in range(count)
    ]


def _one(name: str, kind: Kind, is_hourly: bool, source: random.Random) -> Series:
    per_day = 24 if is_hourly else 1
    history = HOURLY_HISTORY_DAYS if is_hourly else HISTORY_DAYS
    days = history + (HOURLY_JUDGED_DAYS if is_hourly else JUDGED_DAYS)
    # Jobs don't start on the second.
    at = [
        BEGIN + timedelta(hours=(6 if per_day == 1 else 0) + 24 / per_day * i, seconds=source.uniform(0, 600))
        for i in range(days * per_day)
    ]
    shape = _shape(kind, is_hourly, source)
    values = [_value(kind, shape, moment, i / per_day, source) for i, moment in enumerate(at)]
    series = Series(name, kind, per_day, history * per_day, at, values, traits=_traits(shape))
    for fault in _faults(kind, per_day, series.judged_from, len(at), source):
        _put_in(series, fault, source)
        series.faults.append(fault)
    return series


def _shape(kind: Kind, is_hourly: bool, source: random.Random) -> _Shape:
    has_week = kind in ("rows_added", "freshness_seconds", "mean") and source.random() < 0.6
    weekend = source.uniform(0.25, 0.85)
    weekdays = tuple(
        (source.uniform(0.95, 1.05) if day < 5 else weekend * source.uniform(0.9, 1.1)) if has_week else 1.0
        for day in range(7)
    )
    peak = source.uniform(9, 20)
    hours = tuple(
        1 + 0.7 * math.cos((hour - peak) / 24 * 2 * math.pi) if is_hourly else 1.0 for hour in range(24)
    )
    month = {}
    if kind == "rows_added" and source.random() < 0.2:
        # Invoices: the last day of a month, or the first, or the fifteenth.
        month = {source.choice((-1, 1, 15)): source.uniform(1.4, 2.5)}
    noise: Noise = "gaussian"
    level = 0.0
    spread = source.uniform(0.03, 0.10)
    if kind in ("rows_added", "row_count"):
        noise = source.choices(("gaussian", "poisson", "heavy"), (5, 3, 2))[0]
        level = math.exp(source.uniform(math.log(300), math.log(1e6)))
        if noise == "poisson":
            level = math.exp(source.uniform(math.log(150), math.log(2_000)))
        if kind == "row_count":
            spread = source.uniform(0.003, 0.02)
    else:
        noise = source.choices(("gaussian", "heavy"), (7, 3))[0]
        if kind == "freshness_seconds":
            level, spread = source.uniform(1, 8) * 3600, source.uniform(0.1, 0.25)
        elif kind == "null_share":
            level, spread = source.choice((0.0, source.uniform(0.002, 0.05), source.uniform(0.05, 0.3))), 0.08
        elif kind == "distinct_share":
            level, spread = source.choice((1.0, source.uniform(0.2, 0.95))), 0.02
        else:
            level = source.uniform(10, 500)
    trend = source.choices((0.0, source.uniform(-0.001, 0.003)), (6, 4))[0]
    if kind in ("freshness_seconds", "null_share", "distinct_share", "mean"):
        trend = 0.0
    if kind == "row_count":
        trend = source.uniform(0.0, 0.004)
    holiday = "unknown"
    if kind == "rows_added":
        # Half of what knows weekends knows holidays, too; of the rest a few have more to do on them.
        holiday = "like Sunday" if has_week and source.random() < 0.5 else "unknown"
        if holiday == "unknown" and source.random() < 0.05:
            holiday = "busy"
    return _Shape(level, trend, weekdays, hours, month, holiday, noise, spread)


def _traits(shape: _Shape) -> tuple[str, ...]:
    return tuple(
        word
        for word, applies in (
            ("weekday", len(set(shape.weekdays)) > 1),
            ("hour", len(set(shape.hours)) > 1),
            ("month", bool(shape.month)),
            ("trend", shape.trend_per_day != 0),
            ("holidays", shape.holiday != "unknown"),
            (shape.noise, True),
        )
        if applies
    )


def _value(kind: Kind, shape: _Shape, at: datetime, day: float, source: random.Random) -> float:
    weekday = at.weekday()
    is_holiday = (at.month, at.day) in HOLIDAYS
    factor = 1.0
    if is_holiday and shape.holiday == "like Sunday":
        weekday = 6
    if is_holiday and shape.holiday == "busy":
        factor = 1.4
    to_end = ((at.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day - at.day
    factor *= shape.month.get(-1 if to_end == 0 else at.day, 1.0)
    mean = shape.level * factor * shape.weekdays[weekday] * shape.hours[at.hour] * math.exp(shape.trend_per_day * day)
    if shape.noise == "poisson":
        return _poisson(mean, source)
    deviate = source.gauss(0, 1) if shape.noise == "gaussian" else _student(source)
    if kind in ("rows_added", "row_count"):
        return float(round(mean * math.exp(shape.spread * deviate)))
    if kind == "freshness_seconds":
        return mean * math.exp(shape.spread * deviate)
    if kind in ("null_share", "distinct_share"):
        # As for shares of some ten thousand rows that aren't drawn quite independently.
        wobble = shape.spread * math.sqrt(max(mean * (1 - mean), 0.0)) * deviate * 0.25
        return min(max(mean + wobble, 0.0), 1.0)
    return mean * (1 + shape.spread * deviate)


def _student(source: random.Random, freedom: int = 4) -> float:
    """Student's t with 4 degrees of freedom, scaled to a standard deviation of 1: heavy tails."""
    chi = sum(source.gauss(0, 1) ** 2 for _ in range(freedom))
    return source.gauss(0, 1) / math.sqrt(chi / freedom) / math.sqrt(freedom / (freedom - 2))


def _poisson(mean: float, source: random.Random) -> float:
    """Near enough for means above 50; counts of events that come in small groups vary a little more."""
    return float(max(0, round(source.gauss(mean, 1.2 * math.sqrt(max(mean, 0.0))))))


def _faults(kind: Kind, per_day: int, first: int, end: int, source: random.Random) -> list[Fault]:
    faults: list[Fault] = []
    # The first fault comes after a while, and two are weeks apart, so that each counts by itself.
    place = first + source.randint(5, 25) * per_day
    while True:
        name = source.choice(KINDS[kind][1])
        if per_day == 24:
            name = source.choice(("drop", "spike", "late"))
            length = source.randint(3, 12)
        elif name == "slow drift":
            length = 28
        else:
            length = {"drop": source.randint(1, 5), "spike": source.randint(1, 3), "late": source.randint(1, 3)}.get(
                name, 1 if name == "duplicate load" else source.randint(1, 4)
            )
        if name == "late" and kind == "rows_added":
            # The point at which all of it comes is the last.
            length += 1
        if place + length + 3 * per_day >= end:
            return faults
        faults.append(Fault(name, place, place + length - 1))
        place += length + source.randint(25, 50) * (per_day if per_day == 1 else per_day // 4)


def _put_in(series: Series, fault: Fault, source: random.Random) -> None:
    """Change the values; the sizes are those of faults that somebody would want to hear of."""
    span = range(fault.first, fault.last + 1)
    values = series.values
    if fault.name == "drop":
        # From 40 % missing to all; of a total or a mean somewhat less is a lot.
        lost = source.uniform(0.4, 1.0) if series.kind == "rows_added" else source.uniform(0.25, 0.9)
        for i in span:
            values[i] = _like(series, values[i] * (1 - lost))
    elif fault.name == "spike":
        factor = source.uniform(1.8, 5.0)
        for i in span:
            values[i] = _like(series, values[i] * factor)
    elif fault.name == "duplicate load":
        for i in span:
            values[i] = values[i] * 2 if series.kind == "rows_added" else values[i] * source.uniform(0.5, 0.85)
    elif fault.name == "late":
        _delay(series, fault, source)
    elif fault.name == "null burst":
        more = source.uniform(0.05, 0.6)
        for i in span:
            values[i] = min(1.0, values[i] + more * (1 - values[i]))
    else:
        _let_drift(series, span, source)


def _delay(series: Series, fault: Fault, source: random.Random) -> None:
    if series.kind == "freshness_seconds":
        delay = source.uniform(12, 36) * 3600
        for days, i in enumerate(range(fault.first, fault.last + 1)):
            series.values[i] += delay + days * 86400
        return
    # What is late is missing first, and comes all at once at the end.
    missing = 0.0
    for i in range(fault.first, fault.last + 1):
        missing += series.values[i]
        series.values[i] = 0.0
    series.values[fault.last] = missing


def _let_drift(series: Series, span: range, source: random.Random) -> None:
    change = source.uniform(0.3, 0.7) * source.choice((-1, 1))
    for step, i in enumerate(span, start=1):
        part = step / len(span)
        if series.kind == "null_share":
            series.values[i] = min(1.0, series.values[i] + source.uniform(0.9, 1.1) * part * abs(change) * 0.3)
        elif series.kind == "distinct_share":
            series.values[i] *= 1 - part * abs(change) * 0.5
        else:
            series.values[i] = _like(series, series.values[i] * math.exp(part * change))


def _like(series: Series, value: float) -> float:
    return float(round(value)) if series.kind in ("rows_added", "row_count") else value
