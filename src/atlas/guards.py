"""What enforces the rules: row-level security, triggers that log, and the functions that views and grants ask."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from atlas.errors import UsageError
from atlas.grants import SCHEMAS, Difference, Right, listed_rights

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

# Who sees what, who is granted what, what is logged and kept, and whether a view is as it was made.
FUNCTIONS = (
    "clearance_rank",
    "granted_rank",
    "has_clearance",
    "record_grant",
    "grant_role",
    "revoke_role",
    "end_membership",
    "log_change",
    "log_entry",
    "keep_as_written",
    "seal_audit_log",
    "erase_audit_entry",
    "retire_audit_log",
    "made_hash",
)
# In the columns of privileges.csv.
GUARDS = """
    with relations as (
        select n.nspname, c.*
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = any(%(schemas)s) and n.nspname <> 'public' and not c.relispartition
    )

    select r.nspname::text, 'row security', r.relname::text, 'public', 'enabled'
    from relations as r
    where r.relrowsecurity
    union all
    select
        p.schemaname, 'policy', p.tablename || ': ' || p.policyname, w.role,
        format('as %%s for %%s', lower(p.permissive), lower(p.cmd))
        || coalesce(' using (' || p.qual || ')', '') || coalesce(' with check (' || p.with_check || ')', '')
    from pg_catalog.pg_policies as p
    cross join unnest(p.roles) as w (role)
    where p.schemaname = any(%(schemas)s)
    union all
    select r.nspname, 'trigger', r.relname, 'public', string_agg(t.tgname, ' ' order by t.tgname)
    from relations as r
    inner join pg_catalog.pg_trigger as t on t.tgrelid = r.oid and t.tgenabled = 'A' and not t.tgisinternal
    group by r.nspname, r.relname
"""
# In partitions, too, for which those on statements don't fire.
TRIGGERS = """
    select
        coalesce(p.relid, w.root)::regclass::text, w.root::regclass::text, n.name, coalesce(p.relid, w.root) = w.root,
        t.oid is not null
    from (
        select to_regclass(format('%%I.%%I', l.schema, l.object)) as root, string_to_array(l.privileges, ' ') as names
        from jsonb_to_recordset(%(listed)s::jsonb) as l (schema text, kind text, object text, privileges text)
        where l.kind = 'trigger'
    ) as w
    cross join unnest(w.names) as n (name)
    left join lateral pg_partition_tree(w.root) as p on true
    left join pg_catalog.pg_trigger as t on t.tgrelid = coalesce(p.relid, w.root) and t.tgname = n.name
    where w.root is not null and t.tgenabled is distinct from 'A'
    order by 4 desc, 1, 3
"""
RULES = """
    select r.ev_class::regclass::text, r.rulename
    from pg_catalog.pg_rewrite as r
    inner join pg_catalog.pg_class as c on c.oid = r.ev_class
    inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = any(%(schemas)s) and n.nspname <> 'public' and r.rulename <> '_RETURN'
    order by 1, 2
"""
AS_OWNER = """
    select
        n.nspname::text, f.proname || '(' || pg_get_function_identity_arguments(f.oid) || ')', f.oid::regprocedure::text
    from pg_catalog.pg_proc as f
    inner join pg_catalog.pg_namespace as n on n.oid = f.pronamespace
    where
        n.nspname = any(%(schemas)s) and f.prosecdef
        and not exists (
            select from pg_catalog.pg_depend as d
            where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e'
        )
    order by 3
"""
DEFINITIONS = """
    select p.proname::text, pg_get_functiondef(p.oid)
    from pg_catalog.pg_proc as p
    where p.pronamespace = to_regnamespace('compliance') and p.proname = any(%s)
    order by p.oid
"""


def guards_changed(connection: Connection[TupleRow], project: Path) -> list[Difference]:
    """Where row-level security, triggers, rules or functions aren't as the migrations made them."""
    listed = listed_rights()
    known = {"schemas": list(SCHEMAS), "listed": json.dumps([right._asdict() for right in listed])}
    found = [Right(*row) for row in connection.execute(GUARDS, known).fetchall()]
    return [
        *_row_security(listed, found),
        *_policies(listed, found),
        *(_trigger(*row) for row in connection.execute(TRIGGERS, known).fetchall()),
        *(_rule(*row) for row in connection.execute(RULES, known).fetchall()),
        *(
            Difference(
                name,
                "it runs as its owner, which no migration makes it do.",
                (sql.SQL("alter routine {} security invoker").format(sql.SQL(name)),),
            )
            for schema, listed_name, name in connection.execute(AS_OWNER, known).fetchall()
            if (schema, "routine", listed_name, "EXECUTE AS OWNER")
            not in {(right.schema, right.kind, right.object, right.privileges) for right in listed}
        ),
        *_functions(connection, project),
    ]


