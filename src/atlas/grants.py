"""Rights that nobody should have: given by hand, or left over. What roles may do is listed in privileges.csv."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection
    from psycopg.rows import TupleRow

# In navigate, readers have SELECT on the views that the post-hook made.
SCHEMAS = ("explore", "chart", "navigate_base", "navigate", "pipeline", "quality", "compliance", "public")

# In Atlas's schemas and on the database, what isn't listed; elsewhere, any right on what is the owner's, or on a view
# of Atlas's tables.
TOO_WIDE = """
    with places as (
        select n.oid, n.nspname, n.nspowner, n.nspacl, n.nspname = any(%(schemas)s) as is_atlas
        from pg_catalog.pg_namespace as n
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    ),

    -- What an extension brought along, PostGIS for one, is its own business.
    brought as (
        select d.classid, d.objid from pg_catalog.pg_depend as d where d.deptype = 'e'
    ),

    views_of_atlas as (
        select r.ev_class
        from pg_catalog.pg_rewrite as r
        inner join pg_catalog.pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        inner join pg_catalog.pg_class as c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
        inner join places as p on p.oid = c.relnamespace and p.is_atlas and p.nspname <> 'public'
    ),

    relations as (
        select
            p.nspname, c.oid, c.relname, c.relacl, c.relowner,
            case c.relkind when 'S' then 'sequence' else 'table' end as kind,
            case
                when c.relkind = 'S' then 'sequence' when c.relkind in ('v', 'm') then 'view'
                when c.relispartition then 'partition' else 'table'
            end as listed_kind
        from pg_catalog.pg_class as c
        inner join places as p on p.oid = c.relnamespace
        where
            c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            and (
                p.is_atlas or c.relowner = to_regrole('atlas_owner')
                or c.oid in (select v.ev_class from views_of_atlas as v)
            )
            and ('pg_class'::regclass, c.oid) not in (select * from brought)
    ),

    given as (
        select
            '' as place, 'database' as kind, 'database' as listed_kind, 'current' as listed,
            quote_ident(d.datname) as object, null as column_name, d.datdba as owner, a.*
        from pg_catalog.pg_database as d
        cross join aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) as a
        where d.datname = current_database()
        union all
        select '', 'large object', 'large object', l.oid::text, l.oid::text, null, l.lomowner, a.*
        from pg_catalog.pg_largeobject_metadata as l
        cross join aclexplode(l.lomacl) as a
        where l.lomowner = to_regrole('atlas_owner')
        union all
        select p.nspname, 'schema', 'schema', p.nspname, quote_ident(p.nspname), null, p.nspowner, a.*
        from places as p
        cross join aclexplode(coalesce(p.nspacl, acldefault('n', p.nspowner))) as a
        where p.is_atlas
        union all
        select
            r.nspname, r.kind, r.listed_kind, r.relname, format('%%I.%%I', r.nspname, r.relname), null, r.relowner, a.*
        from relations as r
        cross join aclexplode(r.relacl) as a
        union all
        select
            r.nspname, 'column', 'column', r.oid::regclass || '.' || t.attname,
            format('%%I.%%I', r.nspname, r.relname), t.attname, r.relowner, a.*
        from relations as r
        inner join pg_catalog.pg_attribute as t on t.attrelid = r.oid
        cross join aclexplode(t.attacl) as a
        union all
        select
            p.nspname, 'routine', 'routine', f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')',
            f.oid::regprocedure::text, null, f.proowner, a.*
        from pg_catalog.pg_proc as f
        inner join places as p on p.oid = f.pronamespace
        cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
        where
            (p.is_atlas or f.prosecdef and f.proowner = to_regrole('atlas_owner'))
            and ('pg_proc'::regclass, f.oid) not in (select * from brought)
    ),

    allowed as (
        select l.schema, l.kind, l.object, l.role, string_to_array(l.privileges, ' ') as privileges
        from jsonb_to_recordset(%(listed)s::jsonb)
            as l (schema text, kind text, object text, role text, privileges text)
    )

    select
        g.place, g.kind, g.listed_kind, g.listed, g.object, g.column_name,
        case when g.grantee = 0 then null else g.grantee::regrole::text end as grantee,
        string_agg(g.privilege_type, ', ' order by g.privilege_type) as privileges,
        -- The database belongs to the login.
        pg_has_role(case g.kind when 'database' then session_user else current_user end, g.owner, 'usage')
    from given as g
    left outer join pg_catalog.pg_roles as o on o.oid = g.grantee
    where
        g.grantee <> g.owner
        and not exists (
            select
            from allowed as l
            where
                l.schema = g.place and l.kind = g.listed_kind and l.object in (g.listed, '*') and l.role = o.rolname
                and g.privilege_type = any(l.privileges) and not g.is_grantable
                and (
                    g.place <> 'navigate' or g.kind = 'schema'
                    or g.grantee = to_regrole('atlas_read') and exists (
                        select
                        from compliance.protections as p
                        where p.view_schema = g.place and p.view_name = g.listed
                    )
                )
        )
        -- By itself, this shows no row to anybody: the DBA's monitoring, say.
        and not (g.kind = 'database' and g.privilege_type = 'CONNECT' and g.grantee <> 0)
    group by g.place, g.kind, g.listed_kind, g.listed, g.object, g.column_name, g.grantee, g.owner
    order by 2, 5, 6, 7
