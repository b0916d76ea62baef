"""The inventory: complete, with levels, personal data, retention, and who can see what."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from landing_support import atlas
from psycopg import sql
from psycopg.rows import dict_row

from atlas.assets import read_assets
from atlas.database import connect
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]


# As the standard's catalogue has it, apart from how the inventory finds it.
IN_THE_CATALOGUE = """
    select c.relnamespace::regnamespace::text, c.relname::text, a.attname::text
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        and c.relnamespace::regnamespace::text in (
            'explore', 'chart', 'navigate_base', 'navigate', 'pipeline', 'quality', 'compliance'
        )
    union all
    select c.relnamespace::regnamespace::text, c.relname::text, ''
    from pg_class as c
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
        and c.relnamespace::regnamespace::text in (
            'explore', 'chart', 'navigate_base', 'navigate', 'pipeline', 'quality', 'compliance'
        )
"""
DECLARED: list[dict[str, Any]] = [
    {
        "table_schema": "navigate_base",
        "table_name": "dim_person",
        "owner": "People data",
        "retention": "5 years",
        "columns": {
            "person_id": {"level": "internal", "patterns": [], "subject_key": "person"},
            "email": {"level": "restricted", "patterns": ["email"], "subject_key": None},
            "Größe": {"level": "public", "patterns": [], "subject_key": None},
        },
    },
]


def record(connection: Connection, declared: list[dict[str, Any]]) -> None:
    connection.execute("select compliance.record_assets(%s, %s)", [uuid.uuid4(), json.dumps(declared)])


def assets(connection: Connection, schema: str, table: str) -> dict[str, dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(
            "select * from compliance.data_assets where table_schema = %s and table_name = %s", [schema, table]
        ).fetchall()
    return {asset["column_name"]: asset for asset in found}


@pytest.fixture(scope="module")
def logins(server_url: str) -> Iterator[tuple[str, str]]:
    """Two readers, of whom the second is cleared."""
    names = (f"atlas_reader_{uuid.uuid4().hex[:8]}", f"atlas_cleared_{uuid.uuid4().hex[:8]}")
    with psycopg.connect(server_url, autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
        yield names
        for name in names:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def held(database: Settings, logins: tuple[str, str]) -> Iterator[Connection]:
    with connect(database) as connection:
        connection.execute(
            """
            create table navigate_base.dim_person (person_id text, email text, "Größe" integer, forgotten text);
            create view navigate.dim_person as select * from navigate_base.dim_person;
            grant select on navigate.dim_person to atlas_read;
            create table navigate_base.dim_person__events (person_id text, email text, told_at timestamptz);
            insert into navigate_base.dim_person select n::text from generate_series(1, 10) as n;
            analyze navigate_base.dim_person;
            create table quality.probes ("Schlüssel" text primary key, "größe" integer, note text);
            select compliance.audit('quality.probes', '{Schlüssel}', '{größe}');
            insert into compliance.pii_scans (
                part_schema, part_name, table_schema, table_name, fingerprint, is_sample, rows_read, duration_ms
            )
            values ('navigate_base', 'dim_person', 'navigate_base', 'dim_person', '', false, 10, 1);
            insert into compliance.pii_detections (
                table_schema, table_name, column_name, path, pattern, matched, looked_at, is_estimate, confidence,
                reasons, evidence, first_seen, last_seen
            )
            values (
                'navigate_base', 'dim_person', 'forgotten', '', 'phone', 9, 10, false, 0.9, '{why}', '{}', now(), now()
            )
            """
        )
        for login, role in ((logins[0], "atlas_read"), (logins[1], "atlas_read")):
            connection.execute("select compliance.grant_role(%s, %s)", [login, role])
        connection.execute("select compliance.grant_role(%s, 'atlas_clearance_restricted')", [logins[1]])
        record(connection, DECLARED)
        yield connection
        for login in logins:
            for role in ("atlas_read", "atlas_clearance_restricted"):
                connection.execute("select compliance.revoke_role(%s, %s)", [login, role])


def test_levels_patterns_owner_retention_and_subject(held: Connection) -> None:
    person = assets(held, "navigate_base", "dim_person")
    assert {name: asset["level"] for name, asset in person.items()} == {
        "": "secret",
        "person_id": "internal",
        "email": "restricted",
        "Größe": "public",
        "forgotten": "secret",
    }
    assert {name: asset["patterns"] for name, asset in person.items() if asset["patterns"]} == {
        "": ["email", "phone"],
        "email": ["email"],
        "forgotten": ["phone"],
    }
    whole = person[""]
    assert (whole["owner"], whole["retention"], whole["subject_key"]) == ("People data", "5 years", "person")
    assert (whole["kind"], whole["row_count"], person["email"]["data_type"]) == ("table", 10, "text")
    assert whole["last_scanned_at"] is not None
    published = assets(held, "navigate", "dim_person")
    assert (published[""]["kind"], published[""]["row_count"]) == ("view", 10)
    assert published["email"]["level"] == "restricted"
    # What a dimension's events hold, the dimension holds.
    events = assets(held, "navigate_base", "dim_person__events")
    assert (events["email"]["level"], events["told_at"]["level"]) == ("restricted", "secret")


def test_state_tables_have_the_levels_that_the_audit_log_knows(held: Connection) -> None:
    incidents = assets(held, "quality", "incidents")
    assert (incidents["began_at"]["level"], incidents["note"]["level"]) == ("internal", "secret")
    probes = assets(held, "quality", "probes")
    assert [probes[name]["level"] for name in ("Schlüssel", "größe", "note")] == ["internal", "internal", "secret"]


def test_who_can_read_and_who_sees_the_values(held: Connection, logins: tuple[str, str]) -> None:
    def who(schema: str, column: str) -> tuple[set[str], set[str]]:
        readers = held.execute(
            "select login, sees_values from compliance.asset_readers"
            " where table_schema = %s and table_name = 'dim_person' and column_name = %s and login = any(%s)",
            [schema, column, list(logins)],
        ).fetchall()
        return {login for login, _ in readers}, {login for login, sees in readers if sees}

    reader, cleared = logins
    assert who("navigate", "email") == ({reader, cleared}, {cleared})
    with held.transaction(force_rollback=True):
        # Who asks has no rights on what he asks about.
        held.execute("set local role atlas_admin")
        [email] = [
            asset
            for asset in read_assets(held, subject=True)
            if (asset["table_name"], asset["column_name"]) == ("navigate.dim_person", "email")
        ]
    assert set(email["readable_by"]) >= {reader, cleared}
    assert cleared in email["unmasked_for"]
    assert who("navigate", "Größe") == ({reader, cleared}, {reader, cleared})
    assert who("navigate", "forgotten") == ({reader, cleared}, set())
    assert who("navigate_base", "email") == (set(), set())
    held.execute("select compliance.revoke_role(%s, 'atlas_clearance_restricted')", [cleared])
    held.execute(sql.SQL("grant usage on schema navigate_base to {}").format(sql.Identifier(reader)))
    held.execute(sql.SQL("grant select (email) on navigate_base.dim_person to {}").format(sql.Identifier(reader)))
    assert who("navigate", "email") == ({reader, cleared}, set())
    assert who("navigate_base", "email") == ({reader}, {reader}), "granted by hand, column by column"
    assert who("navigate_base", "person_id") == (set(), set())
    assert who("navigate_base", "") == ({reader}, {reader}), "some of its columns"
    held.execute(sql.SQL("revoke usage on schema navigate_base from {}").format(sql.Identifier(reader)))
    held.execute(sql.SQL("revoke select (email) on navigate_base.dim_person from {}").format(sql.Identifier(reader)))


def test_a_change_of_level_is_logged_and_what_stays_isnt(held: Connection) -> None:
    def logged() -> list[tuple[Any, ...]]:
        return held.execute(
            "select operation, keys, before, after from compliance.audit_log"
            " where table_name = 'data_assets' and entry_id > %s order by entry_id",
            [last],
        ).fetchall()

    record(held, DECLARED)
    last = held.execute("select max(entry_id) from compliance.audit_log").fetchall()[0][0]
    record(held, DECLARED)
    assert logged() == []
    lowered = json.loads(json.dumps(DECLARED))
    lowered[0]["columns"]["forgotten"] = {"level": "public", "patterns": [], "subject_key": None}
    record(held, lowered)
    ((operation, keys, before, after),) = logged()
    assert operation == "update"
    assert before["level"][keys["column_name"].index("forgotten")] == "secret"
    assert after["level"][keys["column_name"].index("forgotten")] == "public"


def test_what_is_gone_leaves_the_inventory(held: Connection) -> None:
    held.execute("create table chart.passing (id integer)")
    record(held, DECLARED)
    assert set(assets(held, "chart", "passing")) == {"", "id"}
    held.execute("drop table chart.passing")
    record(held, DECLARED)
    assert assets(held, "chart", "passing") == {}


@pytest.fixture(scope="module")
def built(
    template: str,
    copy_database: Callable[[str, str], Settings],
    drop_database: Callable[[str], None],
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Settings, dict[str, str]]]:
    """A database in which plain dbt has built the reference domain, and the environment of its user."""
    name = f"atlas_assets_{uuid.uuid4().hex[:8]}"
    made = copy_database(name, template)
    home = tmp_path_factory.mktemp("dbt")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "ATLAS_PROJECT": str(project),
        **dbt_places("atlas", made.database_url, home),
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project / "profiles"),
    }
    command = [sys.executable, "-m", "dbt.cli.main", "run", "--select", "+dim_customer", "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    yield made, environment
    drop_database(name)


def test_a_run_of_plain_dbt_writes_all_of_it(built: tuple[Settings, dict[str, str]]) -> None:
    with connect(built[0]) as connection:
        there = set(connection.execute(IN_THE_CATALOGUE).fetchall())
        listed = set(
            connection.execute("select table_schema, table_name, column_name from compliance.data_assets").fetchall()
        )
        customer = assets(connection, "navigate", "dim_customer")
        landed = assets(connection, "explore", "raw_crm__customers")
        typed = assets(connection, "explore", "crm__customers")
        personal = connection.execute(
            "select table_name from compliance.data_assets where column_name = '' and patterns <> '{}'"
            " and (subject_key is null or retention is null)"
        ).fetchall()
        sealed = connection.execute(
            "select count(*) from compliance.audit_log as l inner join compliance.audit_seals as s"
            " on l.entry_id <@ s.entries where l.table_name = 'data_assets'"
        ).fetchall()[0][0]
    assert there - listed == set()
    assert listed - there == set()
    assert {schema for schema, _, _ in there} == {
        *("explore", "chart", "navigate_base", "navigate", "pipeline", "quality", "compliance")
    }
    assert customer["email"]["level"] not in ("public", "internal")
    assert customer[""]["owner"]
    all_of_them = ["email", "person_name", "phone"]
    assert {name: (asset["level"], asset["patterns"], asset["subject_key"]) for name, asset in landed.items()} == {
        "": ("secret", all_of_them, "customer"),
        "batch_id": ("public", [], None),
        "line": ("public", [], None),
        "received_at": ("public", [], None),
        "key": ("internal", [], "customer"),
        "event_at": ("internal", [], None),
        "operation": ("internal", [], None),
        # They may hold what nobody declared.
        "payload": ("secret", all_of_them, "customer"),
        "sha256": ("secret", all_of_them, "customer"),
    }
    assert {name: (asset["level"], asset["patterns"]) for name, asset in typed.items() if asset["patterns"]} == {
        "": ("secret", all_of_them),
        "_sha256": ("secret", all_of_them),
        "name": ("confidential", ["person_name"]),
        "email": ("confidential", ["email"]),
        "phone": ("confidential", ["phone"]),
    }
    assert (typed["segment"]["level"], typed["customer_id"]["subject_key"]) == ("public", "customer")
    assert (customer["customer_id"]["subject_key"], customer["email"]["retention"]) == ("customer", "10 years")
    assert personal == [], "of whom, and for how long"
    assert sealed > 0, "the run seals what it has logged"


def test_for_a_privacy_officer(built: tuple[Settings, dict[str, str]]) -> None:
    settings, environment = built
    tables = json.loads(atlas(environment, "assets", "--json").stdout)
    assert {"navigate.dim_customer", "explore.raw_crm__customers"} <= {asset["table_name"] for asset in tables}
    assert all(asset["column_name"] is None for asset in tables)
    columns = json.loads(atlas(environment, "assets", "--table", "navigate.dim_customer", "--json").stdout)
    assert {None, "customer_id", "email"} <= {asset["column_name"] for asset in columns}
    personal = json.loads(atlas(environment, "assets", "--subject", "--json").stdout)
    assert all(asset["patterns"] or asset["subject_key"] for asset in personal)
    shown = atlas(environment, "assets", "--table", "dim_customer").stdout.decode()
    assert shown.startswith("As of 20")
    refused = atlas(environment, "assets", "--table", "nothing.there")
    assert (refused.returncode, b"No table 'nothing.there' is in the inventory" in refused.stderr) == (2, True)
    with connect(settings) as connection:
        connection.execute("delete from compliance.data_assets")
    assert b"No run has written it yet" in atlas(environment, "assets").stdout
