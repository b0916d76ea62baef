"""Change records of customers as a system would send them: seeded, so that every run reads the same bytes."""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Part of the file's name: another generator makes other files.
GENERATION = 1
SEED = 20260101
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
BETWEEN_RECORDS_MS = 80
LATE_SHARE, LATEST_S = 0.1, 300
NEW_SHARE, DELETED_SHARE = 0.2, 0.02
LINES_PER_WRITE = 20_000

FIRST_NAMES = (
    "Ana", "Björn", "Chiara", "Dmitri", "Elif", "François", "Grace", "Hiroshi", "Ines", "Jürgen", "Kwame", "Léa",
    "Mehmet", "Niamh", "Oluwaseun", "Priya", "Søren",
)  # fmt: skip
# As written, and as in an e-mail address.
LAST_NAMES = (
    ("Adeyemi", "adeyemi"), ("Bianchi", "bianchi"), ("Costa", "costa"), ("Dvořák", "dvorak"), ("Eriksson", "eriksson"),
    ("Fontaine", "fontaine"), ("García", "garcia"), ("Hansen", "hansen"), ("Ivanov", "ivanov"), ("Jansen", "jansen"),
    ("Kowalski", "kowalski"), ("Lindqvist", "lindqvist"), ("Müller", "muller"), ("Nakamura", "nakamura"),
    ("O'Brien", "obrien"), ("Papadopoulos", "papadopoulos"), ("Silva", "silva"), ("Tanaka", "tanaka"),
    ("Öztürk", "ozturk"),
)  # fmt: skip
COUNTRIES = ("DE", "FR", "IT", "ES", "PL", "NL", "SE", "PT", "IE", "TR", "JP", "BR", "NG")
SEGMENTS = ("consumer", "consumer", "consumer", "business", "enterprise")


@dataclass(frozen=True)
class RecordsFile:
    """A file of records, one JSON object a line.

    Attributes:
        path: the file.
        count: number of records.
        size: in bytes.
        sha256: of the file, in hexadecimal.
    """

    path: Path
    count: int
    size: int
    sha256: str

    def warm(self) -> None:
        """Read the file once, so that whoever reads it next finds it in the system's cache."""
        _sha256(self.path)


def records_file(directory: Path, count: int) -> RecordsFile:
    """The file with ``count`` records, made in ``directory`` unless it is there."""
    path = directory / f"customers-{GENERATION}-{count}.ndjson"
    if not path.is_file():
        descriptor, name = tempfile.mkstemp(dir=directory, prefix="making-")
        unfinished = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                for lines in _lines(count):
                    file.write(lines)
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
    return RecordsFile(path, count, path.stat().st_size, _sha256(path))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lines(count: int) -> Iterator[str]:
    """The records, many lines at a time."""
    # Only random(): what the other methods make of it has changed between Python's versions.
    chance = random.Random(SEED).random  # noqa: S311
    lines: list[str] = []
    customers = 0
    for number in range(count):
        late_ms = int(chance() * LATEST_S * 1000) if chance() < LATE_SHARE else int(chance() * 2000)
        moment = FIRST_MOMENT + timedelta(milliseconds=number * BETWEEN_RECORDS_MS - late_ms)
        updated_at = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        kind = chance()
        if kind < NEW_SHARE or customers == 0:
            customers += 1
            customer, operation = customers, "create"
        else:
            # Recent customers change most.
            customer = customers - int(customers * chance() ** 3)
            operation = "delete" if kind > 1 - DELETED_SHARE else "update"
        if operation == "delete":
            lines.append(f'{{"id":"C-{customer:07d}","updated_at":"{updated_at}","op":"delete"}}\n')
        else:
            lines.append(_record(customer, operation, updated_at, chance(), chance()))
        if len(lines) == LINES_PER_WRITE:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def _record(customer: int, operation: str, updated_at: str, credit: float, activity: float) -> str:
    """One record; who a customer is follows from the number, what changes from chance."""
    first = FIRST_NAMES[customer * 7919 % len(FIRST_NAMES)]
    last, last_ascii = LAST_NAMES[customer * 104_729 % len(LAST_NAMES)]
    cents = int(credit * credit * 5_000_000)
    return (
        f'{{"id":"C-{customer:07d}","name":"{first} {last}",'
        f'"email":"{first[0].lower()}.{last_ascii}@example.org",'
        f'"country":"{COUNTRIES[customer * 31 % len(COUNTRIES)]}","segment":"{SEGMENTS[customer % len(SEGMENTS)]}",'
        f'"credit":{cents // 100}.{cents % 100:02d},"active":{"true" if activity < 0.9 else "false"},'
        f'"updated_at":"{updated_at}","op":"{operation}"}}\n'
    )
