"""Roles: who is granted what, until when, by whom; what a clearance takes; and what the owner's sessions make."""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from landing_support import atlas
from partition_support import FACTS, fill, maintained, make_table
from psycopg import sql

from atlas import embedded, roles
from atlas.database import as_login, connect
from atlas.errors import ServiceError, UsageError
from atlas.migrate import migrate, settle
from atlas.roles import LEVELS
from atlas.settings import DATABASE_ROLE, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

numbers = itertools.count(1)
CLEARED = "select " + ", ".join(f"(select compliance.has_clearance('{level}'))" for level in LEVELS)


@pytest.fixture
def settings(database: Settings) -> Settings:
    """The module's database."""
    return database


@pytest.fixture
def owner(settings: Settings) -> Iterator[Connection[TupleRow]]:
    """A session of the login that migrated."""
    with connect(settings) as connection:
        yield connection


@pytest.fixture
def make_login(server_url: str, settings: Settings) -> Iterator[Callable[..., Settings]]:
    """Make logins, and settings by which they reach the module's database; they are dropped after the test."""
    made: list[str] = []

    def make(*granted: str, options: str = "") -> Settings:
        name, password = f"atlas_test_{os.getpid()}_{next(numbers)}", secrets.token_hex(8)
        with psycopg.connect(server_url, autocommit=True) as server:
            server.execute(
                sql.SQL("create role {} login {} password {}").format(
                    sql.Identifier(name),
                    sql.SQL(options),
                    sql.Literal(password),
                )
            )
        made.append(name)
        with connect(settings) as connection:
            for role in granted:
                roles.grant(connection, name, role)
        url = urlsplit(str(settings.database_url))
        place = url.netloc.rpartition("@")[2]
        return Settings(
            settings.home, url._replace(netloc=f"{name}:{password}@{place}").geturl(), None, settings.project_hint
        )

    yield make
    with psycopg.connect(server_url, autocommit=True) as server:
        for name in made:
            server.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = %s", [name])
            server.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def name_of(login: Settings) -> str:
    return str(urlsplit(str(login.database_url)).username)


def cleared(connection: Connection[TupleRow]) -> int:
    """How many levels above public a session is cleared for."""
    row = connection.execute(CLEARED).fetchone()
    assert row is not None
    assert list(row) == sorted(row, reverse=True), "a level without those below it"
    return sum(row) - 1


@pytest.mark.parametrize("level", LEVELS)
def test_a_clearance_holds_for_its_level_and_those_below(
    owner: Connection[TupleRow], make_login: Callable[..., Settings], level: str
) -> None:
    login = make_login("read")
    with connect(login) as reader:
        assert cleared(reader) == 0
        roles.grant(owner, name_of(login), level)
        assert cleared(reader) == LEVELS.index(level)
        for unknown in ("Secret", "secret ", "", "top secret", 'x"', None):
            assert reader.execute("select compliance.has_clearance(%s)", [unknown]).fetchone() == (False,)


def test_a_clearance_ends_with_the_next_execution(
    owner: Connection[TupleRow], make_login: Callable[..., Settings]
) -> None:
    """Of a prepared statement, with a plan that is kept; by revocation, and by the clock within a transaction."""
    login = make_login("read")
    roles.grant(owner, name_of(login), "secret")
    with connect(login) as reader:
        reader.execute("set plan_cache_mode = force_generic_plan")
        reader.execute(f"prepare cleared as {CLEARED}")

        def levels() -> int:
            row = reader.execute("execute cleared").fetchone()
            return sum(row or ()) - 1

        assert levels() == 4
        roles.revoke(owner, name_of(login), "secret")
        assert levels() == 0
        soon = datetime.now(UTC) + timedelta(seconds=1)
        roles.grant(owner, name_of(login), "restricted", soon)
        reader.execute("begin isolation level repeatable read")
        assert levels() == 3
        reader.execute("select pg_sleep_until(%s)", [soon])
        assert levels() == 0
        reader.execute("rollback")
    [expired] = [
        row
        for row in roles.list_grants(owner)
        if row["role"] == "atlas_clearance_restricted" and row["login"] == name_of(login)
    ]
    assert (expired["login"], expired["state"]) == (name_of(login), "expired")


