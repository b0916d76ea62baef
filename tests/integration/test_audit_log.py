"""The audit log: which tables are in it, what an entry says, and that nobody changes one."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.rows import dict_row

from atlas.database import connect

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]


# State tables, and what of them the log doesn't have, each for a reason.
NOT_AUDITED = {
    "explore.landing_template": "holds no rows",
    "compliance.audit_log": "is the log",
    "compliance.audit_seals": "proves the log, and is only added to as it is",
}
STATE_TABLES = """
    select c.oid::regclass::text as name
    from pg_class as c
    where
        c.relkind in ('r', 'p') and not c.relispartition
        and c.relnamespace in (
            'explore'::regnamespace, 'pipeline'::regnamespace, 'quality'::regnamespace, 'compliance'::regnamespace
        )
        -- Landing rows: the ledger says of each batch what it is, and their own hashes that they are unchanged.
        and c.relname not like 'raw\\_%'
    order by 1
"""
UNAUDITED = f"""
    select r.name || coalesce(' (' || nullif(p.name, r.name) || ')', '')
    from ({STATE_TABLES}) as r
    cross join lateral (
        select r.name as oid, r.name
        union
        select relid::regclass::text, relid::regclass::text from pg_partition_tree(r.name::regclass)
    ) as p
    where (
        select count(*) from pg_trigger as t
        where t.tgrelid = p.oid::regclass and t.tgfoid = 'compliance.log_change'::regproc and t.tgenabled = 'A'
    ) <> 4
    order by 1
