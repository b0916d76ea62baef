"""Anomalies, listed and answered; the database itself judges and remembers (``quality.give_feedback``)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from psycopg.rows import dict_row

from atlas.errors import UsageError

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

Feedback = Literal["acknowledged", "expected", "incident"]

# Those that one fault may have made stand together, what is farthest upstream first.
ANOMALIES = """
    select
        a.anomaly_id, a.severity, a.state, a.opened_at, a.last_at, a.points, a.closed_at, a.closed_because,
        a.table_schema || '.' || a.table_name as table_name, a.column_name, a.metric, a.method, a.seen, a.expected,
        a.low, a.high, a.deviation, a.sentence, a.upstream_anomaly,
        u.table_schema || '.' || u.table_name as upstream_table, f.note, f.given_by, f.given_at
    from quality.anomalies as a
    left join quality.anomalies as u on u.anomaly_id = a.upstream_anomaly
    left join lateral (
        select l.note, l.given_by, l.given_at
        from quality.anomaly_feedback as l
        where l.anomaly_id = a.anomaly_id
        order by l.feedback_id desc
        limit 1
    ) as f on true
    where %(everything)s or a.closed_at is null
    order by
        a.closed_at is not null,
        min(a.severity) over (partition by a.closed_at is not null, coalesce(u.anomaly_id, a.anomaly_id)),
        coalesce(u.opened_at, a.opened_at) desc, coalesce(u.anomaly_id, a.anomaly_id) desc,
        u.anomaly_id nulls first, a.severity, a.anomaly_id
    limit %(limit)s
"""


def list_anomalies(
    connection: Connection[TupleRow], *, everything: bool = False, limit: int = 100
) -> list[dict[str, Any]]:
    """Anomalies by column name, those that last first; with ``everything``, also those that are over.

    After each stand those that follow it downstream, with its number as ``upstream_anomaly``.

    ``seen``, ``expected``, ``low`` and ``high`` are in the metric's unit (rows, seconds, a share from 0 to 1),
    ``deviation`` in units of the series' usual spread.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(ANOMALIES, {"everything": everything, "limit": limit}).fetchall()


def following(connection: Connection[TupleRow], anomaly_id: int) -> list[int]:
    """Anomalies that last and follow this one downstream, by number."""
    found = connection.execute(
        "select anomaly_id from quality.anomalies where upstream_anomaly = %s::numeric and closed_at is null"
        " order by anomaly_id",
        [anomaly_id],
    )
    return [number for (number,) in found.fetchall()]


def give_feedback(
    connection: Connection[TupleRow],
    anomaly_id: int,
    feedback: Feedback,
    *,
    note: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> str:
    """Say what an anomaly is; what comes is judged by that. Returns the anomaly's sentence.

    Args:
        connection: in autocommit mode.
        anomaly_id: as ``atlas anomalies list`` names it.
        feedback: ``acknowledged`` changes no judgement, but it isn't reported again; ``expected`` is learned from;
            from an ``incident`` nothing is.
        note: why; kept with who said so, and when.
        since: when an incident began, if that isn't when it was first seen.
        until: when it ended, if that isn't when it was last seen.

    Raises:
        UsageError: there is no such anomaly, the incident would begin in the future or end before it began, or the note
            isn't text.
    """
    if since is not None and since > datetime.now(UTC):
        raise UsageError("An incident can't begin in the future: look at --from.")
    try:
        connection.execute(
            "select quality.give_feedback(%s::bigint, %s, %s, %s, %s)", [anomaly_id, feedback, note, since, until]
        )
    except (psycopg.errors.NoDataFound, psycopg.errors.NumericValueOutOfRange) as error:
        raise UsageError(f"There is no anomaly {anomaly_id}; see `atlas anomalies list --all`.") from error
    except psycopg.errors.CheckViolation as error:
        raise UsageError("An incident can't end before it began: look at --from and --to.") from error
    except UnicodeEncodeError as error:
        raise UsageError("The note isn't text in UTF-8.") from error
    row = connection.execute("select sentence from quality.anomalies where anomaly_id = %s", [anomaly_id]).fetchone()
    return str(row[0]) if row else ""