def test_both_the_grant_and_the_membership_are_needed(
    owner: Connection[TupleRow], make_login: Callable[..., Settings]
) -> None:
    login = make_login("read", "confidential")
    name = sql.Identifier(name_of(login))
    with connect(login) as reader:
        assert cleared(reader) == 2
        with as_login(owner):
            owner.execute(sql.SQL("grant atlas_clearance_secret to {}").format(name))
        assert cleared(reader) == 2, "by hand nobody is cleared"
        states = {row["role"]: row["state"] for row in roles.list_grants(owner) if row["login"] == name_of(login)}
        assert states == {
            "atlas_read": "in force",
            "atlas_clearance_confidential": "in force",
            "atlas_clearance_secret": "by hand",
        }
        roles.revoke(owner, name_of(login), "secret")
        owner.execute("select compliance.end_membership(%s, 'atlas_clearance_confidential')", [name_of(login)])
        assert cleared(reader) == 0
    states = {row["role"]: row["state"] for row in roles.list_grants(owner) if row["login"] == name_of(login)}
    assert states == {"atlas_read": "in force", "atlas_clearance_confidential": "taken away by hand"}


def test_set_role_goes_downwards(make_login: Callable[..., Settings]) -> None:
    with connect(make_login("read", "restricted")) as reader:
        assert cleared(reader) == 3
        reader.execute("set role atlas_read")
        assert cleared(reader) == 0
        reader.execute("reset role")
        for higher in ("atlas_clearance_secret", "atlas_admin", "atlas_owner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(sql.SQL("set role {}").format(sql.Identifier(higher)))
        reader.execute("set search_path = pg_temp, pg_catalog")
        assert cleared(reader) == 3


def test_an_owner_sees_what_he_is_cleared_for(owner: Connection[TupleRow], make_login: Callable[..., Settings]) -> None:
    login = make_login("owner")
    with connect(login) as builder:
        assert builder.execute("select current_user::text").fetchone() == ("atlas_owner",)
        assert cleared(builder) == 0
        roles.grant(owner, name_of(login), "internal")
        assert cleared(builder) == 1


def test_what_an_owner_makes_belongs_to_no_login(settings: Settings, make_login: Callable[..., Settings]) -> None:
    """Also by psql, after an error, and by one whom somebody else made an owner."""
    login = make_login("owner")
    with psycopg.connect(str(login.database_url)) as plain:
        with pytest.raises(psycopg.errors.UndefinedTable):
            plain.execute("select from nowhere")
        plain.rollback()
        plain.execute("create table chart.made ()")
        plain.commit()
    with connect(settings) as connection:
        made = connection.execute("select relowner::regrole::text from pg_class where relname = 'made'").fetchone()
        connection.execute("drop table chart.made")
        assert made == ("atlas_owner",)
        roles.revoke(connection, name_of(login), "owner")
    with psycopg.connect(str(settings.database_url)) as plain:
        assert plain.execute("select current_user::text").fetchone() == ("atlas_owner",)


def test_dbt_refuses_to_build_as_a_login(environment: dict[str, str], settings: Settings) -> None:
    """As in a database that was copied or restored, until `atlas migrate` has been run."""
    with connect(settings) as connection, as_login(connection):
        connection.execute(
            sql.SQL("alter role current_user in database {} reset role").format(sql.Identifier(connection.info.dbname))
        )
    done = atlas(environment, "build", "--select", "crm__customers")
    assert b"doesn't work as atlas_owner in this database. Run: atlas migrate" in done.stdout + done.stderr
    assert done.returncode != 0
    settle(settings)
    with psycopg.connect(str(settings.database_url)) as plain:
        assert plain.execute("select current_user::text").fetchone() == ("atlas_owner",)


def test_commands(
    environment: dict[str, str], owner: Connection[TupleRow], make_login: Callable[..., Settings]
) -> None:
    name = name_of(make_login())
    day = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"

    def run(*arguments: str) -> tuple[int, str]:
        done = atlas(environment, "roles", *arguments)
        return done.returncode, (done.stdout + done.stderr).decode().strip()

    assert run("grant", name, "read") == (0, f"{name} has the role read now.")
    assert run("grant", name, "secret", "--expires", day) == (
        0,
        f"{name} has the role secret now, until {day} 00:00 UTC.",
    )
    assert run("grant", name, "secret", "--expires", "90d")[0] == 0
    code, listed = run("list", "--json")
    of_login = [row for row in json.loads(listed) if row["login"] == name]
    assert [(code, row["role"], row["state"], row["granted_by"]) for row in of_login] == [
        (0, "atlas_read", "in force", owner.info.user),
        (0, "atlas_clearance_secret", "in force", owner.info.user),
    ]
    assert re.search(rf"{name} +secret +in force", run("list")[1])
    assert run("revoke", name, "secret") == (0, f"{name} doesn't have the role secret any more.")
    kept = owner.execute(
        "select role, revoked_at is null, revoked_by from compliance.role_grants where login = %s order by grant_id",
        [name],
    ).fetchall()
    assert kept == [("atlas_read", True, None)] + [("atlas_clearance_secret", False, owner.info.user)] * 2
    for arguments, complaint in (
        (("revoke", name, "secret"), "doesn't have the role secret"),
        (("grant", "nobody_of_that_name", "read"), "There is no login nobody_of_that_name"),
        (("grant", "atlas_read", "write"), "There is no login atlas_read"),
        (("grant", name, "read", "--expires", "2001-01-01"), "over before it began"),
        (("grant", name, "read", "--expires", "soon"), "'soon' is no end of a grant"),
        (("grant", name, "read", "--expires", "0d"), "over before it began"),
        (("grant", name, "owner", "--expires", "1d"), "doesn't expire by itself"),
        (("grant", name, "everything"), "everything"),
    ):
        code, said = run(*arguments)
        assert (code, complaint in said) == (2, True), said


def test_who_may_grant(
    environment: dict[str, str], owner: Connection[TupleRow], make_login: Callable[..., Settings]
) -> None:
    admin, reader = make_login("admin"), make_login("read")
    with connect(admin) as connection:
        roles.grant(connection, name_of(reader), "confidential")
        with pytest.raises(UsageError, match="Nobody grants a role to himself"):
            roles.grant(connection, name_of(admin), "secret")
        with pytest.raises(UsageError, match="may not do this"):
            roles.grant(connection, name_of(reader), "owner")
        roles.revoke(connection, name_of(reader), "confidential")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update compliance.role_grants set login = 'x'")
    kept = owner.execute(
        "select granted_by, revoked_by from compliance.role_grants"
        " where role = 'atlas_clearance_confidential' and login = %s",
        [name_of(reader)],
    ).fetchall()
    assert kept == [(name_of(admin),) * 2]
    done = atlas(environment | {"ATLAS_DATABASE_URL": str(reader.database_url)}, "roles", "list")
    assert (done.returncode, b"may not do this" in done.stderr) == (2, True), done.stderr


def test_what_cant_be_limited_is_refused(owner: Connection[TupleRow]) -> None:
    for (name,) in owner.execute("select rolname from pg_roles where rolsuper and rolcanlogin").fetchall():
        with pytest.raises(UsageError, match="can't be limited"):
            roles.grant(owner, name, "read")


def test_memberships_end_with_the_next_run(owner: Connection[TupleRow], make_login: Callable[..., Settings]) -> None:
    expiring, gone = make_login("read"), make_login()
    roles.grant(owner, name_of(expiring), "read", datetime.now(UTC) + timedelta(seconds=0.2))
    owner.execute(
        "insert into compliance.role_grants (login, login_oid, role) values (%s, 0, 'atlas_clearance_secret')",
        [name_of(gone)],
    )
    owner.execute("select pg_sleep(0.2)")
    with connect(expiring) as reader:
        reader.execute("select from quality.table_scores")
        owner.execute("select compliance.end_expired_grants()")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select from quality.table_scores")
    assert not [row for row in roles.list_grants(owner) if row["login"] == name_of(gone)]


def anomaly(owner: Connection[TupleRow], table: str) -> int:
    (number,) = owner.execute(
        "insert into quality.anomalies (table_schema, table_name, metric, series, severity, method, opened_at,"
        " opened_run, last_at, last_run, sentence)"
        " select 'chart', %(table)s::text, 'row_count', hashtext(%(table)s), 'warn', 'point', now(), gen_random_uuid(),"
        " now(), gen_random_uuid(), 'Odd.' returning anomaly_id",
        {"table": table},
    ).fetchall()[0]
    return int(number)


def test_people_who_write_answer_anomalies(
    environment: dict[str, str], owner: Connection[TupleRow], make_login: Callable[..., Settings]
) -> None:
    writer = make_login("write")
    number = anomaly(owner, "answered")
    theirs = environment | {"ATLAS_DATABASE_URL": str(writer.database_url)}
    for answer in ("ack", "incident", "expected"):
        done = atlas(theirs, "anomalies", answer, str(number), "--note", "seen")
        assert done.returncode == 0, done.stderr
    assert atlas(theirs, "anomalies", "list", "--all").returncode == 0
    assert owner.execute(
        "select feedback, given_by from quality.anomaly_feedback where anomaly_id = %s order by feedback_id", [number]
    ).fetchall() == [(feedback, name_of(writer)) for feedback in ("acknowledged", "incident", "expected")]
    with connect(make_login("read")) as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("select quality.give_feedback(%s, 'expected')", [number])


def test_rows_that_people_write_are_their_own(owner: Connection[TupleRow], make_login: Callable[..., Settings]) -> None:
    ann, bob = make_login("write"), make_login("write")
    number = anomaly(owner, "argued")
    with connect(ann) as hers, connect(bob) as his:
        say = "insert into quality.anomaly_feedback (anomaly_id, feedback, note) values (%s, 'acknowledged', 'mine')"
        declare = (
            "insert into quality.incidents (table_schema, table_name, began_at, note)"
            " values ('chart', 'argued', now(), 'x')"
        )
        hers.execute(say, [number])
        hers.execute(declare)
        for theft in (
            "insert into quality.incidents (table_schema, table_name, began_at, declared_by)"
            f" values ('chart', 'argued', now(), '{name_of(ann)}')",
            "insert into quality.anomaly_feedback (anomaly_id, feedback, given_by)"
            f" values ({number}, 'expected', '{name_of(ann)}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                his.execute(theft)
        assert his.execute("select note from quality.incidents where table_name = 'argued'").fetchall() == [("x",)]
        assert his.execute("update quality.anomaly_feedback set note = 'his'").rowcount == 0
        assert his.execute("update quality.incidents set note = 'his'").rowcount == 0
        assert his.execute("delete from quality.incidents").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            hers.execute("update quality.incidents set declared_by = 'bob'")
        assert hers.execute(
            "update quality.anomaly_feedback set note = 'hers' where anomaly_id = %s", [number]
        ).rowcount
        assert hers.execute("delete from quality.incidents where table_name = 'argued'").rowcount == 1
        for connection in (hers, his):
            for table in ("quality.incidents", "quality.anomaly_feedback"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(sql.SQL("truncate {}").format(sql.SQL(table)))


def test_readers_make_nothing(make_login: Callable[..., Settings]) -> None:
    with connect(make_login("write", "secret")) as reader:
        for statement in (
            "create table navigate.peek ()",
            "create table public.peek ()",
            "create temp table peek ()",
            "create schema peek",
            "create function pg_temp.peek() returns integer language sql return 1",
            "create function navigate.peek() returns integer language sql return 1",
            "create view quality.peek as select 1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)


def test_nobody_connects_without_a_role(make_login: Callable[..., Settings]) -> None:
    with pytest.raises(ServiceError, match="permission denied for database"):
        connect(make_login())
    with connect(make_login("read")) as reader:
        assert reader.execute("select 1").fetchone() == (1,)


def test_the_owner_stops_its_logins_statements(owner: Connection[TupleRow], settings: Settings) -> None:
    """As dbt does when it is interrupted; PostgreSQL asks for more than being the same login."""
    with connect(settings) as other:
        assert other.execute("select current_user::text").fetchone() == ("atlas_owner",)
        pid = other.info.backend_pid
        assert owner.execute("select pg_terminate_backend(%s, 5000)", [pid]).fetchone() == (True,)


def test_rows_that_are_moved_wait_for_another_logins_snapshot(
    owner: Connection[TupleRow], settings: Settings, make_login: Callable[..., Settings]
) -> None:
    """Of whose sessions less is told: not their kind, but since when they look at the database."""
    make_table(owner)
    fill(owner, 10, "1965-01-01", "1 day")
    told: list[str] = []
    with connect(make_login("read"), autocommit=False) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reader.execute("select from quality.dimensions")
        undone = maintained(settings, wait_s=1, told=told).undone
        assert undone == ["others work all the time in transactions that began earlier; try it later"]
        assert f"(process {reader.info.backend_pid}, " in told[0]
    assert maintained(settings).moved == 10
    owner.execute(sql.SQL("drop table {}").format(sql.SQL(FACTS)))


def test_databases_of_one_server_migrate_at_once(project: Path) -> None:
    """The first ones of a server: each may be the one that makes the roles."""
    home = Path(tempfile.mkdtemp(prefix="atlas-roles-"))
    postgres_bin = Path(path) if (path := os.environ.get("ATLAS_POSTGRES_BIN")) else None
    own = Settings(home=home, database_url=None, postgres_bin=postgres_bin, project_hint=project)
    data = embedded.start(own).data_directory
    try:
        url = f"postgresql://{DATABASE_ROLE}@/{{}}?host={quote(str(own.socket_directory), safe='')}"
        names = [f"work_{number}" for number in range(4)]
        with psycopg.connect(url.format("postgres"), autocommit=True) as server:
            for name in names:
                server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        commands = [
            subprocess.Popen(
                [sys.executable, "-m", "atlas", "migrate"],
                env=os.environ | {"ATLAS_DATABASE_URL": url.format(name), "ATLAS_PROJECT": str(project)},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            for name in names
        ]
        said = [command.communicate(timeout=120) for command in commands]
        assert [command.returncode for command in commands] == [0] * 4, said
    finally:
        embedded.stop(own)
        shutil.rmtree(home, ignore_errors=True)
        if data.is_relative_to(embedded.STORE):
            shutil.rmtree(data.parent, ignore_errors=True)


def test_down_and_up_give_everything_to_the_login_and_back(
    settings: Settings, make_database: Callable[..., Settings]
) -> None:
    own = make_database(None)
    migrate(own)
    owners = (
        "select distinct c.relowner::regrole::text from pg_class as c"
        " where c.relnamespace in ('explore'::regnamespace, 'quality'::regnamespace, 'pipeline'::regnamespace)"
    )
    with connect(own) as connection:
        assert connection.execute(owners).fetchall() == [("atlas_owner",)]
    migrate(own, "0012")
    with psycopg.connect(str(own.database_url)) as plain:
        assert plain.execute("select current_user = session_user").fetchone() == (True,)
        assert plain.execute(owners).fetchall() == [(plain.info.user,)]
        assert plain.execute("select has_database_privilege('public', current_database(), 'connect')").fetchone() == (
            True,
        )
    migrate(own)
    with connect(own) as connection:
        assert connection.execute(owners).fetchall() == [("atlas_owner",)]
    settle(own)
    with connect(own) as connection:
        connection.execute(
            "insert into compliance.role_grants (login, login_oid, role) values ('somebody', 0, 'atlas_read')"
        )
    with pytest.raises(ServiceError, match="who was granted what would be lost"):
        migrate(own, "0012")