def _row_security(listed: list[Right], found: list[Right]) -> Iterator[Difference]:
    for right in listed:
        if right.kind == "row security" and right not in found:
            statement = sql.SQL("alter table {} enable row level security")
            table = sql.Identifier(right.schema, right.object)
            yield Difference(
                f"{right.schema}.{right.object}", "its row-level security is off.", (statement.format(table),)
            )


def _policies(listed: list[Right], found: list[Right]) -> Iterator[Difference]:
    for schema, name in sorted({(right.schema, right.object) for right in [*listed, *found] if right.kind == "policy"}):
        wanted, there = (
            {right for right in rights if (right.schema, right.kind, right.object) == (schema, "policy", name)}
            for rights in (listed, found)
        )
        if wanted == there:
            continue
        table, _, policy = name.partition(": ")
        named = sql.SQL("{} on {}").format(sql.Identifier(policy), sql.Identifier(schema, table))
        made = [
            sql.SQL("create policy {} {} to {} {}").format(
                named, sql.SQL(kind), sql.Identifier(right.role), sql.SQL(conditions)
            )
            for right in wanted
            for kind, conditions in [re.split(r" (?=using|with check)", right.privileges, maxsplit=1)]
        ]
        how = "was added" if not wanted else "was changed" if there else "is missing"
        yield Difference(
            f"{schema}.{table}", f"its policy {policy} {how}.", (sql.SQL("drop policy if exists ") + named, *made)
        )


def _trigger(table: str, root: str, trigger: str, is_root: bool, is_there: bool) -> Difference:  # noqa: FBT001
    if is_there:
        enable = sql.SQL("alter table {} enable always trigger {}")
        return Difference(
            table, f"its trigger {trigger} is off.", (enable.format(sql.SQL(table), sql.Identifier(trigger)),)
        )
    if is_root:
        return Difference(table, f"its trigger {trigger} is missing: an owner makes it as its migration does.", ())
    copy = sql.SQL("select pipeline.copy_statement_triggers({}, {})")
    return Difference(table, f"its trigger {trigger} is missing.", (copy.format(root, table),))


def _rule(relation: str, rule: str) -> Difference:
    statement = sql.SQL("drop rule {} on {}").format(sql.Identifier(rule), sql.SQL(relation))
    return Difference(relation, f"it has a rule {rule}, which no migration makes.", (statement,))


def _functions(connection: Connection[TupleRow], project: Path) -> Iterator[Difference]:
    """Each is made again, in a transaction that is rolled back: how PostgreSQL prints them is up to its version."""
    texts = {name: _definition(project, name) for name in FUNCTIONS}
    refused = set()
    with connection.transaction(force_rollback=True):
        before = connection.execute(DEFINITIONS, [list(FUNCTIONS)]).fetchall()
        for name, text in texts.items():
            try:
                with connection.transaction():
                    connection.execute(text)
            except psycopg.Error:
                # Another return type, say, or another owner.
                refused.add(name)
        after = connection.execute(DEFINITIONS, [list(FUNCTIONS)]).fetchall()
    for name, text in texts.items():
        there, wanted = ([text for found, text in rows if found == name] for rows in (before, after))
        if name in refused:
            yield Difference(f"compliance.{name}", "it can't be compared with what its migration makes.", ())
        elif there != wanted:
            yield Difference(f"compliance.{name}", "it isn't the function that its migration makes.", (text,))


def _definition(project: Path, name: str) -> str:
    """The statement by which a migration makes a function; the last one that does.

    Raises:
        UsageError: none does.
    """
    statement = re.compile(
        rf"^create (?:or replace )?(function compliance\.{name}\(.*?^(?:\$\$|end|\));)$", re.MULTILINE | re.DOTALL
    )
    for file in sorted((project / "migrations" / "sql").glob("*.up.sql"), reverse=True):
        if found := statement.search(file.read_text(encoding="utf-8")):
            return f"create or replace {found[1]}"
    raise UsageError(f"No migration in {project} makes compliance.{name}.")
