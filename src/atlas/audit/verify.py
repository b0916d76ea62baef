"""Whether the audit log is what was written and sealed. What is wrong is found in the order in which it was written."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from psycopg import IsolationLevel, sql

from atlas.audit.canonical import MOMENT, NO_SEAL, Entry, Seal, Snapshot, ranges
from atlas.audit.seals import DATABASE
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

MOST_FINDINGS = 100
# As far as the server's clock may have been set back between a seal and what was written after it.
CLOCK = timedelta(minutes=5)
# Whoever was still writing when a quarter ended has a day to end, and to be sealed.
LATE = timedelta(days=1)
QUARTER = re.compile(r'"compliance\.audit_log_([12]\d{3})q([1-4])"')

# Plain columns, and no function of Atlas in the database: who could change the log could change that, too.
ENTRIES = sql.SQL(
    f"""
    select
        l.entry_id::text, {MOMENT.format("l.logged_at")}, l.transaction_id::text, l.login, l.acting_as, l.application,
        l.client::text, l.table_schema, l.table_name, l.operation, l.row_count::text, l.pseudonym_key,
        encode(l.content_sha256, 'hex'), l.keys::text, l.before::text, l.after::text
    from compliance.audit_log as l
    where {{}}
    order by l.entry_id, l.logged_at
    """  # noqa: S608 - nothing of a user's
)
SEALED = sql.SQL("l.entry_id >= {} and l.entry_id < {} and l.entry_id <@ {}::int8multirange")
UNSEALED = sql.SQL("not l.entry_id <@ (select coalesce(range_agg(s.entries), '{}') from compliance.audit_seals as s)")
DECLARED_GONE = sql.SQL(
    "l.operation in ('erase', 'retire') and l.table_schema = 'compliance' and l.table_name = 'audit_log'"
)
SEALS = f"""
    select
        s.seal::text, {MOMENT.format("s.sealed_at")}, s.sealed_by, s.era::text, s.transaction_id::text,
        s.snapshot::text, s.ids_before::text, s.entries::text, s.row_count::text, s.row_hashes, s.previous_sha256,
        s.sha256
    from compliance.audit_seals as s
    order by s.seal
"""  # noqa: S608 - nothing of a user's


@dataclass
class Verdict:
    """What was found.

    Attributes:
        findings: a sentence for each thing that isn't as it was written, the first one first; at most 100.
        seals: how many seals there are.
        sealed: entries that they hold.
        unsealed: entries that no seal holds yet: of these nothing can be proved.
        compared: seals kept elsewhere that these were compared with.
        notes: sentences on what was erased or retired, as the log itself says.
        last_seal: the last seal, if there is one.
    """

    findings: list[str] = field(default_factory=list)
    seals: int = 0
    sealed: int = 0
    unsealed: int = 0
    compared: int = 0
    notes: list[str] = field(default_factory=list)
    last_seal: Seal | None = None

    def add(self, sentence: str) -> None:
        """Keep a finding, unless there are too many already."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(sentence)


class KeptSeal(NamedTuple):
    """A line of a file of seals.

    Attributes:
        seal: its number.
        sha256: its hash, in hexadecimal digits.
        database: of which database, as `DATABASE` has it; empty if the line doesn't say.
    """

    seal: int
    sha256: str
    database: str = ""


class _Retired(NamedTuple):
    """Numbers of entries that went with a quarter, and until when they were sealed at the latest."""

    entries: list[tuple[int, int]]
    before: str


@dataclass
class _Gone:
    erased: set[int] = field(default_factory=set)
    retired: list[_Retired] = field(default_factory=list)

    def is_retired(self, number: int, sealed_before: str) -> bool:
        """Whether an entry went with its quarter, given when the seal was made that doesn't hold it yet."""
        return any(
            sealed_before < quarter.before and any(first <= number < end for first, end in quarter.entries)
            for quarter in self.retired
        )


