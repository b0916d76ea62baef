"""What the tests of partitions share: a table of facts, people who read and write it, and the command."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from atlas.database import connect
from atlas.partitions import maintain, read_partitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.partitions import Outcome, PartitionedTable
    from atlas.settings import Settings

FACTS = "navigate_base.fct_thing"


def make_table(
    connection: Connection[TupleRow],
    name: str = "fct_thing",
    *,
    field: str = "at",
    field_type: str = "timestamptz",
    granularity: str = "year",
    ahead: int = 1,
    keep: int | None = None,
    key: bool = True,
) -> int:
    """Make and declare a partitioned table in ``navigate_base``; returns its number."""
    names = {"table": sql.Identifier("navigate_base", name), "field": sql.Identifier(field)}
    connection.execute(
        sql.SQL(
            "create table {table} (id bigint not null, {field} {field_type} not null, note text"
            + (", primary key (id, {field})" if key else "")
            + ") partition by range ({field})"
        ).format(**names, field_type=sql.SQL(field_type))
    )
    (number,) = connection.execute("select %s::regclass::oid", [names["table"].as_string()]).fetchall()[0]
    connection.execute(
        "select pipeline.declare_partitions('navigate_base', %s, %s, %s, %s)", [name, granularity, ahead, keep]
    )
    connection.execute(
        "select pipeline.ensure_partitions(%s, %s, pipeline.moments_due(%s, %s))",
        [number, granularity, granularity, ahead],
    )
    return int(number)


def fill(connection: Connection[TupleRow], count: int, begin: str, step: str, first: int = 1) -> None:
    """Insert rows with these numbers, a step of time apart."""
    connection.execute(
        f"insert into {FACTS} select n, %(begin)s::timestamptz + (n - %(first)s) * %(step)s::interval, 'n' || n"
        " from generate_series(%(first)s::bigint, %(first)s + %(count)s - 1) as n",
        {"begin": begin, "step": step, "first": first, "count": count},
    )


def spans(connection: Connection[TupleRow], table: str = FACTS) -> dict[str, tuple[str, str]]:
    """The bounds of each partition as days; empty for unbounded."""
    found = connection.execute(
        "select child::text, coalesce(to_char(lower(span), 'YYYY-MM-DD'), ''),"
        " coalesce(to_char(upper(span), 'YYYY-MM-DD'), '') from pipeline.partition_spans(%s::regclass) order by span",
        [table],
    ).fetchall()
    return {name: (begin, end) for name, begin, end in found}


def lying_in(connection: Connection[TupleRow], table: str = FACTS) -> dict[str, int]:
    """How many rows each partition holds that holds any."""
    return dict(
        connection.execute(f"select tableoid::regclass::text, count(*) from {table} group by 1 order by 1").fetchall()
    )


def checked(connection: Connection[TupleRow], table: str = FACTS) -> PartitionedTable:
    """What ``atlas partitions --check`` finds out about a table."""
    return next(found for found in read_partitions(connection, {}) if found.table == table)


def maintained(
    settings: Settings, table: str = FACTS, *, wait_s: float = 20, told: list[str] | None = None, **options: Any
) -> Outcome:
    """Run what ``atlas partitions`` runs; what was done to one table."""
    with connect(settings) as own:
        outcomes = maintain(own, {}, (told if told is not None else []).append, wait_s=wait_s, **options)
    return next(outcome for outcome in outcomes if outcome.table == table)


@contextmanager
def reading(settings: Settings, query: str, name: str = "a long report") -> Iterator[Connection[TupleRow]]:
    """Somebody who has read something in a transaction, and goes on and on."""
    with connect(settings, autocommit=False) as reader:
        reader.execute("select set_config('application_name', %s, false)", [name])
        reader.execute(query)
        yield reader
        assert reader.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


@contextmanager
def repeating(
    settings: Settings, work: Callable[[Connection[TupleRow], int], None], people: int = 1
) -> Iterator[list[float]]:
    """People who do something again and again meanwhile; gives how long each time took, in seconds.

    Whatever goes wrong for one of them fails the test.
    """
    took: list[float] = []
    failed: list[BaseException] = []
    stop = threading.Event()

    def repeat(person: int) -> None:
        try:
            with connect(settings) as own:
                own.execute("set synchronous_commit = off")  # the disk's waits aren't meant
                number = person
                while not stop.is_set():
                    started = time.monotonic()
                    work(own, number)
                    took.append(time.monotonic() - started)
                    number += people
                    time.sleep(0.002)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=repeat, args=(person,)) for person in range(people)]
    for thread in threads:
        thread.start()
    try:
        yield took
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []


def leftovers(connection: Connection[TupleRow]) -> list[str]:
    """Tables and triggers that a run should have taken away with it."""
    return [
        row[0]
        for row in connection.execute(
            """
            select c.oid::regclass::text
            from pg_class as c
            where
                c.relname like 'changes\\_of\\_%'
                or (
                    c.relkind = 'r' and not c.relispartition and c.relnamespace = 'navigate_base'::regnamespace
                )
            union all
            select tgname::text from pg_trigger where tgname like 'atlas\\_%'
            """
        ).fetchall()
    ]