"""
DEFAULTS = """
    select
        d.defaclrole::regrole::text, n.nspname,
        case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' end,
        case when a.grantee = 0 then null else a.grantee::regrole::text end,
        pg_has_role(d.defaclrole, 'usage')
    from pg_catalog.pg_default_acl as d
    left outer join pg_catalog.pg_namespace as n on n.oid = d.defaclnamespace
    cross join aclexplode(d.defaclacl) as a
    where
        a.grantee <> d.defaclrole and d.defaclobjtype in ('r', 'S', 'f')
        and (n.nspname = any(%(schemas)s) or (n.oid is null and d.defaclrole = to_regrole('atlas_owner')))
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4
"""
FOREIGN = """
    with owned as (
        select
            n.nspname, 'schema' as kind, 'pg_namespace'::regclass as catalogue, n.oid,
            quote_ident(n.nspname) as name, n.nspowner as owner
        from pg_catalog.pg_namespace as n
        union all
        select
            n.nspname,
            case c.relkind
                when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table'
            end,
            'pg_class'::regclass, c.oid, format('%%I.%%I', n.nspname, c.relname), c.relowner
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all
        select n.nspname, 'routine', 'pg_proc'::regclass, f.oid, f.oid::regprocedure::text, f.proowner
        from pg_catalog.pg_proc as f
        inner join pg_catalog.pg_namespace as n on n.oid = f.pronamespace
    )

    select o.name, o.owner::regrole::text, pg_has_role(o.owner, 'usage'), o.kind
    from owned as o
    where
        o.nspname = any(%(schemas)s) and o.nspname <> 'public' and o.owner <> to_regrole('atlas_owner')
        and not exists (
            select from pg_catalog.pg_depend as d
            where d.classid = o.catalogue and d.objid = o.oid and d.deptype in ('e', 'i')
        )
    order by 1
"""


class Right(NamedTuple):
    """What a role may do with an object, or with all others of a schema and kind (``*``).

    Beside rights in their narrow sense, what limits them: row security, its policies, and triggers.
    """

    schema: str
    kind: str
    object: str
    role: str
    privileges: str


def listed_rights() -> list[Right]:
    """All that roles may do in Atlas's schemas and with the database, rights that they inherit included."""
    text = (resources.files("atlas") / "privileges.csv").read_text(encoding="utf-8")
    return [Right(**line) for line in csv.DictReader(text.splitlines())]


@dataclass(frozen=True)
class Difference:
    """Something that isn't as it should be.

    Attributes:
        relation: what it is about.
        sentence: what is wrong.
        repairs: statements that mend it; empty if Atlas's role may not.
    """

    relation: str
    sentence: str
    repairs: tuple[str | sql.Composed, ...]