@dataclass
class _Claims:
    """What the seals so far say of entries that come later, in one era."""

    era: str = ""
    snapshot: Snapshot | None = None
    snapshot_text: str | None = None
    sealer: int = 0
    sealed_at: str = ""
    # A transaction with a higher number than transactions[i] has entries with higher numbers than ids[i], and none
    # from before moments[i].
    transactions: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)

    def add(self, seal: Seal) -> None:
        if seal.era != self.era:
            self.era, self.snapshot, self.snapshot_text = seal.era, None, None
            self.transactions, self.ids, self.moments = [], [], []
        # Of several seals made at once, all but the last repeat what the one before them said.
        if seal.snapshot is not None and seal.snapshot != self.snapshot_text:
            self.snapshot, self.snapshot_text = Snapshot.of_text(seal.snapshot), seal.snapshot
            self.sealer, self.sealed_at = int(seal.transaction_id), seal.sealed_at
            last = self.moments[-1] if self.moments else ""
            self.transactions.append(self.sealer)
            self.ids.append(int(seal.ids_before))
            # Who seals with a number of before can't say what came after it.
            self.moments.append(_shortly_before(seal.sealed_at) if int(seal.ids_before) else last)

    def are_broken_by(self, entry: Entry) -> bool:
        """Whether an entry that isn't in a seal so far should be in one, so that it was put there afterwards."""
        transaction, number = int(entry.transaction_id), int(entry.entry_id)
        if self.snapshot is None:
            return False
        if self.snapshot.had_ended(transaction) and transaction != self.sealer:
            return True
        place = bisect_left(self.transactions, transaction) - 1
        return place >= 0 and (number <= self.ids[place] or entry.logged_at < self.moments[place])


def verify(connection: Connection[TupleRow], kept: Path | None = None, *, own_only: bool = False) -> Verdict:
    """Compare the log with its seals, the seals with each other, and with those that were kept elsewhere.

    Args:
        connection: in autocommit mode; of a role that may read the log.
        kept: a file of seals, as builds and ``atlas audit seal`` write them.
        own_only: the file holds seals of other databases, too, and perhaps none of this one. Without it, a file that
            has none of this database is of the one that this was restored from.

    Raises:
        UsageError: the file can't be read.
    """
    found = read_kept(kept) if kept is not None else []
    database = connection.execute(f"select {DATABASE}").fetchall()[0][0]
    own = [seal for seal in found if seal.database == database]
    elsewhere = [(seal.seal, seal.sha256) for seal in (own if own or own_only else found)]
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    try:
        with connection.transaction():
            return examine(connection, elsewhere)
    finally:
        connection.isolation_level = connection.read_only = None


def read_kept(path: Path) -> list[KeptSeal]:
    """The seals that a file holds: a JSON object on each line.

    Raises:
        UsageError: it can't be read, or holds something else.
    """
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = [KeptSeal(int(line["seal"]), str(line["sha256"]), str(line.get("database", ""))) for line in lines]
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"{path} holds something else than seals, as `atlas audit seal --to` writes them.") from error
    if not found:
        raise UsageError(f"{path} holds no seal.")
    return found


def examine(connection: Connection[TupleRow], elsewhere: list[tuple[int, str]]) -> Verdict:
    """As `verify`, in the caller's transaction, and beside numbers and hashes of seals."""
    verdict = Verdict(compared=len(elsewhere))
    gone = _declared_gone(connection, verdict)
    claims = _Claims()
    hashes: dict[int, str] = {}
    with connection.cursor(name="atlas_seals") as cursor:
        cursor.itersize = 20
        for row in cursor.execute(SEALS):
            seal = Seal(*row)
            _check_chain(verdict, seal)
            _check_entries(connection, verdict, seal, gone, claims)
            claims.add(seal)
            hashes[seal.number] = seal.sha256.hex()
            verdict.last_seal = seal
            verdict.seals += 1
            verdict.sealed += int(seal.row_count)
    for number, sha256 in elsewhere:
        if number not in hashes:
            verdict.add(f"Seal {number}, which was kept elsewhere, isn't there: the log's end was cut off.")
        elif hashes[number] != sha256:
            verdict.add(f"Seal {number} isn't the one that was kept elsewhere: the log was written anew up to it.")
    _check_unsealed(connection, verdict, claims)
    if verdict.seals == verdict.unsealed == 0:
        verdict.add("The log is empty, though the migrations that made it are logged: all of it was removed.")
    return verdict


def _check_chain(verdict: Verdict, seal: Seal) -> None:
    last = verdict.last_seal
    expected = last.number + 1 if last else 1
    if seal.number != expected:
        missing = f"Seal {expected}" if seal.number == expected + 1 else f"Seals {expected} to {seal.number - 1}"
        verdict.add(f"{missing} of the chain can't be found: removed.")
    elif seal.previous_sha256 != (last.sha256 if last else NO_SEAL):
        verdict.add(f"Seal {seal.seal} doesn't follow from the seal before it: one of the two was changed.")
    if seal.own_sha256 != seal.sha256:
        verdict.add(f"Seal {seal.seal} was changed: its hash isn't that of what it says.")


