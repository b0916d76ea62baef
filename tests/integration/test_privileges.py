"""Who has which privilege on what, over the whole catalogue of a database with something in it.

``privileges.csv`` has a line for what each role may do with an object: ``*`` stands for all objects of a schema and
kind that aren't named themselves. What isn't in it, nobody may; `atlas protect` goes by it, too. ``--write-privileges``
writes it anew; read the difference.
"""

from __future__ import annotations

import csv
import os
from collections import Counter, defaultdict
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from landing_support import atlas
from psycopg import sql

from atlas.database import connect
from atlas.grants import SCHEMAS, Right, listed_rights
from atlas.guards import GUARDS
from atlas.roles import LEVELS, OWNER, ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

MATRIX = Path(str(resources.files("atlas") / "privileges.csv"))
SAMPLE = Path(__file__).parents[2] / "samples" / "crm.customers" / "2025-03-03.ndjson"
GRANTEES = ["public", *ROLES.values()]

# Effective privileges, inherited ones included, for each role on each object; without MAINTAIN, new in PostgreSQL 17.
PRIVILEGES = """
    with own as (
        select n.oid, n.nspname
        from pg_namespace as n
        where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    ),

    grantees as (
        select g.name from unnest(%(grantees)s::text[]) as g (name)
    ),

    relations as (
        select
            o.nspname, c.oid, c.relname, c.relacl, c.relowner,
            case
                when c.relkind = 'S' then 'sequence' when c.relkind in ('v', 'm') then 'view'
                when c.relispartition then 'partition' else 'table'
            end as kind
        from pg_class as c
        inner join own as o on o.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and not exists (
            select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        )
    ),

    asked as (
        select r.nspname::text, r.kind, r.relname::text as object, g.name, p.privilege
        from relations as r
        cross join grantees as g
        cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
            as p (privilege)
        where r.kind <> 'sequence' and has_table_privilege(g.name, r.oid, p.privilege)
        union all
        select r.nspname, r.kind, r.relname, g.name, p.privilege
        from relations as r
        cross join grantees as g
        cross join unnest(array['USAGE', 'SELECT', 'UPDATE']) as p (privilege)
        where r.kind = 'sequence' and has_sequence_privilege(g.name, r.oid, p.privilege)
        union all
        select o.nspname, 'column', a.attrelid::regclass || '.' || a.attname, g.name, p.privilege
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid
        inner join own as o on o.oid = c.relnamespace
        cross join grantees as g
        cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) as p (privilege)
        where a.attacl is not null and has_column_privilege(g.name, a.attrelid, a.attnum, p.privilege)
        union all
        select
            o.nspname, 'routine', f.proname::text || '(' || pg_get_function_identity_arguments(f.oid) || ')', g.name,
            'EXECUTE' || case when f.prosecdef then ' AS OWNER' else '' end
        from pg_proc as f
        inner join own as o on o.oid = f.pronamespace
        cross join grantees as g
        where has_function_privilege(g.name, f.oid, 'EXECUTE') and not exists (
            select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e'
        )
        union all
        select o.nspname, 'type', t.typname, g.name, 'USAGE'
        from pg_type as t
        inner join own as o on o.oid = t.typnamespace
        left join pg_class as c on c.oid = t.typrelid
        cross join grantees as g
        where
            (t.typtype in ('b', 'd', 'e', 'r') and t.typcategory <> 'A' or c.relkind = 'c')
            and has_type_privilege(g.name, t.oid, 'USAGE')
            and not exists (
                select from pg_depend as d where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
            )
        union all
        select o.nspname, 'schema', o.nspname, g.name, p.privilege
        from own as o
        cross join grantees as g
        cross join unnest(array['USAGE', 'CREATE']) as p (privilege)
        where has_schema_privilege(g.name, o.oid, p.privilege)
        union all
        select '', 'database', 'current', g.name, p.privilege
        from grantees as g
        cross join unnest(array['CONNECT', 'CREATE', 'TEMPORARY']) as p (privilege)
        where has_database_privilege(g.name, current_database(), p.privilege)
        union all
        select coalesce(n.nspname, ''), 'made later', d.defaclobjtype::text, g.name, x.privilege_type
        from pg_default_acl as d
        left join pg_namespace as n on n.oid = d.defaclnamespace
        cross join lateral aclexplode(d.defaclacl) as x
        inner join grantees as g on g.name = case when x.grantee = 0 then 'public' else x.grantee::regrole::text end
    )

    select nspname, kind, object, name, string_agg(privilege, ' ' order by privilege) from asked
    group by nspname, kind, object, name
"""
# Every object that is owned by or granted to a role that isn't Atlas's.
STRANGERS = """
    with own as (
        select n.*
        from pg_namespace as n
        where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public')
    ),

    objects as (
        select n.nspname as object, n.nspowner as owner, n.nspacl as acl from own as n
        union all
        select c.oid::regclass::text, c.relowner, c.relacl
        from pg_class as c inner join own as o on o.oid = c.relnamespace
        union all
        select p.oid::regprocedure::text, p.proowner, p.proacl
        from pg_proc as p inner join own as o on o.oid = p.pronamespace
        union all
        select t.oid::regtype::text, t.typowner, t.typacl
        from pg_type as t inner join own as o on o.oid = t.typnamespace
        union all
        select a.attrelid::regclass || '.' || a.attname, c.relowner, a.attacl
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid
        inner join own as o on o.oid = c.relnamespace
        where a.attacl is not null
    )

    select o.object, 'owned by ' || o.owner::regrole
    from objects as o
    where o.owner <> 'atlas_owner'::regrole
    union all
    select
        o.object,
        x.privilege_type || ' for ' || case when x.grantee = 0 then 'public' else x.grantee::regrole::text end
    from objects as o
    cross join lateral aclexplode(o.acl) as x
    where x.grantee = 0 or x.grantee::regrole::text <> all(%(roles)s)
"""


