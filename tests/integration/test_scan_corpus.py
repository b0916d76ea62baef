"""How much of a labelled corpus the scan finds, and how much of what it finds is there; the guide holds the figures."""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING

import pii_corpus
import pytest
from psycopg import sql

from atlas.database import connect
from atlas.scan.judging import judge
from atlas.scan.names import speaks_for
from atlas.scan.patterns import PATTERNS
from atlas.scan.reading import MOST_CHECKED, Reading, read_part
from atlas.scan.tables import read_columns, read_parts, read_selection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pii_corpus import LabelledColumn
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

# The rules were tuned on seeds 1 to 3.
SEED = 2026
LEAST_RECALL, LEAST_PRECISION = 0.99, 0.95
STRUCTURED = [pattern.code for pattern in PATTERNS if not pattern.by_name]


def load(connection: Connection[TupleRow], corpus: Sequence[LabelledColumn], *, as_documents: bool) -> None:
    """The corpus as a table of text columns, or with the same values within documents."""
    names = [column.name for column in corpus]
    rows = list(zip(*(column.values for column in corpus), strict=True))
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in names)
    connection.execute(sql.SQL("create table chart.corpus ({})").format(columns))
    with connection.cursor() as cursor, cursor.copy("copy chart.corpus from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    if as_documents:
        connection.execute(
            "create table chart.documents as"
            " select jsonb_build_object('at', to_jsonb(c)) as payload from chart.corpus as c"
        )
        connection.execute("drop table chart.corpus")


def predictions(table: str, reading: Reading) -> dict[str, dict[str, set[str]]]:
    """The values that are believed to be of a pattern: by column, then by pattern."""
    found: dict[str, dict[str, set[str]]] = {}
    for one in judge(table, reading.places):
        kept = reading.places[one.column, one.path].values[one.pattern]
        values = {value for value, is_certain in kept if is_certain or one.counts_likely}
        found.setdefault(one.path.removeprefix("at.") or one.column, {})[one.pattern] = values
    return found


def measure(corpus: Sequence[LabelledColumn], found: dict[str, dict[str, set[str]]]) -> dict[str, Counter[str]]:
    """Values that are and aren't found, by pattern: true, missed, false."""
    counts: dict[str, Counter[str]] = {pattern.code: Counter() for pattern in PATTERNS}
    for column in corpus:
        for value, labels in zip(column.values, column.labels, strict=True):
            predicted = {code for code, values in found.get(column.name, {}).items() if value in values}
            for code in labels | predicted:
                what = "true" if code in labels & predicted else "missed" if code in labels else "false"
                counts[code][what] += 1
                if what != "true" and os.environ.get("SHOW_MISSES"):
                    print(what, code, column.name, value)  # noqa: T201
    return counts


def recall(count: Counter[str]) -> float:
    return count["true"] / (count["true"] + count["missed"])


def precision(count: Counter[str]) -> float:
    return count["true"] / max(1, count["true"] + count["false"])


@pytest.fixture(scope="module")
def corpus() -> list[LabelledColumn]:
    return pii_corpus.make_corpus(int(os.environ.get("CORPUS_SEED", SEED)))


def scanned(
    settings: Settings, corpus: Sequence[LabelledColumn], *, as_documents: bool
) -> dict[str, dict[str, set[str]]]:
    return predictions(*read(settings, corpus, as_documents=as_documents))


def read(settings: Settings, corpus: Sequence[LabelledColumn], *, as_documents: bool) -> tuple[str, Reading]:
    """The table's name, and what a pass over it gave."""
    with connect(settings) as connection:
        load(connection, corpus, as_documents=as_documents)
        (part,) = read_parts(connection, read_selection(["chart"]))
        return part.name, read_part(connection, part, read_columns(connection, part), keep_values=True)


@pytest.mark.parametrize("as_documents", [False, True], ids=["columns", "documents"])
def test_recall_and_precision(
    settings: Settings, corpus: list[LabelledColumn], project: Path, *, as_documents: bool
) -> None:
    counts = measure(corpus, scanned(settings, corpus, as_documents=as_documents))
    rows = [
        f"| `{code}` | {count['true'] + count['missed']:,} | {recall(count):.3f} | {precision(count):.3f} |"
        for code, count in counts.items()
    ]
    for code in STRUCTURED:
        assert recall(counts[code]) >= LEAST_RECALL, (code, counts[code])
        assert precision(counts[code]) >= LEAST_PRECISION, (code, counts[code])
    guide = (project / "docs" / "guides" / "scan.md").read_text()
    assert re.findall(r"^\| `\w+` \| [\d,]+ \| [\d.]+ \| [\d.]+ \|$", guide, re.MULTILINE) == rows, "\n".join(rows)


def test_what_only_looks_like_it_is_not_reported(settings: Settings, corpus: list[LabelledColumn]) -> None:
    harmless = [column for column in corpus if column.name in pii_corpus.NEGATIVE]
    assert len(harmless) >= 40
    assert scanned(settings, harmless, as_documents=False) == {}


# Forms that the corpus hasn't got: numbers from Corsica, separators of every kind.
ODD_FORMS = [
    *("1 85 05 2A 123 123 75", "185052a12312375", "185.05.2B.123.123.05", "1-85-05-2b-123-123-05"),
    *("86/095/742/719", "x-1234567-l", "12345678z", "ab 12 34 56 c", "AB123456C", "078 05 1120"),
    *("(0)30/2403309", "0030 2403309", "00 49 30 2403309", "+49 (0)30-24 03 309", "4111-1111 1111-1111"),
    *("xoxb-1234567890", "db://a:abc@host", "de89 3704 0044 0532 0130 00", "::ffff:192.0.2.128"),
]


def test_whatever_a_validator_accepts_is_in_its_shape(settings: Settings, corpus: list[LabelledColumn]) -> None:
    nothing = [frozenset[str]()] * len(corpus[0].values)
    odd = [*ODD_FORMS, *[""] * (len(nothing) - len(ODD_FORMS))]
    columns = [
        *corpus,
        *(pii_corpus.LabelledColumn(name, odd, nothing) for name in ("odd", "nir", "tax_id", "phone_number")),
    ]
    columns = list({column.name: column for column in columns}.values())
    _, reading = read(settings, columns, as_documents=False)
    accepted = 0
    for column in columns:
        assert len(set(column.values)) <= MOST_CHECKED, "else not all of them are asked"
        for pattern in PATTERNS:
            if pattern.by_name:
                continue
            is_named = speaks_for(pattern.code, column.name)
            matches = {value: pattern.find(value, is_named=is_named) for value in column.values}
            expected = {value for value, match in matches.items() if match is not None and not match.is_refuted}
            found = {value for value, _ in reading.places[column.name, ""].values.get(pattern.code, [])}
            assert found == expected, (pattern.code, column.name)
            accepted += len(expected)
    assert accepted > 5_000