def _check_entries(
    connection: Connection[TupleRow], verdict: Verdict, seal: Seal, gone: _Gone, claims: _Claims
) -> None:
    spans = ranges(seal.entries)
    if sum(end - first for first, end in spans) * 32 != len(seal.row_hashes):
        verdict.add(f"Seal {seal.seal} was changed: it has not one hash for each of its entries.")
        return
    query = ENTRIES.format(SEALED.format(spans[0][0], spans[-1][1], seal.entries))
    found = (Entry(*row) for row in connection.execute(query))
    entry = next(found, None)
    for number, row_hash in seal.hashes():
        where = f"Entry {number} (seal {seal.seal})"
        if entry is None or int(entry.entry_id) != number:
            if not gone.is_retired(number, claims.sealed_at):
                verdict.add(f"{where} was removed.")
            continue
        if entry.sha256 != row_hash:
            verdict.add(f"{where} was changed: it isn't what was sealed.")
        elif not entry.has_its_content and not (entry.content == (None, None, None) and number in gone.erased):
            verdict.add(f"{where} was changed: its keys or values aren't those that were sealed.")
        elif seal.era == claims.era and claims.are_broken_by(entry):
            verdict.add(f"{where} was inserted: an earlier seal would hold it, or it is dated back.")
        entry = next(found, None)
        while entry is not None and int(entry.entry_id) == number:
            verdict.add(f"{where} is there twice: one was inserted.")
            entry = next(found, None)


def _check_unsealed(connection: Connection[TupleRow], verdict: Verdict, claims: _Claims) -> None:
    text = connection.execute("select pg_current_snapshot()::text").fetchall()[0][0]
    # In a cluster where the database was restored, transactions are numbered anew: the next seal begins a new era.
    is_same_era = claims.snapshot is None or Snapshot.of_text(text).next_number >= claims.snapshot.next_number
    for entry in _entries(connection, UNSEALED):
        verdict.unsealed += 1
        if is_same_era and claims.are_broken_by(entry):
            verdict.add(f"Entry {entry.entry_id} was inserted: a seal would hold it, or it is dated back.")
        elif not entry.has_its_content and entry.content != (None, None, None):
            verdict.add(f"Entry {entry.entry_id} was changed: its keys or values aren't those that were written.")


def _declared_gone(connection: Connection[TupleRow], verdict: Verdict) -> _Gone:
    gone = _Gone()
    for entry in _entries(connection, DECLARED_GONE):
        by = f"by {entry.login} on {entry.logged_at[:10]}"
        if entry.operation == "erase":
            erased = [int(number) for number in re.findall(r"\d+", entry.keys or "")]
            gone.erased.update(erased)
            verdict.notes.append(f"Entry {erased} says nothing of its rows any more: erased {by}.")
        elif (before := _end_of_quarter(connection, entry)) is not None:
            gone.retired.append(_Retired(ranges(entry.keys or ""), before))
            verdict.notes.append(f"{int(entry.row_count):,} entries were retired {by} (entry {entry.entry_id}).")
        else:
            verdict.add(f"Entry {entry.entry_id} ({by}) isn't to be believed: no whole past quarter was retired.")
    return gone


def _end_of_quarter(connection: Connection[TupleRow], entry: Entry) -> str | None:
    """Of an entry that says that a quarter was retired: by when it was sealed, or None if it can't have been."""
    match = QUARTER.search(entry.after or "")
    if match is None:
        return None
    year, quarter = int(match[1]), int(match[2])
    began = datetime(year, quarter * 3 - 2, 1, tzinfo=UTC)
    ended = datetime(year + quarter // 4, quarter * 3 % 12 + 1, 1, tzinfo=UTC)
    found = connection.execute(
        "select %(ended)s <= now(), exists (select from compliance.audit_log as l"
        " where l.logged_at >= %(began)s and l.logged_at < %(ended)s)",
        {"began": began, "ended": ended},
    ).fetchall()
    return _text(ended + LATE) if found == [(True, False)] else None


def _text(moment: datetime) -> str:
    """As `MOMENT` writes it, so that texts compare as moments do."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def _shortly_before(moment: str) -> str:
    """A moment by which the clock may have been set back; of what is none, what nothing comes before."""
    try:
        return _text(datetime.fromisoformat(moment) - CLOCK)
    except (ValueError, OverflowError):
        return ""


def _entries(connection: Connection[TupleRow], condition: sql.SQL) -> Iterator[Entry]:
    with connection.cursor(name="atlas_entries") as cursor:
        cursor.itersize = 1000
        yield from (Entry(*row) for row in cursor.execute(ENTRIES.format(condition)))