@pytest.fixture(scope="module")
def built(
    copy_database: Callable[[str, str], Settings],
    drop_database: Callable[[str], None],
    template: str,
    tmp_path_factory: pytest.TempPathFactory,
    environment_of: Callable[[Settings, Path], dict[str, str]],
) -> Iterator[Settings]:
    """A database into which a delivery has come, and from which everything was built."""
    name = f"atlas_privileges_{os.getpid()}"
    settings = copy_database(name, template)
    environment = environment_of(settings, tmp_path_factory.mktemp("privileges"))
    # Tests make nothing that anybody could have a right on.
    build = ("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    for command in (("land", "crm.customers", str(SAMPLE)), build):
        done = atlas(environment, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    yield settings
    drop_database(name)


@pytest.fixture
def as_owner(built: Settings) -> Iterator[Connection[TupleRow]]:
    """A transaction that is rolled back."""
    with connect(built, autocommit=False) as connection:
        yield connection
        connection.rollback()


def rights(connection: Connection[TupleRow]) -> list[Right]:
    """What all roles may do; what objects of a schema and kind have in common, if it is the owner's alone, as ``*``."""
    found: dict[tuple[str, str], dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for schema, kind, name, role, privileges in connection.execute(PRIVILEGES, {"grantees": GRANTEES}):
        found[schema, kind][name][role] = privileges
    lines = []
    for (schema, kind), objects in found.items():
        common = Counter(tuple(sorted(roles.items())) for roles in objects.values())
        # A table that people may read is named. Views are made for them: there, one that is unlike the others is.
        alike = [
            (-count, roles)
            for roles, count in common.items()
            if (schema, kind) == ("navigate", "view") or dict(roles).keys() <= {OWNER}
        ]
        usual = dict(min(alike)[1]) if alike else {}
        lines += [Right(schema, kind, "*", role, privileges) for role, privileges in usual.items()]
        for name, roles in objects.items():
            if roles != usual:
                lines += [
                    Right(schema, kind, name, role, roles.get(role, "-"))
                    for role in {*roles, *usual}
                    if roles.get(role) != usual.get(role)
                ]
    lines += [Right(*line) for line in connection.execute(GUARDS, {"schemas": list(SCHEMAS)}).fetchall()]
    return sorted(lines)


def test_the_matrix_is_the_committed_one(as_owner: Connection[TupleRow], pytestconfig: pytest.Config) -> None:
    found = rights(as_owner)
    if pytestconfig.getoption("--write-privileges"):
        with MATRIX.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Right._fields)
            writer.writerows(found)
    assert found == listed_rights(), "look at it, and if it is meant: pytest --write-privileges"


@pytest.mark.parametrize(
    "planted",
    [
        "grant select on navigate_base.dim_customer to atlas_read",
        "grant select on explore.raw_crm__customers to public",
        "grant select (email) on navigate_base.dim_customer to atlas_write",
        "grant execute on function compliance.record_grant(text, text, timestamptz) to atlas_admin",
        "grant create on schema navigate to atlas_read",
        "grant usage on sequence explore.batches_batch_id_seq to atlas_clearance_secret",
        "alter default privileges in schema navigate_base grant select on tables to atlas_read",
        "alter function quality.record_run(uuid, text, jsonb, jsonb) security definer",
        "create function chart.peek() returns text language sql return 'x';"
        " grant execute on function chart.peek() to public",
    ],
)
def test_a_right_that_was_added_by_hand_shows(as_owner: Connection[TupleRow], planted: str) -> None:
    before = rights(as_owner)
    as_owner.execute(sql.SQL(planted))
    assert rights(as_owner) != before


def test_no_login_owns_or_was_granted_anything(as_owner: Connection[TupleRow]) -> None:
    roles = {"roles": list(ROLES.values())}
    assert as_owner.execute(STRANGERS, roles).fetchall() == []
    as_owner.execute("grant select on navigate_base.dim_customer to public")
    as_owner.execute("set local role none")
    as_owner.execute("create table chart.planted ()")
    assert {"dim_customer", "planted"} == {
        line[0].split(".")[1].removesuffix("[]") for line in as_owner.execute(STRANGERS, roles)
    }


def test_no_role_is_above_the_rules(as_owner: Connection[TupleRow]) -> None:
    above = as_owner.execute(
        "select rolname from pg_roles where rolname = any(%s)"
        " and (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb or rolreplication)",
        [list(ROLES.values())],
    ).fetchall()
    assert above == []
    members = as_owner.execute(
        "select r.rolname, m.rolname from pg_auth_members as a"
        " inner join pg_roles as r on r.oid = a.roleid inner join pg_roles as m on m.oid = a.member"
        " where m.rolname = any(%s) and m.rolname <> 'atlas_owner'",
        [list(ROLES.values())],
    ).fetchall()
    assert set(members) == {
        ("atlas_read", "atlas_write"),
        ("atlas_write", "atlas_admin"),
        *((f"atlas_clearance_{lower}", f"atlas_clearance_{higher}") for lower, higher in pairwise(LEVELS)),
    }


def test_row_level_security_is_on_where_people_write(as_owner: Connection[TupleRow]) -> None:
    """Whatever somebody but the owner may write to has it."""
    writable = as_owner.execute(
        "select c.oid::regclass::text, c.relrowsecurity from pg_class as c"
        " where c.relnamespace::regnamespace::text in ('explore', 'chart', 'navigate', 'navigate_base', 'pipeline',"
        " 'quality', 'compliance') and c.relkind in ('r', 'p', 'v', 'm')"
        " and has_any_column_privilege('atlas_admin', c.oid, 'insert, update')"
    ).fetchall()
    assert sorted(writable) == [("quality.anomaly_feedback", True), ("quality.incidents", True)]
