"""Rights in Atlas's schemas that nobody should have: given by hand, or left over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

# Where nobody but the owner has any right. In navigate, readers have SELECT on the views that the post-hook made; in
# the others, the migrations give the roles of Atlas what they need, and no other role has anything.
PRIVATE = ("explore", "chart", "navigate_base")
SHARED = ("pipeline", "quality", "compliance")
ROLES = ("atlas_read", "atlas_write", "atlas_admin")
SCHEMAS = (*PRIVATE, "navigate", *SHARED, "public")

TOO_WIDE = """
    with places as (
        select n.oid, n.nspname, n.nspowner, n.nspacl
        from pg_catalog.pg_namespace as n
        where n.nspname = any(%(schemas)s)
    ),

    -- What an extension brought along, PostGIS for one, is its own business.
    brought as (
        select d.classid, d.objid from pg_catalog.pg_depend as d where d.deptype = 'e'
    ),

    given as (
        select
            p.nspname as place, 'schema' as kind, quote_ident(p.nspname) as object, null as column_name,
            p.nspowner as owner, a.*
        from places as p
        cross join aclexplode(coalesce(p.nspacl, acldefault('n', p.nspowner))) as a
        union all
        select
            p.nspname, case c.relkind when 'S' then 'sequence' else 'table' end,
            format('%%I.%%I', p.nspname, c.relname), null, c.relowner, a.*
        from pg_catalog.pg_class as c
        inner join places as p on p.oid = c.relnamespace
        cross join aclexplode(c.relacl) as a
        where
            c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
            and ('pg_class'::regclass, c.oid) not in (select * from brought)
        union all
        select p.nspname, 'column', format('%%I.%%I', p.nspname, c.relname), t.attname, c.relowner, a.*
        from pg_catalog.pg_class as c
        inner join places as p on p.oid = c.relnamespace
        inner join pg_catalog.pg_attribute as t on t.attrelid = c.oid
        cross join aclexplode(t.attacl) as a
        where ('pg_class'::regclass, c.oid) not in (select * from brought)
        union all
        select p.nspname, 'routine', f.oid::regprocedure::text, null, f.proowner, a.*
        from pg_catalog.pg_proc as f
        inner join places as p on p.oid = f.pronamespace
        cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) as a
        where ('pg_proc'::regclass, f.oid) not in (select * from brought)
    )

    select
        g.kind,
        g.object,
        g.column_name,
        case when g.grantee = 0 then null else g.grantee::regrole::text end as grantee,
        string_agg(g.privilege_type, ', ' order by g.privilege_type) as privileges,
        pg_has_role(g.owner, 'usage') as is_ours
    from given as g
    left outer join pg_catalog.pg_roles as o on o.oid = g.grantee
    -- Everybody is no role of the catalogue's.
    cross join lateral (select coalesce(o.rolname, '') as rolname) as r
    where
        g.grantee <> g.owner
        and not (g.place = any(%(shared)s) and r.rolname = any(%(roles)s) and not g.is_grantable)
        and not (
            g.place = 'navigate' and r.rolname = 'atlas_read' and not g.is_grantable
            and (
                (g.kind = 'schema' and g.privilege_type = 'USAGE')
                or (
                    g.kind = 'table' and g.privilege_type = 'SELECT'
                    and exists (
                        select
                        from compliance.protections as p
                        where format('%%I.%%I', p.view_schema, p.view_name) = g.object
                    )
                )
            )
        )
        and not (g.place = 'public' and g.kind = 'schema' and r.rolname = 'atlas_owner' and g.privilege_type = 'USAGE')
    group by g.kind, g.object, g.column_name, g.grantee, g.owner
    order by 1, 2, 3, 4
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
    select
        format('%%I.%%I', n.nspname, c.relname), c.relowner::regrole::text,
        pg_has_role(c.relowner, 'usage'),
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where
        n.nspname = any(%(schemas)s) and n.nspname <> 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and c.relowner <> to_regrole('atlas_owner')
        and not exists (
            select from pg_catalog.pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('e', 'i')
        )
    order by 1
"""


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
    """Rights, defaults of rights and owners in Atlas's schemas that aren't as they should be."""
    known = {"schemas": list(SCHEMAS), "shared": list(SHARED), "roles": list(ROLES)}
    found = [_right(*row) for row in connection.execute(TOO_WIDE, known).fetchall()]
    found += [_default(*row) for row in connection.execute(DEFAULTS, known).fetchall()]
    found += [_owner(*row) for row in connection.execute(FOREIGN, known).fetchall()]
    return found


def _right(
    kind: str,
    name: str,
    column: str | None,
    grantee: str | None,
    privileges: str,
    is_ours: bool,  # noqa: FBT001 - a column of TOO_WIDE
) -> Difference:
    whose = _name(grantee)
    of_columns = sql.SQL(" ({})").format(sql.Identifier(column)) if column is not None else sql.SQL("")
    # The catalogue has quoted the name already.
    statement = sql.SQL("revoke all{} on {} {} from {} cascade").format(
        of_columns, sql.SQL("table" if kind == "column" else kind), sql.SQL(name), sql.SQL(whose)
    )
    what = f"column {column}" if column is not None else f"the {kind}"
    who = "everybody" if grantee is None else grantee
    return Difference(name, f"{who} has {privileges} on {what}.", (statement,) if is_ours else ())


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