"""
KEY = "a key of tests"


def entries(connection: Connection, table: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select l.*, l.transaction_id::text as xid from compliance.audit_log as l"
            " where l.table_schema || '.' || l.table_name = %s order by l.entry_id",
            [table],
        ).fetchall()


def said(entry: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(entry[name] for name in ("operation", "row_count", "keys", "before", "after"))


def test_every_state_table_is_audited_or_named_as_not(connection: Connection) -> None:
    def unaudited() -> set[str]:
        found = [row[0] for row in connection.execute(UNAUDITED).fetchall()]
        return {name for name in found if name.partition(" ")[0] not in NOT_AUDITED}

    tables = {row[0] for row in connection.execute(STATE_TABLES).fetchall()}
    assert tables >= {"explore.batches", "pipeline.pipeline_runs", "quality.incidents", *NOT_AUDITED}
    assert unaudited() == set()
    connection.execute("create table pipeline.planted (id integer)")
    connection.execute("alter table quality.test_runs disable trigger audit_delete")
    assert unaudited() == {"pipeline.planted", "quality.test_runs"}


def test_an_entry_says_who_did_what_when_and_from_where(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute("set application_name = 'a test'")
        with connection.transaction():
            connection.execute("insert into pipeline.checkpoints values ('git', 'a', '{}'), ('git', 'b', '{}')")
            xid = connection.execute("select pg_current_xact_id()::text").fetchall()[0][0]
        connection.execute("update pipeline.checkpoints set updated_at = '2026-01-01Z' where scope = 'a'")
        connection.execute("update pipeline.checkpoints set updated_at = '2026-01-01Z' where scope = 'a'")
        connection.execute("update pipeline.checkpoints set updated_at = now() where scope = 'nowhere'")
        connection.execute("delete from pipeline.checkpoints where scope = 'a'")
        connection.execute("truncate pipeline.checkpoints")
        inserted, updated, deleted, truncated = entries(connection, "pipeline.checkpoints")
        who = connection.execute("select session_user, current_user, inet_client_addr()").fetchall()[0]
        seconds = connection.execute(
            "select extract(epoch from clock_timestamp() - %s)", [inserted["logged_at"]]
        ).fetchall()[0][0]
    assert (inserted["login"], inserted["acting_as"], inserted["client"]) == who
    assert (inserted["application"], inserted["xid"]) == ("a test", xid)
    assert 0 <= seconds < 60
    assert said(inserted)[:3] == ("insert", 2, {"collector": ["git"], "scope": ["a", "b"]}), (
        "what all rows share stands once"
    )
    assert inserted["before"] is None
    assert "cursor" in inserted["after"], "withheld, and yet said"
    operation, rows, keys, before, after = said(updated)
    assert (operation, rows, keys) == ("update", 1, {"collector": ["git"], "scope": ["a"]})
    assert (set(before), after) == ({"updated_at"}, {"updated_at": ["2026-01-01T00:00:00+00:00"]})
    assert (deleted["operation"], deleted["before"]["updated_at"], deleted["after"]) == (
        "delete",
        ["2026-01-01T00:00:00+00:00"],
        None,
    )
    assert said(truncated) == ("truncate", 1, None, None, None)


def test_free_text_is_withheld_or_hashed_with_a_key_that_isnt_kept(connection: Connection) -> None:
    connection.execute("insert into pipeline.pipelines values ('one', 'Planted Person')")
    connection.execute("select set_config('atlas.pseudonym_key', %s, false)", [KEY])
    connection.execute("insert into pipeline.pipelines values ('two', 'Planted Person')")
    connection.execute("select set_config('atlas.pseudonym_key', %s, false)", ["x" * 100])
    connection.execute("update pipeline.pipelines set description = 'Another' where pipeline = 'two'")
    withheld, hashed, other = entries(connection, "pipeline.pipelines")
    assert (withheld["after"], withheld["pseudonym_key"]) == ({"description": ["withheld"]}, None)
    digest = hmac.new(KEY.encode(), b"Planted Person", hashlib.sha256).hexdigest()
    assert hashed["after"] == {"description": [f"hmac:{digest}"]}
    digest = hmac.new(b"x" * 100, b"Planted Person", hashlib.sha256).hexdigest()
    assert other["before"] == {"description": [f"hmac:{digest}"]}
    assert len({hashed["pseudonym_key"], other["pseudonym_key"], None}) == 3
    log = connection.execute("select string_agg(l::text, '') from compliance.audit_log as l").fetchall()[0][0]
    assert "Planted" not in log
    assert KEY not in log


def test_odd_values_are_logged_and_never_fail_a_write(connection: Connection) -> None:
    connection.execute(
        """
        create table pipeline.odd (
            "ein ""x"" %" integer, list integer[], document json, amount double precision, moment timestamptz,
            span int4range, nothing text, flag boolean
        );
        select compliance.audit(
            'pipeline.odd', array['ein "x" %'], '{list, document, amount, moment, span, nothing, flag}'
        );
        insert into pipeline.odd values
        (1, '{1, 2}', '{"a": 1}', 'NaN', 'infinity', '[1,5)', null, true),
        (2, null, null, '-infinity', '-infinity', 'empty', null, null),
        (3, '{{1},{2}}', '[]', 1.5, '0044-03-15 BC', null, null, false);
        update pipeline.odd set document = '{"a": 2}', list = list || 3 where "ein ""x"" %" < 3;
        update pipeline.odd set "ein ""x"" %" = 4 where "ein ""x"" %" = 3
        """
    )
    inserted, updated, went, came = entries(connection, "pipeline.odd")
    assert inserted["after"]["list"] == [[1, 2], None, [[1], [2]]]
    assert inserted["after"]["amount"] == ["NaN", "-Infinity", 1.5]
    assert updated["keys"] == {'ein "x" %': [1, 2]}
    assert updated["before"] == {"list": [[1, 2], None], "document": [{"a": 1}, None]}
    assert updated["after"] == {"list": [[1, 2, 3], [3]], "document": [{"a": 2}]}
    # Under another key it is another row, of which everything is said.
    assert (went["keys"], went["after"]) == ({'ein "x" %': [3]}, None)
    assert (came["keys"], came["before"]) == ({'ein "x" %': [4]}, None)
    assert came["after"] == went["before"]
    assert came["after"]["amount"] == [1.5]


def test_a_table_is_audited_by_columns_that_it_has(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match=r"pipeline\.pipelines can't be audited so.* column colour"):
        connection.execute("select compliance.audit('pipeline.pipelines', '{pipeline}', '{colour}')")
    connection.execute("select compliance.audit(to_regclass('pipeline.of_tomorrow'), '{id}', '{}')")


def test_many_rows_make_several_entries(connection: Connection) -> None:
    connection.execute(
        "insert into pipeline.checkpoints select 'git', n::text, '{}' from generate_series(1, 250000) as n"
    )
    found = entries(connection, "pipeline.checkpoints")
    assert [entry["row_count"] for entry in found] == [100_000, 100_000, 50_000]
    assert len({scope for entry in found for scope in entry["keys"]["scope"]}) == 250_000


def test_results_are_counted_until_somebody_touches_them(connection: Connection) -> None:
    connection.execute(
        "insert into quality.measurements (run_id, table_schema, table_name, metric, value)"
        " select gen_random_uuid(), 'a', 'b', 'row_count', n from generate_series(1, 3) as n"
    )
    connection.execute("update quality.measurements set verdict = 'off' where value = 2")
    counted, touched = entries(connection, "quality.measurements")
    assert said(counted) == ("insert", 3, None, None, None)
    assert (touched["before"], touched["after"]) == ({"verdict": [None]}, {"verdict": ["off"]})
    assert touched["keys"].keys() == {"measurement_id"}


@pytest.mark.parametrize(
    "edit",
    [
        "update quality.measurements set verdict = 'off', value = 7",
        "update quality.measurements_{year} set metric = 'nulls'",
        "merge into quality.measurements as m using (select 1) as s on true when matched then update set value = 7",
        "update explore.quarantine set raw = 'another', resolved_at = null",
    ],
)
def test_what_state_is_about_is_never_edited(connection: Connection, edit: str) -> None:
    connection.execute(
        "insert into quality.measurements (run_id, table_schema, table_name, metric, value)"
        " values (gen_random_uuid(), 'a', 'b', 'row_count', 2)"
    )
    year = connection.execute("select max(tableoid::regclass::text) from quality.measurements").fetchall()[0][0]
    partition = edit.replace("quality.measurements_{year}", year)
    # Also in sessions that switch triggers off; the log's own test is that they fire always.
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="was written about is never edited"):
        connection.execute(partition.encode())


def test_what_isnt_kept_from_edits_any_more_is_logged(connection: Connection) -> None:
    connection.execute(
        "insert into quality.measurements (run_id, table_schema, table_name, metric, value)"
        " values (gen_random_uuid(), 'a', 'b', 'row_count', 2)"
    )
    connection.execute("alter table quality.measurements disable trigger fixed_columns")
    connection.execute("update quality.measurements set value = 7")
    _, touched = entries(connection, "quality.measurements")
    assert (touched["before"], touched["after"]) == ({"value": [2]}, {"value": [7]})


def test_what_is_done_to_a_partition_is_logged_too(connection: Connection) -> None:
    connection.execute(
        "select pipeline.ensure_partitions('quality.test_runs', 'year', array[timestamptz '2031-05-05Z'])"
    )
    insert = (
        "insert into {} (run_id, test, test_name, dimension, severity, status, duration_ms, executed_at)"
        " values (gen_random_uuid(), 't', 't', 'validity', 'warn', 'pass', 1, '2031-06-06Z')"
    )
    connection.execute(insert.format("quality.test_runs").encode())
    connection.execute(insert.format("quality.test_runs_2031").encode())
    connection.execute("delete from quality.test_runs_2031")
    assert [said(entry)[:2] for entry in entries(connection, "quality.test_runs")] == [("insert", 1)]
    assert [said(entry)[:2] for entry in entries(connection, "quality.test_runs_2031")] == [
        ("insert", 1),
        ("delete", 2),
    ]


def test_what_is_rolled_back_was_never_done(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("insert into pipeline.pipelines values ('one', '')")
        assert len(entries(connection, "pipeline.pipelines")) == 1
    assert entries(connection, "pipeline.pipelines") == []


def test_a_write_makes_the_partition_that_no_run_has_made(connection: Connection) -> None:
    connection.execute(
        """
        do $$
        declare child regclass;
        begin
            for child in
                select s.child from pipeline.partition_spans('compliance.audit_log') as s
                where not lower_inf(s.span) and not upper_inf(s.span)
            loop
                execute format('drop table %s', child);
            end loop;
        end
        $$
        """
    )
    connection.execute("insert into pipeline.pipelines values ('one', '')")
    (entry,) = entries(connection, "pipeline.pipelines")
    home = connection.execute(
        "select tableoid::regclass::text from compliance.audit_log where entry_id = %s", [entry["entry_id"]]
    ).fetchall()[0][0]
    assert home == f"compliance.audit_log_{entry['logged_at']:%Y}q{(entry['logged_at'].month + 2) // 3}"


CHANGES = [
    "update compliance.audit_log set login = 'nobody'",
    "update compliance.audit_log set keys = null, before = null, after = null",
    "delete from compliance.audit_log",
    "truncate compliance.audit_log",
    "truncate {partition}",
    "delete from {partition}",
    "update {partition} set login = 'nobody'",
    "update compliance.audit_seals set sealed_by = 'nobody'",
    "delete from compliance.audit_seals",
    "truncate compliance.audit_seals",
    "insert into compliance.audit_seals select s.* from compliance.audit_seals as s"
    " on conflict (seal) do update set sealed_by = 'nobody'",
]


@pytest.fixture(scope="module")
def sealed(database: Settings) -> Settings:
    with connect(database) as connection:
        connection.execute("insert into pipeline.pipelines values ('one', '')")
        connection.execute("select compliance.seal_audit_log()")
    return database


@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_itself_changes_nothing(sealed: Settings, change: str) -> None:
    with connect(sealed) as connection:
        partition = connection.execute("select min(tableoid::regclass::text) from compliance.audit_log").fetchall()
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match=r"compliance\.audit_\w+ is never changed"):
            connection.execute(change.format(partition=partition[0][0]).encode())


def test_who_may_write_state_neither_reads_nor_writes_the_log(connection: Connection) -> None:
    connection.execute("set role atlas_write")
    connection.execute(
        "insert into quality.incidents (table_schema, table_name, began_at, note) values ('a', 'b', now(), 'why')"
    )
    for attempt in (
        "select * from compliance.audit_log",
        "insert into compliance.audit_log select",
        "delete from compliance.audit_log",
        "select compliance.log_entry('a', 'b', 'insert', 1, null, null, null)",
        "select compliance.seal_audit_log()",
        "alter table quality.incidents disable trigger audit_insert",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(attempt)
    connection.execute("set role atlas_admin")
    (entry,) = entries(connection, "quality.incidents")
    assert entry["acting_as"] == "atlas_write"
    assert entry["login"] == connection.execute("select session_user").fetchall()[0][0]
    assert entry["after"]["note"] == ["withheld"]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("insert into compliance.audit_log select l.* from compliance.audit_log as l")