def rights_too_wide(connection: Connection[TupleRow]) -> list[Difference]:
    """Rights, defaults of rights and owners in Atlas's schemas, and rights on the database, that aren't as listed."""
    listed = listed_rights()
    known = {"schemas": list(SCHEMAS), "listed": json.dumps([right._asdict() for right in listed])}
    found = [_right(listed, *row) for row in connection.execute(TOO_WIDE, known).fetchall()]
    found += [_default(*row) for row in connection.execute(DEFAULTS, known).fetchall()]
    found += [_owner(*row) for row in connection.execute(FOREIGN, known).fetchall()]
    return found


def _right(
    listed: Sequence[Right],
    place: str,
    kind: str,
    listed_kind: str,
    listed_name: str,
    name: str,
    column: str | None,
    grantee: str | None,
    privileges: str,
    is_ours: bool,  # noqa: FBT001 - a column of TOO_WIDE
) -> Difference:
    revoked = privileges.split(", ")
    on = sql.SQL("on {} {}").format(sql.SQL("table" if kind == "column" else kind), sql.SQL(name))
    repairs = [_change("revoke", revoked, column, on, "from", _name(grantee), "cascade")]
    # What is listed goes, too: rights on columns with one on the table, and a right with that to pass it on.
    for right in listed:
        kept = [privilege for privilege in revoked if privilege in right.privileges.split()]
        if not kept or (right.schema, right.role) != (place, grantee):
            continue
        if (right.kind, right.object) == (listed_kind, listed_name):
            repairs.append(_change("grant", kept, column, on, "to", right.role))
        elif right.kind == "column" and right.object.startswith(f"{place}.{listed_name}."):
            of_column = right.object.removeprefix(f"{place}.{listed_name}.")
            repairs.append(_change("grant", kept, of_column, on, "to", right.role))
    statements: tuple[str | sql.Composed, ...]
    if kind == "database":
        statements = ("set local role none", *repairs, "set local role atlas_owner")
    else:
        statements = tuple(repairs)
    what = f"column {column}" if column is not None else f"the {kind}"
    who = "everybody" if grantee is None else grantee
    return Difference(name, f"{who} has {privileges} on {what}.", statements if is_ours else ())


def _change(
    verb: str, privileges: Sequence[str], column: str | None, on: sql.Composed, whom: str, role: str, end: str = ""
) -> sql.Composed:
    """A statement that gives rights or takes them. The catalogue has quoted all names but the column's."""
    of_column = sql.SQL(" ({})").format(sql.Identifier(column)) if column is not None else sql.SQL("")
    rights = sql.SQL(", ").join(sql.SQL(privilege) + of_column for privilege in privileges)
    return sql.SQL(" ").join([sql.SQL(verb), rights, on, sql.SQL(whom), sql.SQL(role), sql.SQL(end)])


def _default(
    role: str,
    schema: str | None,
    objects: str,
    grantee: str | None,
    is_ours: bool,  # noqa: FBT001 - see _right
) -> Difference:
    place = sql.SQL(" in schema {}").format(sql.Identifier(schema)) if schema is not None else sql.SQL("")
    statement = sql.SQL("alter default privileges for role {}{} revoke all on {} from {} cascade").format(
        sql.SQL(role), place, sql.SQL(objects), sql.SQL(_name(grantee))
    )
    who = "everybody" if grantee is None else grantee
    where = f" in {schema}" if schema is not None else ""
    sentence = f"what {role} makes{where} is given to {who} at once ({objects})."
    return Difference(schema or role, sentence, (statement,) if is_ours else ())


def _owner(name: str, owner: str, is_ours: bool, kind: str) -> Difference:  # noqa: FBT001 - see _right
    statement = sql.SQL("alter {} {} owner to atlas_owner").format(sql.SQL(kind), sql.SQL(name))
    return Difference(name, f"it belongs to {owner}, not to atlas_owner.", (statement,) if is_ours else ())


def _name(grantee: str | None) -> str:
    return "public" if grantee is None else grantee
