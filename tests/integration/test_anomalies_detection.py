"""What the benchmark of detection measures, in small: enough to see that it isn't getting worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.detection import judged_by_atlas, judged_by_baseline, scored
from bench.series import make_series

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

SERIES = 30
SEED = 4
LEAST_RECALL = 0.9
MOST_FALSE_ALARMS = 1.5


def test_faults_are_found_with_few_false_alarms(connection: Connection[TupleRow]) -> None:
    all_series = make_series(SERIES, SEED, hourly_share=0)
    alarms, _ = judged_by_atlas(connection, all_series)
    found = scored(all_series, alarms)
    plain = scored(all_series, {series.name: judged_by_baseline(series.values) for series in all_series})
    assert found.faults.total() > 60
    assert found.recall >= LEAST_RECALL, found
    assert found.false_alarms_per_30_months <= MOST_FALSE_ALARMS, found.why
    assert found.recall > plain.recall
    assert found.precision > plain.precision
    assert found.false_alarms < plain.false_alarms


def test_a_seed_makes_the_same_series_everywhere() -> None:
    first, again, other = (make_series(12, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert all(series.faults == sorted(series.faults, key=lambda fault: fault.first) for series in first)
    assert all(series.judged_from <= fault.first for series in first for fault in series.faults)
