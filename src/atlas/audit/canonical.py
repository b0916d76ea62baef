"""Entries and seals as their hashes see them, computed here and not by the database that is to be checked."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_SEAL = bytes(32)
MOMENT = "to_char({} at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
RANGE = re.compile(r"\[(\d+),(\d+)\)")


class Entry(NamedTuple):
    """An entry of ``compliance.audit_log``, all as PostgreSQL's text; None for NULL."""

    entry_id: str
    logged_at: str
    transaction_id: str
    login: str
    acting_as: str
    application: str
    client: str | None
    table_schema: str
    table_name: str
    operation: str
    row_count: str
    pseudonym_key: str | None
    content_sha256: str
    keys: str | None
    before: str | None
    after: str | None

    @property
    def content(self) -> tuple[str | None, str | None, str | None]:
        """What the entry says of its rows."""
        return self.keys, self.before, self.after

    @property
    def sha256(self) -> bytes:
        """The hash that its seal holds. It takes the content's by the entry's word, since that may be erased."""
        return digest(*self[:-3])

    @property
    def has_its_content(self) -> bool:
        """Whether the content is the one that was written."""
        return digest(*self.content).hex() == self.content_sha256


class Seal(NamedTuple):
    """A row of ``compliance.audit_seals``, as PostgreSQL's text but for the hashes."""

    seal: str
    sealed_at: str
    sealed_by: str
    era: str
    transaction_id: str
    snapshot: str | None
    ids_before: str
    entries: str
    row_count: str
    row_hashes: bytes
    previous_sha256: bytes
    sha256: bytes

    @property
    def number(self) -> int:
        """Its place in the chain, from 1."""
        return int(self.seal)

    @property
    def own_sha256(self) -> bytes:
        """What ``sha256`` has to be."""
        return digest(*self[:9], sha256(self.row_hashes).hexdigest(), self.previous_sha256.hex())

    def hashes(self) -> Iterator[tuple[int, bytes]]:
        """The number of each sealed entry, and its hash."""
        numbers = (number for first, end in ranges(self.entries) for number in range(first, end))
        places = range(0, len(self.row_hashes), 32)
        return zip(numbers, (self.row_hashes[place : place + 32] for place in places), strict=False)


class Snapshot(NamedTuple):
    """Which transactions had ended at a moment, as PostgreSQL's ``pg_snapshot`` says."""

    first_running: int
    next_number: int
    running: frozenset[int]

    @classmethod
    def of_text(cls, text: str) -> Snapshot:
        """``xmin:xmax:xip,xip…``."""
        first, following, running = text.split(":")
        return cls(int(first), int(following), frozenset(map(int, filter(None, running.split(",")))))

    def had_ended(self, transaction: int) -> bool:
        """Whether a transaction had been committed or rolled back by then."""
        return transaction < self.next_number and transaction not in self.running


def digest(*fields: str | None) -> bytes:
    """SHA-256 of fields as netstrings (``3:abc,``, and ``-`` for None), as ``compliance.netstring`` writes them."""
    parts = []
    for field in fields:
        if field is None:
            parts.append(b"-")
        else:
            encoded = field.encode()
            parts.append(b"%d:%s," % (len(encoded), encoded))
    return sha256(b"".join(parts)).digest()


def ranges(multirange: str) -> list[tuple[int, int]]:
    """The spans of an ``int8multirange``, each from its first number to the one after its last."""
    return [(int(first), int(end)) for first, end in RANGE.findall(multirange)]
