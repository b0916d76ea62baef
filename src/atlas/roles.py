"""Who was granted which of Atlas's roles, until when. The database keeps it, and asks it of each query itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from atlas.database import as_login, connect_migrated
from atlas.errors import AtlasError, DataError, UsageError

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

LEVELS = ("public", "internal", "confidential", "restricted", "secret")
OWNER = "atlas_owner"
ROLES = {
    "read": "atlas_read",
    "write": "atlas_write",
    "admin": "atlas_admin",
    "owner": OWNER,
    **{level: f"atlas_clearance_{level}" for level in LEVELS},
}
NAMES = {role: name for name, role in ROLES.items()}

# Memberships of logins, and grants that stand. From PostgreSQL 16 on, who made a role may grant it without having it.
GRANTS = """
    with members as (
        select l.rolname as login, r.rolname as role, string_agg(distinct g.rolname, ', ') as grantors
        from pg_catalog.pg_auth_members as m
        inner join pg_catalog.pg_roles as l on l.oid = m.member
        inner join pg_catalog.pg_roles as r on r.oid = m.roleid
        left join pg_catalog.pg_roles as g on g.oid = m.grantor
        where
            r.rolname = any(%(roles)s) and l.rolname <> all(%(roles)s)
            and (
                coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
                or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)
            )
        group by l.rolname, r.rolname
    )
    select
        login, role, g.granted_by, g.granted_at, g.expires_at, m.grantors,
        case
            when g.grant_id is null then 'by hand'
            when to_regrole(quote_ident(login)) is distinct from g.login_oid::regrole then 'of a login that is gone'
            when g.expires_at <= clock_timestamp() then 'expired'
            when m.role is null then 'taken away by hand'
            else 'in force'
        end as state
    from (select * from compliance.role_grants where revoked_at is null) as g
    full join members as m using (login, role)
    order by login, array_position(%(roles)s, role)
"""
COMPLAINTS = """
    select format('%%s is a superuser, bypasses row-level security or can log in', r.rolname)
    from pg_catalog.pg_roles as r
    where r.rolname = any(%(roles)s) and (r.rolsuper or r.rolbypassrls or r.rolcanlogin)
    union all
    select format('There is no role %%s. Run: atlas migrate', w.name)
    from unnest(%(roles)s::text[]) as w (name)
    where to_regrole(w.name) is null
    union all
    select format('%%s doesn''t work as atlas_owner by default. Run: atlas migrate', session_user)
    where not exists (
        select
        from pg_catalog.pg_db_role_setting as s
        inner join pg_catalog.pg_database as d on d.oid = s.setdatabase
        inner join pg_catalog.pg_roles as r on r.oid = s.setrole
        where d.datname = current_database() and r.rolname = session_user and 'role=atlas_owner' = any(s.setconfig)
    )
    union all
    select 'Everybody may connect to the database. Run, as its owner: atlas migrate'
    where has_database_privilege('public', current_database(), 'connect')
    union all
    select format('%%s belongs to %%s, not to atlas_owner', c.oid::regclass, c.relowner::regrole)
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where
        n.nspname in ('explore', 'chart', 'navigate', 'navigate_base', 'pipeline', 'quality', 'compliance')
        and c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relowner <> n.nspowner
"""
# Logins above the limits: with roles of Atlas and an attribute for which PostgreSQL limits nothing, or with a way to
# the tables behind the views and no owner's grant on record. Superusers that have no role of Atlas's are the DBA's.
UNLIMITED = """
    with logins as (
        select
            l.*,
            g.is_owner,
            g.is_on_record or exists (
                select from pg_catalog.pg_auth_members as m
                where m.member = l.oid and m.roleid::regrole::text = any(%(roles)s)
            ) as is_atlas
        from pg_catalog.pg_roles as l
        cross join lateral (
            select count(*) > 0 as is_on_record, coalesce(bool_or(r.role = 'atlas_owner'), false) as is_owner
            from compliance.role_grants as r
            where r.login = l.rolname and r.login_oid = l.oid and r.revoked_at is null
        ) as g
        where l.rolcanlogin
    )

    select
        l.rolname::text,
        format(
            'it has %%s, so nothing limits what it sees. Its DBA: alter role %%I no%%s',
            a.name, l.rolname, lower(a.name)
        )
    from logins as l
    cross join lateral (
        values
        ('SUPERUSER', l.rolsuper),
        ('BYPASSRLS', l.rolbypassrls),
        ('REPLICATION', l.rolreplication and not l.is_owner),
        -- Before PostgreSQL 16, who may make roles may grant himself any.
        ('CREATEROLE', l.rolcreaterole and not l.is_owner and current_setting('server_version_num')::integer < 160000)
    ) as a (name, is_set)
    where l.is_atlas and a.is_set
    union all
    select
        l.rolname,
        format('it is a member of %%I, by no grant on record, and so reads the tables behind the views. ', d.rolname)
        || case d.rolname
            when 'atlas_owner' then format('To end it: atlas roles revoke %%I owner', l.rolname)
            else format('Its DBA: revoke %%I from %%I', d.rolname, l.rolname)
        end
    from logins as l
    inner join pg_catalog.pg_roles as d
        on d.rolname in (
            'atlas_owner', 'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
            'pg_execute_server_program'
        )
    where
        not l.rolsuper and not l.is_owner
        and (
            pg_has_role(l.oid, d.oid, 'usage')
            or pg_has_role(
                l.oid, d.oid,
                case when current_setting('server_version_num')::integer < 160000 then 'member' else 'set' end
            )
        )
    order by 1, 2
