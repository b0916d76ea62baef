"""The inventory: what is held and on whom, as the last run wrote it, and who can see it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from atlas.errors import UsageError

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

ASSETS = """
    select
        a.table_schema || '.' || a.table_name as table_name, nullif(a.column_name, '') as column_name, a.kind,
        a.data_type, a.owner, a.level, a.patterns, a.subject_key, a.retention, a.row_count, a.last_scanned_at,
        coalesce(array_agg(r.login order by r.login) filter (where r.login is not null), '{}') as readable_by,
        coalesce(array_agg(r.login order by r.login) filter (where r.sees_values), '{}') as unmasked_for, a.recorded_at
    from compliance.data_assets as a
    left join compliance.asset_readers as r using (table_schema, table_name, column_name)
    where
        (%(table)s::text is null or a.table_name = %(table)s or a.table_schema || '.' || a.table_name = %(table)s)
        and (
            case
                when %(subject)s
                    then a.column_name <> '' and (a.patterns <> '{}' or a.subject_key is not null)
                else %(table)s::text is not null or a.column_name = ''
            end
        )
    group by a.table_schema, a.table_name, a.column_name
    order by a.table_schema, a.table_name, a.column_name
"""


def read_assets(
    connection: Connection[TupleRow], *, table: str | None = None, subject: bool = False
) -> list[dict[str, Any]]:
    """Assets by column name: all tables, the columns of one, or the columns that hold personal data.

    Args:
        connection: of a role that may read the inventory.
        table: only this table and its columns; with its schema, or without.
        subject: only columns that hold personal data, or say whom a row is about.

    Raises:
        UsageError: there is no such table.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(ASSETS, {"table": table, "subject": subject}).fetchall()
        # A table may be there and hold nothing personal.
        if table is None or found or cursor.execute(ASSETS, {"table": table, "subject": False}).fetchone():
            return found
    raise UsageError(f"No table {table!r} is in the inventory, which each run of dbt writes. See: atlas assets")
