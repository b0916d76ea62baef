"""What the post-hook makes of a table, for each way in which dbt builds one, in a project of the tests' own."""

from __future__ import annotations

import os
import stat
import threading
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from protection_support import (
    CANARY,
    ROOT,
    TABLES,
    TELLING_PLANS,
    WRONG,
    WRONG_TABLES,
    Warehouse,
    clean_environment,
    run_dbt,
    scratch_project,
    warehouse_on,
)

from atlas.build import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlas.settings import Settings


KEY = "0123456789abcdefghijklmnopqrstuv"
KINDS = ("as_table", "as_view", "as_incremental", "as_scd2", "as_partitioned", "as_seed", "as_snapshot")


@pytest.fixture(scope="module", name="warehouse")
def fixture_warehouse(
    server_url: str,
    template: str,
    copy_database: Callable[[str, str], Settings],
    drop_database: Callable[[str], None],
) -> Iterator[Warehouse]:
    with warehouse_on(server_url, copy_database(f"atlas_views_{os.getpid()}", template), drop_database) as made:
        made.run(TABLES)
        yield made


@pytest.fixture(scope="module", name="project")
def fixture_project(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project, built."""
    home = tmp_path_factory.mktemp("views")
    project = scratch_project(home / "project")
    with clean_environment(warehouse.settings, home):
        outcome = run_dbt(project, warehouse.settings, "build", key=KEY)
        assert outcome.success, outcome.exception or [r.message for r in outcome.result.results]
        yield project


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_table_shows_values_to_the_cleared_alone(warehouse: Warehouse, project: Path, kind: str) -> None:
    query = f"select id, email from navigate.{kind} where id < 3 order by id"
    mask = None if kind == "as_partitioned" else "hidden@example.org"
    with warehouse.session(warehouse.low) as low, warehouse.session(warehouse.cleared) as cleared:
        assert low.execute(query).fetchall() == [(1, mask), (2, mask)]
        assert cleared.execute(query).fetchall() == [(1, f"{CANARY}@example.org"), (2, "other@example.org")]
        for base in (kind, f"{kind}__events", f"{kind}_2024"):
            if warehouse.rows(f"select to_regclass('navigate_base.{base}') is not null") == [(True,)]:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    cleared.execute(f"select * from navigate_base.{base}")


def test_a_table_without_columns_in_yaml_shows_nothing(warehouse: Warehouse, project: Path) -> None:
    with warehouse.session(warehouse.low) as low, warehouse.session(warehouse.cleared) as cleared:
        for session in (low, cleared):
            rows = session.execute("select * from navigate.undeclared").fetchall()
            assert rows == [(None,) * 9] * 3, "undeclared is secret, and restricted isn't enough for that"


def test_names_with_quotes_and_beyond_ascii(warehouse: Warehouse, project: Path) -> None:
    query = 'select "we""ird", "É-mail ü", "Email", email, "null", "select" from navigate.odd_names where id = 1'
    value = f"{CANARY}@example.org"
    with warehouse.session(warehouse.low) as low, warehouse.session(warehouse.cleared) as cleared:
        assert low.execute(query).fetchall() == [("***", "***", None, value, None, value)]
        assert cleared.execute(query).fetchall() == [(value, value, value, value, None, value)]


def test_rows_are_shown_as_declared(warehouse: Warehouse, project: Path) -> None:
    with warehouse.session(warehouse.low) as low, warehouse.session(warehouse.cleared) as cleared:
        assert low.execute("select id from navigate.some_rows order by 1").fetchall() == [(1,)]
        assert cleared.execute("select id from navigate.some_rows order by 1").fetchall() == [(1,), (2,), (3,)]


@pytest.mark.parametrize(("view", "condition", "held", "unheld", "off"), TELLING_PLANS)
def test_no_plan_tells_whether_there_is_such_a_value(
    warehouse: Warehouse, project: Path, view: str, condition: str, held: object, unheld: object, off: str | None
) -> None:
    def are_told_apart(how: str) -> bool:
        query = f"select * from navigate.{view} where {condition}"
        return warehouse.plan(warehouse.low, query, held, how) != warehouse.plan(warehouse.low, query, unheld, how)

    ways = ("costs", "analyze, buffers off, costs off, timing off, summary off")
    warehouse.run(f"analyze navigate_base.{view}")
    assert [are_told_apart(how) for how in ways] == [False, False]
    ((query,),) = warehouse.rows(f"select pg_get_viewdef('navigate.{view}'::regclass)")
    for (index,) in warehouse.rows(f"select index from compliance.lookups_of('navigate_base.{view}')"):
        warehouse.run(f"alter index {index} alter column 1 set statistics 100")
    warehouse.run(off or "select", f"analyze navigate_base.{view}")
    assert [are_told_apart(how) for how in ways] == [True, off is not None]
    warehouse.run(
        f"create or replace view navigate.{view} with (security_barrier = {off is not None}) as {query}",
        f"select compliance.make_lookups('navigate_base.{view}', '{{{'label' if off else 'number,email'}}}')",
        f"analyze navigate_base.{view}",
    )
    assert [are_told_apart(how) for how in ways] == [False, False]


def test_the_cleared_look_up_by_index(warehouse: Warehouse, project: Path) -> None:
    """Each by what he is cleared for, and those who see all rows in what others see a part of."""
    by_number = "select id, email from navigate.looked_up where number = 'C-77'"
    joined = (
        "select l.email from (values ('C-7'), ('C-8')) as v (n) inner join navigate.looked_up as l on l.number = v.n"
    )
    queries = [
        by_number,
        "select id from navigate.looked_up where email = 'person77@example.org'",
        joined,
        "select amount from navigate.looked_up_by_rows where label = 'label 77'",
    ]
    for query in queries:
        indexes, scans = warehouse.indexes_used(warehouse.cleared, query)
        assert (len(indexes), scans) == (1, 0), query
        assert warehouse.indexes_used(warehouse.low, query) == (set(), 1), query
    warehouse.run(f"select compliance.grant_role('{warehouse.low}', 'atlas_clearance_internal')")
    try:
        assert [warehouse.indexes_used(warehouse.low, query)[1] for query in queries] == [0, 1, 0, 1]
        assert warehouse.seen(by_number) == "(77, 'hidden@example.org')"
    finally:
        warehouse.run(f"select compliance.revoke_role('{warehouse.low}', 'atlas_clearance_internal')")


def test_a_clearance_that_changes_within_a_query_gives_no_row_twice(warehouse: Warehouse, project: Path) -> None:
    query, role = "select id, email from navigate.looked_up", "atlas_clearance_confidential"
    warehouse.run(f"select compliance.grant_role('{warehouse.low}', '{role}')")
    with warehouse.session(warehouse.low) as session, session.transaction(), session.cursor("begun") as cursor:
        cursor.execute(query)
        first = cursor.fetchmany(10)
        warehouse.run(f"select compliance.revoke_role('{warehouse.low}', '{role}')")
        rows = first + cursor.fetchall()
        assert sorted(row[0] for row in rows) == list(range(1, 100001))
        masked = session.execute(query).fetchall()
    assert {email for _, email in masked} == {"hidden@example.org"}


def test_partitions_that_come_later_tell_nothing_either(warehouse: Warehouse, project: Path) -> None:
    lookups = "select count(*), bool_or(is_analyzed or is_known) from compliance.lookups_of('navigate_base.{}')"
    assert warehouse.rows(lookups.format("as_scd2")) == [(1, False)]
    ((before, told),) = warehouse.rows(lookups.format("as_partitioned"))
    assert not told
    with warehouse.owner.transaction(force_rollback=True):
        is_made = "select made_hash = compliance.made_hash('navigate', view_name) from compliance.protections"
        warehouse.run("select pipeline.ensure_partitions('navigate_base.as_partitioned', 'year', '{2031-01-01}')")
        assert warehouse.rows(f"{is_made} where view_name = 'as_partitioned'") == [(False,)]
        warehouse.run("select compliance.make_lookups('navigate_base.as_partitioned', '{email}')")
        assert warehouse.rows(lookups.format("as_partitioned")) == [(before + 1, False)]


def test_columns_keep_type_and_collation(warehouse: Warehouse, project: Path) -> None:
    types = """
        select a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation
        from pg_attribute as a
        where a.attrelid = '{}.odd_values'::regclass and a.attnum > 0 order by 1
    """
    assert warehouse.rows(types.format("navigate")) == warehouse.rows(types.format("navigate_base"))


def test_pseudonyms_are_hmac_and_ask_for_their_key(warehouse: Warehouse, project: Path) -> None:
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    expected = hmac.new(KEY.encode(), f"{CANARY}@example.org".encode(), hashlib.sha256).hexdigest()
    with warehouse.session(warehouse.low) as low:
        assert low.execute("select email from navigate.pseudonymous order by id").fetchall()[0] == (expected,)
        assert low.execute("select email from navigate.pseudonymous where id = 3").fetchall() == [(None,)]
    for key, sentence in ((None, "Set ATLAS_PSEUDONYM_KEY"), (KEY[::-1], "is another key")):
        refused = run_dbt(project, warehouse.settings, "run", "--select", "pseudonymous", key=key)
        assert not refused.success
        assert sentence in refused.result.results[-1].message
        assert KEY not in refused.result.results[-1].message


def as_reader(warehouse: Warehouse, column: str, given_values: list[Any]) -> list[Any]:
    """What somebody without clearance sees of values."""
    with warehouse.owner.transaction(force_rollback=True):
        with warehouse.owner.cursor() as cursor:
            cursor.executemany(
                f"insert into navigate_base.odd_values (id, {column}) values (%s, %s)", list(enumerate(given_values))
            )
        warehouse.run("set local role atlas_read")
        return [row[0] for row in warehouse.rows(f"select {column} from navigate.odd_values order by id")]


TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    st.from_regex(r"[^\0]{0,20}@[^\0]{0,20}", fullmatch=True),
    st.sampled_from(["", "@", "a@", "@b.de", "a@b@c.org", "😀@😀.com", f"{5000 * 'x'}@e.org", "+49 30 123 456-78"]),
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(values=st.lists(TEXTS, min_size=1, max_size=20))
def test_masks_of_text_tell_no_more_than_they_say(
    warehouse: Warehouse, project: Path, values: list[str | None]
) -> None:
    nothing = [None if value is None else "***" for value in values]
    assert as_reader(warehouse, "redacted", values) == nothing
    hidden = [None if value is None else "hidden@hidden.invalid" for value in values]
    assert as_reader(warehouse, "hidden", values) == hidden
    for value, shown in zip(values, as_reader(warehouse, "email", values), strict=True):
        assert (shown is None) == (value is None)
        if value is not None and shown != "hidden@hidden.invalid":
            local, _, domain = value.rpartition("@")
            assert local
            assert shown == f"hidden@{domain}"
            assert "." in domain
    for value, shown in zip(values, as_reader(warehouse, "digits", values), strict=True):
        assert (shown is None) == (value is None)
        if value is not None and shown != "***":
            digits = "".join(character for character in value[-200:] if character in "0123456789")
            assert len(digits) >= 8
            assert shown == f"***{digits[-4:]}"
    short = as_reader(warehouse, "short", [None if value is None else value[:2] for value in values])
    assert short == [None if value is None else "**" for value in values]


ODD_DAYS = ["infinity", "-infinity", "4714-11-24 BC", "4713-01-01 BC", "0044-03-15 BC", "0001-01-01", "2024-02-29"]


@pytest.mark.parametrize(
    ("column", "odd"),
    [
        ("day", [*ODD_DAYS, "5874897-12-31"]),
        ("moment", [*ODD_DAYS, "294276-12-31 23:59:59.999999+00", "2024-12-31 23:30:00-05"]),
        ("local", [*ODD_DAYS, "294276-12-31 23:59:59.999"]),
    ],
)
def test_masks_of_times_show_the_year_alone(warehouse: Warehouse, project: Path, column: str, odd: list[str]) -> None:
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        with warehouse.owner.transaction(force_rollback=True):
            with warehouse.owner.cursor() as cursor:
                cursor.executemany(
                    f"insert into navigate_base.odd_values (id, {column}) values (%s, %s)", list(enumerate(odd))
                )
            warehouse.run("set local role atlas_read", f"set local timezone = '{zone}'")
            shown = warehouse.rows(
                f"select ({column} at time zone 'UTC')::text from navigate.odd_values order by id"
                if column == "moment"
                else f"select {column}::text from navigate.odd_values order by id"
            )
        found = dict(zip(odd, (row[0] for row in shown), strict=True))
        assert found.pop("infinity") == "infinity"
        assert found.pop("-infinity") == "-infinity"
        assert found["2024-02-29"].startswith("2024-01-01")
        assert found["0044-03-15 BC"].startswith("0044-01-01")
        assert found.get("2024-12-31 23:30:00-05", "2025-01-01").startswith("2025-01-01")
        assert all(text is None or "-01-01" in text for text in found.values())


@hypothesis_settings(max_examples=20, deadline=None)
@given(days=st.lists(st.dates(), min_size=1), moments=st.lists(st.datetimes(), min_size=1))
def test_masks_of_times_are_first_days(
    warehouse: Warehouse, project: Path, days: list[date], moments: list[datetime]
) -> None:
    assert as_reader(warehouse, "day", days) == [day.replace(month=1, day=1) for day in days]
    assert as_reader(warehouse, "local", moments) == [datetime(moment.year, 1, 1) for moment in moments]  # noqa: DTZ001


def test_the_hook_leaves_alone_what_is_right(warehouse: Warehouse, project: Path) -> None:
    query = "select view_name, protected_at from compliance.protections order by 1"
    before = dict[str, datetime](warehouse.rows(query))
    assert before.keys() >= set(KINDS)
    # One of its tests fails, with a value in the database's words.
    failing = project / "tests" / "fails.sql"
    failing.parent.mkdir()
    failing.write_text(
        "{{ config(meta={'quality_dimension': 'validity'}) }}"
        "select id from {{ ref('undeclared') }} where email::integer > 0"
    )
    for name in ("profiles", "migrations"):
        (project / name).symlink_to(ROOT / name)
    settings = replace(warehouse.settings, project_hint=project, pseudonym_key=KEY)
    done = build(settings, ["--exclude", "as_table"], quiet=True)
    failing.unlink()
    ((task, said),) = done.failures
    assert (task, CANARY in said) == ("test.protection.fails", True)
    ((kept,),) = warehouse.rows(f"select message from pipeline.task_runs where task = '{task}'")
    assert kept == (
        "Database Error in test fails (tests/fails.sql) invalid input syntax for type integer"
        " … (the rest is in the log of dbt)"
    )
    assert CANARY not in str(warehouse.rows("select t::text from pipeline.task_runs as t, pipeline.pipeline_runs as r"))
    for variable in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
        assert stat.S_IMODE(Path(os.environ[variable]).stat().st_mode) == 0o700
    after = dict[str, datetime](warehouse.rows(query))
    same = {name for name, at in before.items() if after[name] == at}
    assert same >= {"as_view", "as_incremental", "as_scd2", "as_seed", "as_snapshot"}
    assert "undeclared" not in same, "a table that was made anew needs its view again"


@pytest.mark.parametrize(
    "by_hand",
    [
        "create or replace view navigate.as_incremental as select * from navigate_base.as_incremental",
        "alter view navigate.as_incremental rename column city to town",
        "grant select on navigate.as_incremental to public",
        "grant update on navigate.as_incremental to atlas_read",
        "grant select (id) on navigate.as_incremental to atlas_write",
        "revoke select on navigate.as_incremental from atlas_read",
        "alter view navigate.as_incremental set (security_invoker = true)",
        "drop view navigate.as_incremental",
    ],
)
def test_the_hash_of_a_view_tells_what_was_done_by_hand(warehouse: Warehouse, project: Path, by_hand: str) -> None:
    query = """
        select coalesce(made_hash = compliance.made_hash(view_schema, view_name), false)
        from compliance.protections where view_name = 'as_incremental'
    """
    assert warehouse.rows(query) == [(True,)]
    with warehouse.owner.transaction(force_rollback=True):
        warehouse.run(by_hand)
        assert warehouse.rows(query) == [(False,)]


def test_the_hook_mends_what_was_done_by_hand(warehouse: Warehouse, project: Path) -> None:
    warehouse.run(
        "create or replace view navigate.as_incremental as select * from navigate_base.as_incremental",
        "grant all on navigate.as_incremental to public",
        "alter view navigate.some_rows set (security_barrier = false)",
    )
    with warehouse.session(warehouse.low) as low:
        query = "select email from navigate.as_incremental where id = 1"
        assert low.execute(query).fetchall() == [(f"{CANARY}@example.org",)]
        assert run_dbt(project, warehouse.settings, "run", "--select", "as_incremental", "some_rows").success
        assert low.execute(query).fetchall() == [("hidden@example.org",)]
    acl = warehouse.rows(
        "select distinct r.grantee::regrole::text, r.privilege_type from pg_class, aclexplode(relacl) as r"
        " where oid = 'navigate.as_incremental'::regclass and r.grantee <> relowner"
    )
    assert acl == [("atlas_read", "SELECT")]
    options = warehouse.rows("select reloptions from pg_class where oid = 'navigate.some_rows'::regclass")
    assert options == [(["security_barrier=true"],)]


def test_dbt_refuses_what_cant_be_meant(warehouse: Warehouse, project: Path) -> None:
    """At its start, before anything is built; tests/unit/test_metadata.py asks the same of YAML's own check."""
    columns = [f"      - {{name: c{n}, data_type: date, config: {{meta: {meta}}}}}\n" for n, meta in enumerate(WRONG)]
    text = f"models:\n  - name: wrong\n    columns:\n{''.join(columns)}"
    for number, meta in enumerate(WRONG_TABLES):
        text += f"  - {{name: wrong_{number}, config: {{meta: {meta}}}}}\n"
    names = ["wrong", *(f"wrong_{number}" for number in range(len(WRONG_TABLES)))]
    files = [project / "models" / f"{name}.sql" for name in names]
    for file in files:
        file.write_text("select 1 as c0")
    (project / "models" / "wrong.yml").write_text(text)
    try:
        outcome = run_dbt(project, warehouse.settings, "run", "--select", "wrong")
    finally:
        for file in (*files, project / "models" / "wrong.yml"):
            file.unlink()
    said = " ".join(str(outcome.exception).split())
    for number, sentence in enumerate(WRONG.values()):
        assert f"model.protection.wrong.c{number}: {sentence}" in said, said
    for number, sentence in enumerate(WRONG_TABLES.values()):
        assert f"model.protection.wrong_{number}: {sentence}" in said, said
    assert warehouse.rows("select to_regclass('navigate_base.wrong')") == [(None,)]


def test_rebuilds_show_nothing_and_hold_nobody_up(warehouse: Warehouse, project: Path) -> None:
    """Two readers ask each view every millisecond while all of it is made anew, then with other columns."""
    stop, troubles, polls = threading.Event(), list[str](), [0, 0]

    def poll(place: int) -> None:
        with warehouse.session(warehouse.low) as session:
            # A statement that was prepared can't give other columns than it did.
            session.prepare_threshold = None
            while not stop.is_set():
                for kind in KINDS:
                    try:
                        rows = session.execute(f"select * from navigate.{kind}").fetchall()
                    except psycopg.Error as error:
                        troubles.append(f"{kind}: {error}")
                    else:
                        if CANARY in str(rows):
                            troubles.append(f"{kind} showed {rows}")
                    polls[place] += 1
                time.sleep(0.001)

    readers = [threading.Thread(target=poll, args=(place,)) for place in (0, 1)]
    for reader in readers:
        reader.start()
    try:
        for change in (None, "alter table explore.people add column more text"):
            if change:
                warehouse.run(change)
            # Without --full-refresh, a snapshot gets new columns, and a seed is emptied.
            refresh = [] if change else ["--full-refresh"]
            excluded = ["--exclude", "as_incremental"] if change else []
            outcome = run_dbt(project, warehouse.settings, "build", *refresh, *excluded, key=KEY)
            assert outcome.success, [r.message for r in outcome.result.results]
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert troubles == []
    assert min(polls) > 100