"""
DAYS = re.compile(r"(\d{1,5})d")


def expiry(text: str, now: datetime) -> datetime:
    """When a grant ends: ``2027-01-31`` is the first moment of that day (UTC), ``90d`` is in 90 days.

    Raises:
        UsageError: it is neither, or past.
    """
    try:
        days = DAYS.fullmatch(text)
        end = now + timedelta(days=int(days[1])) if days else datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is no end of a grant: give a day, such as 2027-01-31, or days, such as 90d."
        ) from error
    if end <= now:
        raise UsageError(f"The grant would be over before it began: {text} is past.")
    return end


def grant(connection: Connection[TupleRow], login: str, name: str, until: datetime | None = None) -> bool:
    """Grant a login a role, and keep who did, in one transaction. A grant that is there is renewed.

    Args:
        connection: in autocommit mode.
        login: a role that can log in.
        name: as ``ROLES`` has it.
        until: when it ends; None for not by itself.

    Returns:
        Whether the login's sessions have what the role needs. An owner's may not: where he wasn't made by us, his own
        first `atlas migrate` makes his sessions work as the owner.

    Raises:
        UsageError: there is no such login, it can't be limited, or who asks may not.
    """
    if name == "owner":
        if until is not None:
            raise UsageError("An owner's right doesn't expire by itself: `atlas roles revoke` ends it.")
        return _grant_owner(connection, login)
    _call(connection, "select compliance.grant_role(%s, %s, %s)", [login, ROLES[name], until])
    return True


def _grant_owner(connection: Connection[TupleRow], login: str) -> bool:
    """By the login itself: nobody can be an admin of his own role, so the owner's functions can't grant it."""
    with as_login(connection):
        _call(connection, "select compliance.record_grant(%s, %s, null)", [login, OWNER])
        _run(connection, sql.SQL("grant {} to {}").format(sql.Identifier(OWNER), sql.Identifier(login)))
        return _set_default(connection, login, sql.SQL("set role = {}").format(sql.Literal(OWNER)))


def revoke(connection: Connection[TupleRow], login: str, name: str) -> None:
    """Take a role from a login, and keep who did, in one transaction; memberships made by hand go, too.

    Raises:
        UsageError: the login doesn't have it, or who asks may not.
        DataError: the grant is ended, but somebody else made the login a member by hand, and has to end that.
    """
    role = ROLES[name]
    if not any(row["login"] == login and row["role"] == role for row in list_grants(connection)):
        raise UsageError(f"{login} doesn't have the role {name}; see `atlas roles list`.")
    if name == "owner":
        with as_login(connection):
            _call(connection, "select compliance.revoke_role(%s, %s)", [login, OWNER])
            _set_default(connection, login, sql.SQL("reset role"))
    else:
        _call(connection, "select compliance.revoke_role(%s, %s)", [login, role])
    for grantor in _grantors(connection, login, role):
        statement = sql.SQL("revoke {} from {} granted by {}").format(*map(sql.Identifier, (role, login, grantor)))
        try:
            with as_login(connection):
                connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise DataError(
                f"The grant is ended, but {grantor} made {login} a member of {role} by hand. As {grantor}: "
                f"{statement.as_string(connection)}"
            ) from error


def list_grants(connection: Connection[TupleRow]) -> list[dict[str, Any]]:
    """Who has what: a row for each login and role, with ``state`` in words.

    Raises:
        UsageError: who asks may not.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        try:
            return cursor.execute(GRANTS, {"roles": list(NAMES)}).fetchall()
        except psycopg.errors.InsufficientPrivilege as error:
            raise _not_an_admin(connection) from error


def unlimited_logins(connection: Connection[TupleRow]) -> list[tuple[str, str]]:
    """Logins that nothing limits, and why, in words. Only their DBA can mend it."""
    return [(login, why) for login, why in connection.execute(UNLIMITED, {"roles": list(NAMES)}).fetchall()]


def check_roles(settings: Settings) -> str:
    """Look for what would undo the roles' limits; says that there is none.

    Raises:
        AtlasError: there is; says what.
    """
    with connect_migrated(settings) as connection:
        complaints = [text for (text,) in connection.execute(COMPLAINTS, {"roles": list(NAMES)}).fetchall()]
        complaints += [f"{login}: {why}" for login, why in unlimited_logins(connection)]
    if complaints:
        raise AtlasError("; ".join(complaints))
    return "as migrations made them, and the session is the owner's"


def _grantors(connection: Connection[TupleRow], login: str, role: str) -> list[str]:
    """By whom a login still is a member."""
    found = [row["grantors"] for row in list_grants(connection) if (row["login"], row["role"]) == (login, role)]
    return [grantor for grantors in found if grantors for grantor in grantors.split(", ")]


def _set_default(connection: Connection[TupleRow], login: str, change: sql.Composable) -> bool:
    """Change how the login's sessions begin in this database, if we may: from PostgreSQL 16 on, who made it may."""
    statement = sql.SQL("alter role {} in database {} {}").format(
        sql.Identifier(login), sql.Identifier(connection.info.dbname), change
    )
    try:
        with connection.transaction():
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def _call(connection: Connection[TupleRow], function: LiteralString, arguments: list[Any]) -> None:
    _run(connection, function, arguments)


def _run(
    connection: Connection[TupleRow], statement: LiteralString | sql.Composed, arguments: list[Any] | None = None
) -> None:
    try:
        connection.execute(statement, arguments)
    except psycopg.errors.RaiseException as error:
        raise UsageError(str(error.diag.message_primary)) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise _not_an_admin(connection) from error


def _not_an_admin(connection: Connection[TupleRow]) -> UsageError:
    return UsageError(
        f"{connection.info.user} may not do this. An admin may, or for the owner's right, who may grant atlas_owner."
    )
