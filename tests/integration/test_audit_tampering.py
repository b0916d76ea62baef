"""Whatever is done to the log by who may switch its triggers off: it shows, and the first bad entry is named."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.audit.seals import seal
from atlas.audit.verify import Verdict, examine
from atlas.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

PROPERTY = settings(max_examples=60, deadline=None, derandomize=bool(os.environ.get("CI")))
SEALS = 5
ENTRIES_A_SEAL = 4
# What an edit may do to each column: always something else than what was there.
EDITS = {
    "logged_at": "logged_at + interval '1 microsecond'",
    "transaction_id": "(transaction_id::text::bigint + 1)::text::xid8",
    "login": "login || 'x'",
    "acting_as": "upper(acting_as)",
    "application": "application || ' '",
    "client": "coalesce(client, '10.0.0.1') + 1",
    "table_schema": "table_name || '.'",
    "table_name": "'other'",
    "operation": "case operation when 'insert' then 'delete' else 'insert' end",
    "row_count": "row_count + 1",
    "keys": "case when keys is null then '{}' end::json",
    "before": "case when before is null then '{}' else null end::json",
    "after": "null",
    "pseudonym_key": "coalesce(pseudonym_key, '') || '0'",
    "content_sha256": "sha256(content_sha256)",
}
SEAL_EDITS = {
    "sealed_at": "sealed_at - interval '1 second'",
    "sealed_by": "sealed_by || 'x'",
    "era": "era + 1",
    "transaction_id": "(transaction_id::text::bigint + 1)::text::xid8",
    "snapshot": "'1:1:'",
    "ids_before": "ids_before + 1",
    "row_hashes": "set_byte(row_hashes, 0, (get_byte(row_hashes, 0) + 1) % 256)",
    "previous_sha256": "sha256(previous_sha256)",
    "sha256": "sha256(sha256)",
}
COLUMNS = (
    "transaction_id, login, acting_as, application, client, table_schema, table_name, operation, row_count, keys,"
    " before, after, pseudonym_key, content_sha256"
)


@dataclass
class Log:
    """A log with seals, and numbers of its entries in the order of their seals."""

    connection: Connection
    entries: list[list[int]]
    kept: list[tuple[int, str]]

    @property
    def flat(self) -> list[tuple[int, int]]:
        """Each entry with its seal."""
        return [(place, number) for place, numbers in enumerate(self.entries, 1) for number in numbers]


@pytest.fixture(scope="module")
def log(database: Settings) -> Iterator[Log]:
    with connect(database) as connection, connect(database) as slow:
        seal(connection)
        connection.execute("select set_config('atlas.pseudonym_key', 'a key', false)")
        for place in range(SEALS):
            # One that commits after its seal, with a lower number, and one that is rolled back.
            slow.execute("begin")
            slow.execute("insert into pipeline.pipelines values (%s, 'late')", [f"late {place}"])
            with connection.transaction(force_rollback=True):
                connection.execute("insert into pipeline.checkpoints values ('git', 'never', '{}')")
            for number in range(ENTRIES_A_SEAL - 1):
                connection.execute("insert into pipeline.pipelines values (%s, 'x')", [f"p{place} {number}"])
            connection.execute("update pipeline.pipelines set description = 'y' where pipeline = 'p0 0'")
            seal(connection)
            slow.execute("commit")
        last = seal(connection)
        assert last is not None
        connection.execute("insert into pipeline.pipelines values ('unsealed', '')")
        found = connection.execute(
            "select s.seal, l.entry_id from compliance.audit_seals as s"
            " inner join compliance.audit_log as l on l.entry_id <@ s.entries order by 1, 2"
        ).fetchall()
        entries = [[number for of, number in found if of == place] for place in range(1, last.seal + 1)]
        assert sum(map(len, entries)) > SEALS * ENTRIES_A_SEAL
        for table in ("audit_log", "audit_seals"):
            connection.execute(f"alter table compliance.{table} disable trigger user".encode())
        yield Log(connection, entries, [(last.seal, last.sha256)])


def after(log: Log, *statements: str, kept: bool = False) -> Verdict:
    """What is found after tampering, which is undone."""
    with log.connection.transaction(force_rollback=True):
        for statement in statements:
            assert log.connection.execute(statement.encode()).rowcount > 0, "nothing was tampered with"
        return examine(log.connection, log.kept if kept else [])


def test_an_untouched_log_is_whole(log: Log) -> None:
    with log.connection.transaction():
        verdict = examine(log.connection, log.kept)
    assert (verdict.findings, verdict.unsealed) == ([], 1)


@PROPERTY
@given(data=st.data())
def test_any_edit_is_found_and_the_entry_named(log: Log, data: st.DataObject) -> None:
    place, number = data.draw(st.sampled_from(log.flat))
    column = data.draw(st.sampled_from(sorted(EDITS)))
    is_null = "and after is not null" if column == "after" else ""
    tampered = f"update compliance.audit_log set {column} = {EDITS[column]} where entry_id = {number} {is_null}"
    with log.connection.transaction(force_rollback=True):
        if log.connection.execute(tampered.encode()).rowcount == 0:
            return
        verdict = examine(log.connection, [])
    assert verdict.findings[0].startswith(f"Entry {number} (seal {place}) was changed")


@PROPERTY
@given(data=st.data())
def test_any_removal_is_found_and_the_first_named(log: Log, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from(log.flat), min_size=1, max_size=8))
    numbers = ", ".join(str(number) for _, number in gone)
    verdict = after(log, f"delete from compliance.audit_log where entry_id in ({numbers})")
    place, number = min(gone)
    assert verdict.findings[0] == f"Entry {number} (seal {place}) was removed."
    assert len(verdict.findings) == len(gone)


@PROPERTY
@given(data=st.data())
def test_any_insertion_into_what_was_sealed_is_found(log: Log, data: st.DataObject) -> None:
    _, number = data.draw(st.sampled_from(log.flat))
    highest = max(number for _, number in log.flat)
    free = sorted(set(range(1, highest)) - {entry for _, entry in log.flat})
    # Under a number that is free, or one beyond all; the same number with another time; or a new transaction's.
    new = data.draw(st.sampled_from([*map(str, free), str(highest + 1000), "entry_id"]))
    old_transaction = data.draw(st.booleans()) or new == str(highest + 1000)
    columns = COLUMNS if old_transaction else COLUMNS.replace("transaction_id, ", "")
    verdict = after(
        log,
        f"insert into compliance.audit_log (entry_id, logged_at, {columns})"
        f" select {new}, logged_at + interval '1 second', {columns}"
        f" from compliance.audit_log where entry_id = {number}",
    )
    assert "inserted" in verdict.findings[0]
    assert f"Entry {number if new == 'entry_id' else new}" in verdict.findings[0]


@pytest.mark.parametrize("age", ["7 days", "1 hour", "100 years"])
def test_an_entry_that_is_dated_back_is_found(log: Log, age: str) -> None:
    columns = COLUMNS.replace("transaction_id, ", "")
    number = max(number for _, number in log.flat) + 1000
    verdict = after(
        log,
        f"insert into compliance.audit_log (entry_id, logged_at, {columns})"
        f" select {number}, now() - interval '{age}', {columns} from compliance.audit_log where entry_id = 1",
    )
    assert verdict.findings == [f"Entry {number} was inserted: a seal would hold it, or it is dated back."]


@PROPERTY
@given(data=st.data())
def test_any_reordering_is_found(log: Log, data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.sampled_from(log.flat), min_size=2, max_size=2, unique=True))
    verdict = after(
        log,
        f"update compliance.audit_log set entry_id = case entry_id when {one[1]} then {other[1]} else {one[1]} end"
        f" where entry_id in ({one[1]}, {other[1]})",
    )
    place, number = min(one, other)
    assert verdict.findings[0] == f"Entry {number} (seal {place}) was changed: it isn't what was sealed."


@PROPERTY
@given(data=st.data())
def test_any_change_of_a_seal_is_found(log: Log, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(log.entries)))
    column = data.draw(st.sampled_from(sorted(SEAL_EDITS)))
    verdict = after(log, f"update compliance.audit_seals set {column} = {SEAL_EDITS[column]} where seal = {place}")
    assert verdict.findings[0].startswith((f"Seal {place} ", f"Entry {log.entries[place - 1][0]} "))


@PROPERTY
@given(data=st.data())
def test_any_seal_that_is_missing_is_found(log: Log, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(log.entries) - 1))
    verdict = after(log, f"delete from compliance.audit_seals where seal = {place}")
    assert verdict.findings[0] == f"Seal {place} of the chain can't be found: removed."


@PROPERTY
@given(data=st.data())
def test_a_cut_off_end_is_found_beside_the_last_seal(log: Log, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, len(log.entries) - 1))
    verdict = after(
        log,
        "delete from compliance.audit_log as l using compliance.audit_seals as s"
        f" where s.seal > {left} and l.entry_id <@ s.entries",
        f"delete from compliance.audit_seals where seal > {left}",
        kept=True,
    )
    assert f"Seal {len(log.entries)}, which was kept elsewhere, isn't there" in verdict.findings[0]


def test_a_log_that_is_written_anew_shows_beside_the_last_seal(log: Log) -> None:
    verdict = after(
        log,
        "delete from compliance.audit_seals",
        "update compliance.audit_log set login = 'somebody else' where entry_id = 1",
        "select compliance.seal_audit_log()",
        kept=True,
    )
    assert "kept elsewhere" in verdict.findings[0]
