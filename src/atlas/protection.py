"""Whether what people read is protected as the project declares, and how to bring that about.

dbt compiles the declarations, by the macros that its post-hook uses; here they are compared with the database.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from atlas.build import places
from atlas.errors import ServiceError, UsageError
from atlas.grants import Difference, rights_too_wide
from atlas.guards import guards_changed
from atlas.roles import unlimited_logins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

PREFIX = "protection "
LOCK_TIMEOUT = "30s"
KEPT = """
    select
        p.view_name,
        p.wanted_hash,
        coalesce(p.made_hash = compliance.made_hash(p.view_schema, p.view_name), false) as is_as_made,
        p.row_condition is not null as has_barrier,
        (
            select json_object_agg(c.column_name, json_build_array(c.level, c.mask))
            from compliance.column_protections as c
            where (c.view_schema, c.view_name) = (p.view_schema, p.view_name)
        ) as columns
    from compliance.protections as p
    where p.view_schema = 'navigate'
"""
VIEWS = """
    select
        c.relname,
        c.relkind::text,
        coalesce('security_barrier=true' = any(c.reloptions), false) as has_barrier
    from pg_catalog.pg_class as c
    where c.relnamespace = to_regnamespace('navigate') and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""


def declared_protections(settings: Settings) -> list[dict[str, Any]]:
    """What the project declares of each table that people read, compiled by dbt for the database as it is.

    Raises:
        UsageError: dbt can't read the project, or a declaration is wrong.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    found: list[dict[str, Any]] = []
    said: list[str] = []

    def on_event(event: Any) -> None:
        if event.info.name == "JinjaLogDebug" and event.data.msg.startswith(PREFIX):
            found.append(json.loads(event.data.msg.removeprefix(PREFIX)))
        elif event.info.name == "RunningOperationCaughtError":
            said.append(" ".join(str(event.data.exc).split()))

    directories = ("--project-dir", str(settings.project), "--profiles-dir", str(settings.project / "profiles"))
    silent = ("--log-level", "none", "--log-level-file", "none")
    outcome = dbtRunner(callbacks=[on_event]).invoke(
        [*silent, "run-operation", "list_protections", *directories, *places(settings)]
    )
    if not outcome.success:
        reason = said[0] if said else str(outcome.exception or "It says why: dbt parse")
        raise UsageError(f"dbt can't compile the project's protections. {reason}")
    return sorted(found, key=lambda one: str(one["view_name"]))


def differences(
    connection: Connection[TupleRow], declared: Sequence[dict[str, Any]], project: Path
) -> list[Difference]:
    """What isn't as it should be: rights first, then what enforces them, then views, which are made anew, then logins.

    Args:
        connection: of an owner.
        declared: what the project declares, by :func:`declared_protections`.
        project: where the migrations are.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        kept = {row["view_name"]: row for row in cursor.execute(KEPT).fetchall()}
        views = {row["relname"]: row for row in cursor.execute(VIEWS).fetchall()}
    found = [
        Difference(
            f"navigate.{one['view_name']}",
            sentence,
            # One repair for all that is wrong with a view: it is made anew.
            tuple(one["statements"]) if first else (),
        )
        for one in declared
        if one["is_built"] and not _is_current(one, kept.get(one["view_name"]))
        for first, sentence in _numbered(_wrong(one, kept.get(one["view_name"]), views.get(one["view_name"])))
    ]
    names = {one["view_name"] for one in declared}
    found += [
        Difference(
            f"navigate.{name}",
            "it is no view that the project declares; its rights are taken away, it stays.",
            (
                sql.SQL("revoke all on {} from atlas_read cascade").format(sql.Identifier("navigate", name)),
                _forget(name),
            ),
        )
        for name in sorted(kept.keys() & views.keys() - names)
    ]
    built = {one["view_name"] for one in declared if one["is_built"]}
    found += [
        Difference(f"navigate.{name}", "it is gone, and yet on record as protected.", (_forget(name),))
        for name in sorted(kept.keys() - views.keys() - built)
    ]
    logins = [Difference(login, f"{why}.", ()) for login, why in unlimited_logins(connection)]
    return [*rights_too_wide(connection), *guards_changed(connection, project), *found, *logins]


def _forget(name: str) -> sql.Composed:
    statement = sql.SQL("delete from compliance.protections where view_schema = 'navigate' and view_name = {}")
    return statement.format(sql.Literal(name))


def _is_current(one: dict[str, Any], kept: dict[str, Any] | None) -> bool:
    return kept is not None and bool(kept["is_as_made"]) and kept["wanted_hash"] == one["wanted_hash"]


def _numbered(sentences: Iterator[str]) -> Iterator[tuple[bool, str]]:
    for place, sentence in enumerate(sentences):
        yield place == 0, sentence


def _wrong(one: dict[str, Any], kept: dict[str, Any] | None, view: dict[str, Any] | None) -> Iterator[str]:
    """What is wrong with a view that isn't as declared, in sentences."""
    if view is None:
        yield "it is missing, so nobody can read the table."
        return
    if kept is None:
        yield "it wasn't made by the project's hook."
        return
    before = kept["columns"] or {}
    now = {column["name"]: [column["level"], column["mask"]] for column in one["columns"]}
    changes = [
        f"column {name} is {_level(now.get(name))} in the project and {_level(before.get(name))} in the database."
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    yield from changes
    if view["has_barrier"] != one["has_barrier"]:
        yield f"its security_barrier is {'on' if view['has_barrier'] else 'off'}."
    if not kept["is_as_made"]:
        yield "its query, options, owner, rights or lookups were changed by hand."
    elif not changes:
        yield "what the project declares of it has changed since it was made."


def _level(kept: list[str | None] | None) -> str:
    if kept is None:
        return "missing"
    level, mask = kept
    return f"{level} (masked by {mask})" if mask else str(level)


def repair(connection: Connection[TupleRow], found: Sequence[Difference]) -> None:
    """Bring about what is declared, all of it or nothing.

    Raises:
        ServiceError: the database refused, or somebody reads for too long; nothing was changed.
    """
    views = sorted({one.relation.removeprefix("navigate.") for one in found if one.relation.startswith("navigate.")})
    try:
        with connection.transaction():
            connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT)))
            # Readers lock a view before its base; whoever locks both has to keep that order.
            for name in views:
                view = sql.Identifier("navigate", name)
                row = connection.execute("select to_regclass(%s) is not null", [view.as_string(connection)]).fetchone()
                if row is not None and row[0]:
                    connection.execute(sql.SQL("lock table {} in access exclusive mode").format(view))
            for one in found:
                for statement in one.repairs:
                    connection.execute(statement)
    except psycopg.errors.LockNotAvailable as error:
        raise ServiceError("Somebody reads or builds for longer than 30 s; nothing was changed. Try again.") from error
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise ServiceError(f"The database refused, so nothing was changed: {reason}") from error
