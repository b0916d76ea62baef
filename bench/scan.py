"""How fast personal data is found, beside presidio-analyzer on the same values; see docs/performance.md."""

from __future__ import annotations

import json
import random
import shutil
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg

from atlas.scan import scan
from atlas.scan.tables import read_selection
from bench.environments import PRESIDIO, python_of, version_of
from bench.errors import BenchError
from bench.report import markdown_table, spread
from bench.server import running_server
from bench.timing import clean_environment, time_command

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_RATIO = 50.0
SCRIPT = Path(__file__).with_name("presidio_run.py")
COLUMNS = ("number", "name", "email", "phone", "iban", "card", "street", "city", "note", "changed_at")
# What the scan has to find, or its time doesn't count.
EXPECTED = {
    ("name", "person_name"),
    ("email", "email"),
    ("phone", "phone"),
    ("iban", "iban"),
    ("card", "payment_card"),
    ("street", "postal_address"),
    ("note", "email"),
}
FIRST, LAST = ("Anna", "Björn", "Chiara", "Dmitri", "Emma"), ("Adeyemi", "Müller", "Fontaine", "García", "Jansen")


@dataclass
class Measured:
    """Seconds, a value for each round.

    Attributes:
        values: how many were looked at by each.
        atlas_s: of the scan, from the connection on.
        again_s: of the scan once more, when nothing has changed.
        presidio_s: of the analysis, after the engine was made and had analysed one value.
        has_model: whether presidio had its spaCy model.
    """

    postgres: str
    values: int
    has_model: bool = False
    atlas_s: list[float] = field(default_factory=list)
    again_s: list[float] = field(default_factory=list)
    presidio_s: list[float] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """How many times as fast the scan was, by round."""
        return [theirs / ours for ours, theirs in zip(self.atlas_s, self.presidio_s, strict=True)]


def measure(values: int, rounds: int, choice: str, cache: Path, workspace: Path, postgres_bin: Path | None) -> Measured:
    """Scan and analyse the same values, in turns.

    Raises:
        BenchError: presidio can't be installed, or the scan didn't find what is there.
    """
    rng = random.Random(7)  # noqa: S311 - it has to be the same every time
    rows = [_row(rng, number) for number in range(values // len(COLUMNS))]
    presidio = python_of(PRESIDIO, cache)
    file = workspace / "values.json"
    file.write_text(json.dumps([value for row in rows for value in row]), encoding="utf-8")
    with running_server(choice, workspace, postgres_bin) as server:
        measured = Measured(server.version, len(rows) * len(COLUMNS))
        for _ in range(rounds):
            with server.fresh_database() as url, psycopg.connect(url, autocommit=True) as connection:
                _load(connection, rows)
                measured.atlas_s.append(_scan(connection, read=len(rows)))
                measured.again_s.append(_scan(connection, read=0))
            environment = clean_environment(HOME=str(workspace))
            told = json.loads(time_command([presidio, SCRIPT, file], environment, workspace).output.splitlines()[-1])
            measured.presidio_s.append(told["seconds"])
            measured.has_model = told["has_model"]
    shutil.rmtree(workspace / ".cache", ignore_errors=True)
    return measured


def as_markdown(measured: Measured) -> str:
    """The results, for docs/performance.md."""

    def line(name: str, seconds: Sequence[float], ratios: Sequence[float]) -> list[str]:
        speed = f"{measured.values / median(seconds):,.0f}"
        return [name, spread(list(seconds), ".2f"), speed, spread(list(ratios), ".0f")]

    table = markdown_table(
        ["", "seconds", "values/s", "times as fast as presidio"],
        [
            line("`atlas scan`", measured.atlas_s, measured.ratios),
            line("presidio-analyzer", measured.presidio_s, [1.0]),
            ["`atlas scan`, nothing changed", spread(measured.again_s, ".2f"), "", ""],
        ],
    )
    verdict = "met" if median(measured.ratios) >= LEAST_RATIO else "**missed**"
    model = "with its spaCy model" if measured.has_model else "with an empty spaCy pipeline, which is faster"
    return (
        f"PostgreSQL {measured.postgres}, presidio-analyzer {version_of(PRESIDIO)} {model}; {measured.values:,} "
        f"values; medians of {len(measured.atlas_s)} rounds, in turn (least to most).\n\n{table}\n\n"
        f"Goal: at least {LEAST_RATIO:.0f} times as fast: {verdict}."
    )


def as_dict(measured: Measured) -> dict[str, Any]:
    """For --json."""
    return asdict(measured) | {"ratios": measured.ratios}


def _scan(connection: psycopg.Connection[Any], *, read: int) -> float:
    started = time.perf_counter()
    result = scan(connection, read_selection(["chart"]))
    taken = time.perf_counter() - started
    found = {(row["column_name"], row["pattern"]) for row in result.found}
    if found != EXPECTED or result.rows != read:
        raise BenchError(f"The scan read {result.rows:,} rows and found {sorted(found)}: its time doesn't count.")
    return taken


def _load(connection: psycopg.Connection[Any], rows: Sequence[tuple[str, ...]]) -> None:
    connection.execute(f"create table chart.customers ({', '.join(f'{name} text' for name in COLUMNS)})")
    with connection.cursor() as cursor, cursor.copy("copy chart.customers from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute("select pg_stat_force_next_flush()")
    connection.execute("vacuum analyze chart.customers")


def _row(rng: random.Random, number: int) -> tuple[str, ...]:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    email = f"{first}.{last}{number}@example.org"
    account = "".join(rng.choices("0123456789", k=18))
    card = _with_luhn("4" + "".join(rng.choices("0123456789", k=14)))
    return (
        f"ORD-{rng.randint(10**9, 10**10)}",
        f"{first} {last}",
        email,
        f"+49 30 2{rng.randint(100_000, 999_999)}",
        f"DE{98 - int(f'{account}131400') % 97:02d}{account}",
        " ".join(card[place : place + 4] for place in range(0, 16, 4)),
        f"Hauptstraße {rng.randint(1, 199)}",
        rng.choice(("Lisboa", "Gdańsk", "Malmö", "Köln")),
        f"called twice, write to {email}"
        if rng.random() < 0.1
        else f"delivered on 2025-03-{rng.randint(10, 28)}, v1.2.3",
        f"2025-0{rng.randint(1, 9)}-{rng.randint(10, 28)}T12:{rng.randint(10, 59)}:07Z",
    )


def _with_luhn(payload: str) -> str:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload))]
    return payload + str(-sum(number - 9 if number > 9 else number for number in doubled) % 10)
