"""Each path by which a value could reach somebody who isn't cleared for it, tried by such a login.

Each is tried twice: as the project protects it, and with just that protection off, when it must find the canary.
"""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from leaks import BASE, BEYOND, COMMIT, CUSTOMER, DRIFTS, LONG, MISCHIEF, PATHS, THEIRS, VIEW, Leak
from protection_support import (
    CANARY,
    DBT_ASKS,
    ROOT,
    Warehouse,
    clean_environment,
    run_dbt,
    superuser_url,
    warehouse_on,
)
from typer.testing import CliRunner

from atlas.cli import app
from atlas.database import connect
from atlas.errors import AtlasError, ServiceError, UsageError
from atlas.landing import land_file, land_lines, prepare
from atlas.protection import declared_protections, differences, repair
from atlas.roles import check_roles
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlas.grants import Difference
    from atlas.settings import Settings


@pytest.fixture(scope="module", name="warehouse")
def fixture_warehouse(
    server_url: str,
    template: str,
    copy_database: Callable[[str, str], Settings],
    drop_database: Callable[[str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Warehouse]:
    """The project on the samples, with canaries among them, built with all its tests."""
    home = tmp_path_factory.mktemp("paths")
    with (
        warehouse_on(server_url, copy_database(f"atlas_paths_{os.getpid()}", template), drop_database) as made,
        clean_environment(made.settings, home),
    ):
        sources = load_sources(ROOT)
        for source in sources.values():
            prepare(made.owner, source)
        customers = sources["crm.customers"]
        land_file(made.owner, customers, ROOT / "samples/crm.customers/2025-03-03.ndjson")
        # Many of one name, so that statistics know it; one without an id that is refused.
        planted = [{"customer_id": f"C-9{n:04}", **CUSTOMER} for n in range(40)]
        planted.append({"customer_id": "nobody", **CUSTOMER})
        with made.owner.transaction():
            lines = [json.dumps(one).encode() for one in planted]
            assert land_lines(made.owner, customers, lines, name="planted").quarantined == 1
            land_lines(made.owner, sources["git.commits"], [json.dumps(COMMIT).encode()], name="planted")
        outcome = run_dbt(ROOT, made.settings, "build")
        assert outcome.success, [r.message for r in outcome.result.results if r.status not in {"success", "pass"}]
        plant(made)
        yield made


def plant(made: Warehouse) -> None:
    """What else holds a canary: a backup as dbt leaves one, a large object, statistics, rejected events."""
    made.run(
        f"create table {BASE}__dbt_backup as select * from {BASE}",
        f"insert into {BASE}__rejected (customer_name) values ('{CANARY}')",
        f"create statistics navigate_base.planted (mcv) on customer_name, city from {BASE}",
        f"analyze {BASE}",
        f"alter table {BASE}__dbt_backup add check (customer_name <> '')",
    )
    ((large_object,),) = made.rows(f"select lo_from_bytea(0, '{CANARY}'::bytea)")
    ((last_batch,),) = made.rows("select setval('explore.batches_batch_id_seq', 707070)")
    ((partition,),) = made.rows(
        "select c.relname from navigate_base.fct_commit as f inner join pg_class as c on c.oid = f.tableoid limit 1"
    )
    ((landed,),) = made.rows(
        f"select tableoid::regclass::text from explore.raw_crm__customers where payload ->> 'name' = '{LONG}' limit 1"
    )
    ((runs_partition,),) = made.rows("select tableoid::regclass::text from quality.test_runs limit 1")
    ((query,),) = made.rows(f"select pg_get_viewdef('{VIEW}'::regclass)")
    made.statements = {
        "low": made.low,
        "cleared": made.cleared,
        "database": made.owner.info.dbname,
        "large_object": str(large_object),
        "last_batch": str(last_batch),
        "fct_partition": partition,
        "landing_partition": landed,
        "runs_partition": runs_partition,
        "masked": f"create or replace view {VIEW} with (security_barrier = false) as {query}",
    }


def filled(warehouse: Warehouse, statements: tuple[str, ...]) -> list[str]:
    """Statements with this database's names in them."""
    found = []
    for statement in statements:
        text = statement
        for name, value in warehouse.statements.items():
            text = text.replace(f"{{{name}}}", value)
        found.append(text)
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_a_path_shows_nothing_unless_its_protection_is_off(warehouse: Warehouse, path: Leak) -> None:
    tries = filled(warehouse, path.tries)
    (canary,) = filled(warehouse, (path.canary,))
    with warehouse.session(warehouse.cleared) as busy:
        # What another session has just run is there to be seen, for some.
        busy.execute(f"select '{CANARY}'")
        assert canary not in warehouse.seen(*tries)
        with warehouse.as_login():
            warehouse.run(*filled(warehouse, path.off))
        try:
            assert canary in warehouse.seen(*tries), "the path doesn't lead to the value at all"
        finally:
            with warehouse.as_login():
                warehouse.run(*filled(warehouse, path.on))
        assert canary not in warehouse.seen(*tries)


ALL_THERE_IS = """
    select format('%I.%I', n.nspname, c.relname)
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where
        c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
        and has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
    order by 1
"""


def all_that_is_read(warehouse: Warehouse) -> str:
    """Every row of everything that the login without clearance may read, catalogues and quality included."""
    shown = []
    with warehouse.session(warehouse.low) as session:
        for (name,) in session.execute(ALL_THERE_IS).fetchall():
            try:
                shown.append(f"{name} {session.execute(f'select t::text from {name} as t').fetchall()}")
            except psycopg.Error as error:
                shown.append(f"{name} {error}")
    return "\n".join(line for line in shown if CANARY in line)


def test_nothing_that_can_be_read_holds_a_canary(warehouse: Warehouse) -> None:
    """Test failures, profiles, scores and messages are among it."""
    assert all_that_is_read(warehouse) == ""
    low = warehouse.low
    warehouse.run(f"grant usage on schema explore to {low}", f"grant select on explore.crm__customers to {low}")
    try:
        assert all_that_is_read(warehouse).startswith("explore.crm__customers")
    finally:
        warehouse.run(f"revoke all on explore.crm__customers from {low}", f"revoke all on schema explore from {low}")


def test_results_of_tests_and_profiles_hold_no_values(warehouse: Warehouse) -> None:
    """Of a test that fails with a value in its message, see test_the_hook_leaves_alone_what_is_right."""
    kept = warehouse.rows("select t::text from quality.test_runs as t")
    assert kept
    assert CANARY not in str(kept)
    assert CANARY not in str(warehouse.rows("select t::text from quality.column_profiles as t"))


# "must have" is what PostgreSQL 15 says.
REFUSED = ("denied", "must be", "must have", "permission", "Only roles", "not available", "no schema")


def test_a_reader_makes_nothing_and_calls_nothing(warehouse: Warehouse) -> None:
    for statement in MISCHIEF:
        said = warehouse.seen(statement)
        assert any(word in said for word in REFUSED), f"{statement}: {said!r}"


LEAK = """
    create function navigate.leak(value text) returns boolean language plpgsql cost 0.0000001 as
    $$ begin raise notice 'seen %', value; return true; end $$
"""


@pytest.mark.parametrize("has_barrier", [True, False])
def test_a_leaky_function_sees_hidden_rows_only_without_the_barrier(warehouse: Warehouse, has_barrier: bool) -> None:
    try:
        warehouse.run(
            f"create view navigate.some with (security_barrier = {has_barrier}) as"
            f" select version_key, city from {BASE} where city <> '{LONG}'",
            f"grant select on navigate.some to {warehouse.low}",
            LEAK,
            f"grant execute on function navigate.leak(text) to {warehouse.low}",
        )
        said = warehouse.seen("select * from navigate.some where navigate.leak(city)")
        assert (f"seen {LONG}" in said) is not has_barrier
        # On masked columns there is nothing to be seen, with or without it.
        assert CANARY not in warehouse.seen(f"select * from {VIEW} where navigate.leak(email) or navigate.leak(city)")
    finally:
        warehouse.run("drop view navigate.some", "drop function navigate.leak(text)")


def test_another_connection_is_nobody_else(warehouse: Warehouse, server_url: str) -> None:
    """dblink, where somebody installed it, logs in by a password or not at all."""
    parts = urlsplit(str(warehouse.settings.database_url))
    login, host = parts.netloc.rpartition("@")[0], parts.query.partition("host=")[2].replace("%2F", "/")
    with psycopg.connect(
        parts._replace(netloc=parts.netloc.replace(login, "postgres")).geturl(), autocommit=True
    ) as root:
        root.execute("create extension dblink schema navigate")
        target = f"dbname={parts.path[1:]} host={host} user={login}"
        ask = f"select * from navigate.dblink('{{}}', 'select customer_name from {BASE}') as t (customer_name text)"
        try:
            assert "password" in warehouse.seen(ask.format(target))
            root.execute(f"grant execute on function navigate.dblink_connect_u(text, text) to {warehouse.low}")
            said = warehouse.seen(f"select navigate.dblink_connect_u('c', '{target}')", ask.format("c"))
            # Where the tests are root's, the server's account can't enter the socket's directory.
            assert CANARY in said or "Permission denied" in said
        finally:
            root.execute("drop extension dblink")


def test_names_that_a_reader_puts_first_mean_nothing_to_views(warehouse: Warehouse) -> None:
    """A function and an operator of somebody's own, found first by the reader's search_path."""
    try:
        warehouse.run(
            "create schema evil",
            "create function evil.has_clearance(text) returns boolean language sql return true",
            "create function evil.isfinite(date) returns boolean language sql return false",
            f"grant usage on schema evil to {warehouse.low}",
            f"grant execute on all functions in schema evil to {warehouse.low}",
        )
        said = warehouse.seen("set search_path = evil, compliance, pg_catalog", f"select * from {VIEW}")
        assert CANARY not in said
    finally:
        warehouse.run("drop schema evil cascade")


@pytest.mark.parametrize("folded", [False, True])
def test_a_prepared_statement_forgets_a_clearance_that_was_taken(warehouse: Warehouse, folded: bool) -> None:
    """It would remember, if the planner might take the answer for a constant."""
    low = warehouse.low
    if folded:
        warehouse.run("alter function compliance.has_clearance(text) immutable")
    try:
        warehouse.run(f"select compliance.grant_role('{low}', 'atlas_clearance_confidential')")
        with warehouse.session(low) as session:
            session.execute("set plan_cache_mode = force_generic_plan")
            session.execute(f"prepare ask as select email from {VIEW}")
            assert CANARY in str(session.execute("execute ask").fetchall())
            warehouse.run(f"select compliance.revoke_role('{low}', 'atlas_clearance_confidential')")
            assert (CANARY in str(session.execute("execute ask").fetchall())) is folded
            # Nor does it matter that a transaction is open.
            assert (CANARY in str(session.execute("execute ask").fetchall())) is folded
    finally:
        warehouse.run("alter function compliance.has_clearance(text) stable")


@pytest.fixture(scope="module", name="declared")
def fixture_declared(warehouse: Warehouse) -> list[dict[str, Any]]:
    return declared_protections(warehouse.settings)


def sentences(found: list[Difference]) -> list[str]:
    # On a server that was given, other tests have logins.
    return [f"{one.relation}: {one.sentence}" for one in found if not one.relation.startswith("atlas_test_")]


@pytest.mark.parametrize(("by_hand", "sentence"), DRIFTS.items(), ids=lambda text: text[:60])
def test_what_was_done_by_hand_is_named_and_mended(
    warehouse: Warehouse, declared: list[dict[str, Any]], by_hand: str, sentence: str
) -> None:
    warehouse.run(
        f"drop table if exists navigate.copied, {BASE}__dbt_backup",
        "drop view if exists quality.peek",
        "drop schema if exists elsewhere cascade",
    )
    assert sentences(differences(warehouse.owner, declared, ROOT)) == []
    warehouse.run(*filled(warehouse, tuple(by_hand.split("; "))))
    found = differences(warehouse.owner, declared, ROOT)
    assert filled(warehouse, (sentence,))[0] in sentences(found)
    repair(warehouse.owner, found)
    assert sentences(differences(warehouse.owner, declared, ROOT)) == []
    assert CANARY not in warehouse.seen(f"select * from {VIEW}")
    # What is theirs stays theirs.
    assert warehouse.rows(THEIRS) == [(True, True)]


@pytest.mark.parametrize(("by_hand", "undo", "sentence"), BEYOND, ids=lambda text: text[:60])
def test_what_only_a_dba_can_mend_is_named(
    warehouse: Warehouse, declared: list[dict[str, Any]], by_hand: str, undo: str, sentence: str
) -> None:
    by_hand, undo, sentence = filled(warehouse, (by_hand, undo, sentence))
    warehouse.run("drop schema if exists elsewhere cascade", f"drop table if exists {BASE}__dbt_backup")
    with psycopg.connect(superuser_url(warehouse.settings), autocommit=True) as dba:
        dba.execute(by_hand)
        try:
            found = differences(warehouse.owner, declared, ROOT)
            assert [one[: len(sentence)] for one in sentences(found)] == [sentence]
            repair(warehouse.owner, found)
            assert differences(warehouse.owner, declared, ROOT) == found
            if found[0].relation == warehouse.low:
                with pytest.raises(AtlasError, match=r"(Its DBA|To end it): "):
                    check_roles(warehouse.settings)
            if "SUPERUSER" in sentence or "BYPASSRLS" in sentence:
                with pytest.raises(UsageError, match="is a superuser or bypasses"):
                    connect(replace(warehouse.settings, database_url=warehouse.url(warehouse.low)))
                assert "is a superuser or bypasses" in warehouse.seen(DBT_ASKS)
        finally:
            dba.execute(undo)


def test_a_repair_that_a_reader_holds_up_changes_nothing(
    warehouse: Warehouse, declared: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atlas.protection.LOCK_TIMEOUT", "50ms")
    warehouse.run("grant select on navigate.dim_branch to public", f"grant select on {BASE} to public")
    with warehouse.session(warehouse.low) as session, session.transaction():
        session.execute("select count(*) from navigate.dim_branch")
        found = differences(warehouse.owner, declared, ROOT)
        with pytest.raises(ServiceError, match="nothing was changed"):
            repair(warehouse.owner, found)
    assert differences(warehouse.owner, declared, ROOT) == found
    repair(warehouse.owner, found)


def test_the_command_plans_and_mends(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_PROJECT", str(ROOT))
    warehouse.run(f"grant select on {BASE} to public")
    runner = CliRunner()
    planned = runner.invoke(app, ["protect", "--plan", "--json"])
    assert planned.exit_code == 1, planned.output
    assert [one["relation"] for one in json.loads(planned.output)["left"]] == [BASE]
    mended = runner.invoke(app, ["protect"])
    assert (mended.exit_code, mended.output.splitlines()[-1]) == (0, "Mended: 1 of 1."), mended.output
    assert warehouse.rows(f"select has_table_privilege('{warehouse.low}', '{BASE}', 'select')") == [(False,)]
    monkeypatch.setenv("ATLAS_DATABASE_URL", warehouse.url(warehouse.low))
    refused = runner.invoke(app, ["protect", "--plan"])
    assert isinstance(refused.exception, UsageError)
    assert f"{warehouse.low} is no owner" in str(refused.exception)


def test_a_full_refresh_under_two_readers_shows_nothing(warehouse: Warehouse) -> None:
    """The customers domain, with its tests, while two sessions ask every millisecond."""
    stop, troubles, polls = threading.Event(), list[str](), [0, 0]
    queries = (
        f"select * from {VIEW}",
        "select * from navigate.mart_customer_segments",
        "select * from navigate.customer_segments_as_seen",
        f"select * from {BASE}",
    )

    def poll(place: int) -> None:
        with warehouse.session(warehouse.low) as session:
            while not stop.is_set():
                for query in queries:
                    try:
                        if CANARY in str(session.execute(query).fetchall()):
                            troubles.append(f"{query} showed it")
                    except psycopg.errors.InsufficientPrivilege:
                        assert query.endswith(BASE)
                    except psycopg.Error as error:
                        troubles.append(f"{query}: {error}")
                    polls[place] += 1
                time.sleep(0.001)

    readers = [threading.Thread(target=poll, args=(place,)) for place in (0, 1)]
    for reader in readers:
        reader.start()
    try:
        outcome = run_dbt(
            ROOT,
            warehouse.settings,
            "build",
            "--full-refresh",
            "--select",
            "path:models/navigate/customers",
            "path:models/chart/customers",
            "customer_segments_as_seen",
        )
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert outcome.success, [r.message for r in outcome.result.results if r.status not in {"success", "pass"}]
    assert troubles == []
    assert min(polls) > 100
