"""Who reads unmasked, and whether pgaudit has that on record. PostgreSQL has no triggers on reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from atlas.database import as_login, connect_migrated
from atlas.errors import AtlasError
from atlas.roles import LEVELS, ROLES

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

RECORDED = "ddl,role,read"
# An owner reads unmasked, too; but its reads are builds.
CLEARANCES = [ROLES[level] for level in LEVELS if level != "public"]
# Where it is loaded, its settings are there. What a session is told by the login's own settings holds for it alone.
PGAUDIT = """
    select case when s.source !~ 'user|session|client' then s.setting else '' end
    from pg_catalog.pg_settings as s
    where s.name = 'pgaudit.log'
"""
# Of a login's settings, the most specific holds.
UNRECORDED = """
    select l.rolname
    from pg_catalog.pg_roles as l
    left join lateral (
        select substring(c.setting from '=(.*)$') as classes
        from pg_catalog.pg_db_role_setting as s
        cross join unnest(s.setconfig) as c (setting)
        where
            s.setrole in (l.oid, 0) and c.setting like 'pgaudit.log=%%'
            and s.setdatabase in (
                select 0 union all select d.oid from pg_catalog.pg_database as d where d.datname = current_database()
            )
        order by s.setrole = 0, s.setdatabase = 0
        limit 1
    ) as o on true
    where
        l.rolcanlogin
        and exists (
            select from compliance.role_grants as g
            where
                g.login = l.rolname and g.login_oid = l.oid and g.revoked_at is null
                and (g.expires_at is null or g.expires_at > clock_timestamp())
                and g.role = any(%(cleared)s)
        )
        and (
            coalesce(o.classes, %(everyone)s) !~* '\\m(all|read)\\M'
            or coalesce(o.classes, %(everyone)s) ~* '-\\s*(all|read)\\M'
        )
    order by l.rolname
"""


def record_reads(connection: Connection[TupleRow], login: str) -> bool:
    """Have pgaudit write down what a login reads from now on, if it is there and we may; returns whether all is well.

    Args:
        connection: in autocommit mode. Its login needs the right to alter the other, and to set pgaudit's setting.
        login: whom a clearance was granted; what it was set to before by hand and holds reads, too, stays.
    """
    if login not in unrecorded(connection):
        return True
    statement = sql.SQL("alter role {} in database {} set pgaudit.log = {}").format(
        sql.Identifier(login), sql.Identifier(connection.info.dbname), sql.Literal(RECORDED)
    )
    try:
        with as_login(connection):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def unrecorded(connection: Connection[TupleRow]) -> list[str]:
    """Logins cleared for more than what is public, whose reads pgaudit isn't told to write down.

    None where it isn't there.
    """
    row = connection.execute(PGAUDIT).fetchone()
    if row is None:
        return []
    asked = {"everyone": row[0], "cleared": CLEARANCES}
    return [login for (login,) in connection.execute(UNRECORDED, asked).fetchall()]


def check_reads(settings: Settings) -> str:
    """Look whether unmasked reads are on record; says so, or that pgaudit isn't there.

    Raises:
        AtlasError: of some logins they aren't.
    """
    with connect_migrated(settings) as connection:
        if connection.execute(PGAUDIT).fetchone() is None:
            return "not on record, since pgaudit isn't there"
        logins = unrecorded(connection)
    if logins:
        raise AtlasError(
            f"pgaudit doesn't write down what {', '.join(logins)} may read unmasked. As a superuser, for each: "
            f"alter role … in database … set pgaudit.log = '{RECORDED}'"
        )
    return "of unmasked values on record, by pgaudit"
