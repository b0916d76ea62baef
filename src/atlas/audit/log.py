"""Reading the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection
    from psycopg.rows import TupleRow

LOG = """
    select
        l.entry_id, l.logged_at, l.login, l.acting_as, l.application, l.client::text as client,
        l.table_schema || '.' || l.table_name as table_name, l.operation, l.row_count, l.keys, l.before, l.after,
        l.transaction_id::text::bigint as transaction_id, s.seal
    from compliance.audit_log as l
    left join compliance.audit_seals as s on s.entries @> l.entry_id
    where
        (%(table)s::text is null or l.table_name = %(table)s or l.table_schema || '.' || l.table_name = %(table)s)
        and (%(since)s::timestamptz is null or l.logged_at >= %(since)s)
        and (%(who)s::text is null or l.login = %(who)s or l.acting_as = %(who)s)
    order by l.entry_id desc
    limit %(limit)s
"""


def read_log(
    connection: Connection[TupleRow],
    *,
    table: str | None = None,
    since: datetime | None = None,
    who: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Entries by column name, the newest first.

    Args:
        connection: of a role that may read the log.
        table: only of this table; with its schema, or without.
        since: not before.
        who: only of this login, or of who acted as this role.
        limit: how many at most.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(LOG, {"table": table, "since": since, "who": who, "limit": limit}).fetchall()
