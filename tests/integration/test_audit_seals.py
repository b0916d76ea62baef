"""Seals: nothing committed is missed, nobody waits, and what the law wants gone leaves a sealed log."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from atlas.audit.canonical import Entry, ranges
from atlas.audit.seals import keep, seal
from atlas.audit.verify import ENTRIES, Verdict, read_kept, verify
from atlas.database import connect
from atlas.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]


def write(connection: Connection, name: str) -> int:
    """Change state; returns the number of the entry that says so."""
    connection.execute("insert into pipeline.pipelines values (%s, 'described')", [name])
    return int(connection.execute("select max(entry_id) from compliance.audit_log").fetchall()[0][0])


def sealed_by(connection: Connection) -> list[set[int]]:
    """The entries of each seal."""
    found = connection.execute("select entries::text from compliance.audit_seals order by seal").fetchall()
    return [{number for first, end in ranges(text) for number in range(first, end)} for (text,) in found]


def whole(verdict: Verdict) -> tuple[list[str], int]:
    return verdict.findings, verdict.unsealed


def test_the_database_and_atlas_hash_alike(connection: Connection) -> None:
    connection.execute("select set_config('application_name', 'Zoë''s 7:x,', false)")
    write(connection, "one")
    connection.execute("update pipeline.pipelines set description = 'ä' where pipeline = 'one'")
    connection.execute("truncate pipeline.checkpoints")
    entries = [Entry(*row) for row in connection.execute(ENTRIES.format(sql.SQL("true")))]
    hashes = connection.execute(
        "select compliance.entry_sha256(l), compliance.content_sha256(l.keys, l.before, l.after)"
        " from compliance.audit_log as l order by l.entry_id"
    ).fetchall()
    assert [(entry.sha256, bytes.fromhex(entry.content_sha256)) for entry in entries] == hashes
    assert all(entry.has_its_content for entry in entries)


def test_what_is_sealed_holds_and_what_isnt_is_said(connection: Connection) -> None:
    assert whole(verify(connection)) == ([], count(connection))
    first = seal(connection)
    assert first is not None
    assert first.seal == 1
    assert whole(verify(connection)) == ([], 0)
    assert seal(connection) == first, "nothing new, no seal"
    write(connection, "one")
    verdict = verify(connection)
    assert whole(verdict) == ([], 1)
    assert (verdict.seals, verdict.sealed) == (1, count(connection) - 1)
    second = seal(connection)
    assert second is not None
    assert second.seal == 2
    assert whole(verify(connection)) == ([], 0)


def count(connection: Connection) -> int:
    return int(connection.execute("select count(*) from compliance.audit_log").fetchall()[0][0])


def test_a_long_log_is_sealed_in_segments(connection: Connection) -> None:
    for number in range(7):
        write(connection, f"p{number}")
    connection.execute("select compliance.seal_audit_log(3)")
    entries = sealed_by(connection)
    assert sum(map(len, entries)) == count(connection)
    assert {len(numbers) for numbers in entries[:-1]} == {3}
    assert whole(verify(connection)) == ([], 0)


def test_crossing_commits_are_neither_missed_nor_do_they_break_a_seal(settings: Settings) -> None:
    with connect(settings) as slow, connect(settings) as quick, connect(settings) as sealer:
        seal(sealer)
        with slow.transaction():
            low = write(slow, "slow")
            high = write(quick, "quick")
            assert high > low
            seal(sealer)
            assert sealed_by(sealer)[-1] == {high}
            assert whole(verify(sealer)) == ([], 0), "what isn't committed isn't there"
        assert whole(verify(sealer)) == ([], 1)
        seal(sealer)
        assert sealed_by(sealer)[-1] == {low}
        assert whole(verify(sealer)) == ([], 0)


def test_nobody_waits_for_a_seal_that_isnt_committed(settings: Settings) -> None:
    with connect(settings) as sealer, connect(settings) as writer, connect(settings) as other:
        writer.execute("set statement_timeout = '5s'")
        other.execute("set statement_timeout = '1s'")
        with sealer.transaction():
            sealer.execute("select compliance.seal_audit_log()")
            write(writer, "meanwhile")
            with pytest.raises(psycopg.errors.QueryCanceled):
                other.execute("select compliance.seal_audit_log()")
        seal(other)
        assert whole(verify(other)) == ([], 0)


def test_writers_and_sealers_at_random(settings: Settings) -> None:
    """Four writers whose transactions cross, with rollbacks, beside two that seal all the time."""
    until = time.monotonic() + 4
    failures: list[BaseException] = []

    def work(number: int) -> None:
        chance = random.Random(number)  # noqa: S311 - not for secrets
        try:
            with connect(settings) as connection:
                turn = 0
                while time.monotonic() < until:
                    turn += 1
                    if number < 2:
                        seal(connection)
                        continue
                    with connection.transaction(force_rollback=chance.random() < 0.2):
                        for step in range(chance.randint(1, 4)):
                            connection.execute(
                                "insert into pipeline.checkpoints values ('git', %s, '{}')", [f"{number} {turn} {step}"]
                            )
                            time.sleep(chance.random() / 100)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with connect(settings) as connection:
        seal(connection)
        entries = sealed_by(connection)
        there = {row[0] for row in connection.execute("select entry_id from compliance.audit_log").fetchall()}
        assert len(entries) > 10
        assert len(there) > 200
        assert sum(map(len, entries)) == len(there), "sealed once"
        assert set().union(*entries) == there
        crossing = [min(later) < max(earlier) for earlier, later in itertools.pairwise(entries)]
        assert any(crossing), "no commits crossed, so nothing was shown"
        assert whole(verify(connection)) == ([], 0)


def test_a_cut_off_end_shows_beside_what_was_kept(connection: Connection, tmp_path: Path) -> None:
    kept = tmp_path / "seals"
    for name in ("one", "two"):
        write(connection, name)
        last = seal(connection)
        assert last is not None
        keep(last, kept)
        keep(last, kept)
    assert [line.seal for line in read_kept(kept)] == [1, 2], "each once"
    assert whole(verify(connection, kept)) == ([], 0)
    connection.execute("alter table compliance.audit_seals disable trigger all")
    connection.execute("alter table compliance.audit_log disable trigger all")
    connection.execute(
        "delete from compliance.audit_log as l using compliance.audit_seals as s"
        " where s.seal = 2 and l.entry_id <@ s.entries"
    )
    connection.execute("delete from compliance.audit_seals where seal = 2")
    assert whole(verify(connection)) == ([], 0), "alone, a shorter log is a whole one"
    (finding,) = verify(connection, kept).findings
    assert finding == "Seal 2, which was kept elsewhere, isn't there: the log's end was cut off."
    # Of another database, or of the one that this was restored from.
    kept.write_text(re.sub('"database": "[0-9/]+"', '"database": "7/7"', kept.read_text()))
    assert verify(connection, kept).findings == [finding]
    beside = verify(connection, kept, own_only=True)
    assert (beside.findings, beside.compared) == ([], 0)


def test_an_emptied_log_is_no_whole_one(connection: Connection) -> None:
    seal(connection)
    for table in ("audit_log", "audit_seals"):
        connection.execute(
            f"alter table compliance.{table} disable trigger all; delete from compliance.{table}".encode()
        )
    (finding,) = verify(connection).findings
    assert finding.startswith("The log is empty")


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"seal": 1}', '{"seal": "x", "sha256": "y"}'])
def test_what_holds_no_seal_is_refused(tmp_path: Path, content: str) -> None:
    kept = tmp_path / "kept"
    kept.write_text(content)
    with pytest.raises(UsageError, match=r"holds (no seal|something else than seals)"):
        read_kept(kept)


def test_an_erased_entry_leaves_the_log_whole(connection: Connection) -> None:
    number = write(connection, "of somebody")
    seal(connection)
    connection.execute("select compliance.erase_audit_entry(%s, 'request 7')", [number])
    content = connection.execute(
        "select keys, before, after, login from compliance.audit_log where entry_id = %s", [number]
    ).fetchall()[0]
    assert content[:3] == (None, None, None)
    assert content[3] is not None
    verdict = verify(connection)
    assert whole(verdict) == ([], 1)
    assert f"Entry [{number}] says nothing of its rows any more" in verdict.notes[0]
    seal(connection)
    assert whole(verify(connection)) == ([], 0)
    with pytest.raises(psycopg.errors.NoDataFound, match="There is no entry 999999"):
        connection.execute("select compliance.erase_audit_entry(999999, 'none')")


def test_only_past_and_sealed_partitions_are_retired(connection: Connection) -> None:
    connection.execute(
        "select pipeline.ensure_partitions('compliance.audit_log', 'quarter', array[timestamptz '2020-02-02Z'])"
    )
    write(connection, "one")
    connection.execute(
        "insert into compliance.audit_log (logged_at, login, acting_as, application, table_schema, table_name,"
        " operation, row_count, content_sha256) values ('2020-02-02Z', 'x', 'x', '', 'a', 'b', 'truncate', 1,"
        " compliance.content_sha256(null, null, null))"
    )
    present = connection.execute("select min(tableoid::regclass::text) from compliance.audit_log where login <> 'x'")
    for partition, refusal in (
        (present.fetchall()[0][0], "isn't a past partition"),
        ("pipeline.pipelines", "isn't a past partition"),
        ("compliance.audit_log_2020q1", "1 entries of .* aren't sealed yet"),
    ):
        with pytest.raises(psycopg.errors.RaiseException, match=refusal):
            connection.execute("select compliance.retire_audit_log(%s::regclass)", [partition])
    seal(connection)
    connection.execute("select compliance.retire_audit_log('compliance.audit_log_2020q1')")
    verdict = verify(connection)
    assert whole(verdict) == ([], 1)
    assert verdict.notes[0].startswith("1 entries were retired by ")
    connection.execute("select compliance.seal_audit_log()")
    assert whole(verify(connection)) == ([], 0)


@pytest.mark.parametrize(
    "partition",
    [
        # No quarter; the present one, of which more is there; one to come; a past one, that was over by the last seal.
        "compliance.audit_log",
        "compliance.audit_log_{now:%Y}q{quarter}",
        "compliance.audit_log_2999q1",
        "compliance.audit_log_2020q1",
    ],
)
def test_a_removed_entry_isnt_believed_to_be_retired(connection: Connection, partition: str) -> None:
    seal(connection)
    number = write(connection, "one")
    seal(connection)
    now = datetime.now(UTC)
    named = partition.format(now=now, quarter=(now.month + 2) // 3)
    connection.execute("alter table compliance.audit_log disable trigger kept_rows")
    connection.execute("delete from compliance.audit_log where entry_id = %s", [number])
    connection.execute(
        "select compliance.log_entry('compliance', 'audit_log', 'retire', 1,"
        " json_build_object('entries', array[format('{[%%s,%%s)}', %s::bigint, %s::bigint)]), null,"
        " json_build_object('partition', array[%s]))",
        [number, number + 1, named],
    )
    assert f"Entry {number} (seal 2) was removed." in verify(connection).findings


def test_a_dropped_partition_is_missed(connection: Connection) -> None:
    number = write(connection, "one")
    seal(connection)
    connection.execute(
        "do $$ begin execute format('drop table %s', (select min(tableoid::regclass::text) from compliance.audit_log));"
        " end $$"
    )
    findings = verify(connection).findings
    assert findings[-1] == f"Entry {number} (seal 1) was removed."
