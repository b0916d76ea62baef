"""Histories of measurements, and how the tests have them judged."""

from __future__ import annotations

import itertools
import json
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

# A Monday, in the morning.
START = datetime(2026, 1, 5, 6, tzinfo=UTC)
DAY = timedelta(days=1)
numbers = itertools.count(1)


@dataclass
class History:
    """One series of a table of its own, measured and judged run by run."""

    connection: Connection[TupleRow]
    metric: str = "rows_added"
    column: str | None = None
    start: datetime = START
    step: timedelta = DAY
    table: str = field(default_factory=lambda: f"table_{next(numbers)}")
    length: int = 0

    def add(self, values: Iterable[float | None], *, judged: bool = True) -> str | None:
        """Measure values, one a step, each by a run of its own; returns the last verdict."""
        verdict = None
        for value in values:
            verdict = self.measure(value, self.start + self.length * self.step, judged=judged)
            self.length += 1
        return verdict

    def measure(
        self,
        value: float | None,
        at: datetime,
        *,
        judged: bool = True,
        detail: dict[str, str] | None = None,
        severity: str | None = None,
    ) -> str | None:
        """Measure one value by a run of its own; returns its verdict."""
        run = uuid.uuid4()
        row = self.connection.execute(
            "insert into quality.measurements"
            " (run_id, measured_at, table_schema, table_name, column_name, metric, value, detail)"
            " values (%s, %s, 'navigate', %s, %s, %s, %s, %s) returning measurement_id",
            [run, at, self.table, self.column, self.metric, value, json.dumps(detail) if detail else None],
        ).fetchone()
        assert row
        if judged:
            declared = [
                {
                    "table_schema": "navigate",
                    "table_name": self.table,
                    "column_name": self.column,
                    "metric": self.metric,
                    "severity": severity,
                }
            ]
            self.connection.execute("select quality.judge_run(%s, %s)", [run, json.dumps(declared if severity else [])])
        verdict = self.connection.execute(
            "select verdict from quality.measurements where measurement_id = %s", list(row)
        ).fetchone()
        return verdict[0] if verdict else None

    def load(self, values: Sequence[float | None]) -> None:
        """Put in a history that was never judged."""
        with (
            self.connection.cursor() as cursor,
            cursor.copy(
                "copy quality.measurements"
                " (run_id, measured_at, table_schema, table_name, column_name, metric, value) from stdin"
            ) as copy,
        ):
            for value in values:
                at = self.start + self.length * self.step
                copy.write_row((uuid.uuid4(), at, "navigate", self.table, self.column, self.metric, value))
                self.length += 1

    def last(self) -> dict[str, Any]:
        """The newest measurement, by column name."""
        newest = "select * from quality.measurements where table_name = %s order by measurement_id desc limit 1"
        return self._rows(newest)[0]

    def anomalies(self) -> list[dict[str, Any]]:
        """The series' anomalies, oldest first."""
        return self._rows("select * from quality.anomalies where table_name = %s order by anomaly_id")

    def say(self, feedback: str, **more: Any) -> None:
        """Answer the newest anomaly."""
        self.connection.execute(
            "select quality.give_feedback(%s, %s, %s, %s, %s)",
            [self.anomalies()[-1]["anomaly_id"], feedback, more.get("note"), more.get("since"), more.get("until")],
        )

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), [self.table]).fetchall()


def noisy(count: int, level: float = 1000, spread: float = 0.03, seed: int = 1) -> list[float]:
    """Values around a level, within some per cent."""
    source = random.Random(seed)  # noqa: S311 - the same for everyone
    return [round(level * (1 + spread * source.uniform(-1.7, 1.7)), 6) for _ in range(count)]
