"""Partitions are there before rows need them, and making one holds nobody up."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from landing_support import (
    THINGS,
    emptied_settings,  # noqa: F401 - a fixture
    land,
    line,
    rows,
    write,
)

from atlas.database import connect
from atlas.landing import land_file
from atlas.landing.write import prepare, write_batch

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.settings import Settings

TABLE = "explore.raw_test__things"
BOUNDS = """
    select pg_get_expr(c.relpartbound, c.oid)
    from pg_inherits as i inner join pg_class as c on c.oid = i.inhrelid
    where i.inhparent = %s::regclass
    order by 1
"""


def month(moment: datetime, ahead: int = 0) -> datetime:
    number = moment.year * 12 + moment.month - 1 + ahead
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def bounds(connection: psycopg.Connection) -> list[str]:
    return [row[0] for row in connection.execute(BOUNDS, [TABLE])]


def of_month(first: datetime) -> str:
    return f"FOR VALUES FROM ('{first:%Y-%m-%d} 00:00:00+00') TO ('{month(first, 1):%Y-%m-%d} 00:00:00+00')"


def test_this_month_and_the_next_three(connection: psycopg.Connection, tmp_path: Path) -> None:
    land(connection, THINGS, write(tmp_path / "x.ndjson", line()))
    now = datetime.now(UTC)
    assert set(bounds(connection)) == {
        "FOR VALUES FROM (MINVALUE) TO ('1970-01-01 00:00:00+00')",
        "FOR VALUES FROM ('2100-01-01 00:00:00+00') TO (MAXVALUE)",
        *(of_month(month(now, ahead)) for ahead in range(4)),
    }
    default = connection.execute(
        "select partdefid from pg_partitioned_table where partrelid = %s::regclass", [TABLE]
    ).fetchone()
    assert default == (0,)
    where = connection.execute(f"select distinct tableoid::regclass::text from {TABLE}").fetchall()
    assert where == [(f"{TABLE}_{now:%Y_%m}",)]


def test_bounds_are_months_of_utc_wherever_the_caller_sits(connection: psycopg.Connection) -> None:
    for zone, style in (("Pacific/Auckland", "ISO"), ("America/Los_Angeles", "German"), ("UTC", "ISO")):
        connection.execute(
            "select set_config('timezone', %s, false), set_config('datestyle', %s, false)", [zone, style]
        )
        connection.execute("select explore.create_landing_table('test', 'things')")
        connection.execute(
            "select pipeline.ensure_partitions(%s, 'month', array(select now() + make_interval(months => n)"
            " from generate_series(0, 3) as n))",
            [TABLE],
        )
    assert of_month(month(datetime.now(UTC), 3)) in bounds(connection)
    assert len(bounds(connection)) == 6


def test_months_later(connection: psycopg.Connection, tmp_path: Path) -> None:
    """A table whose last delivery is long ago: its partitions are of then, and those of now are missing."""
    land(connection, THINGS, write(tmp_path / "x.ndjson", line(1)))
    now = datetime.now(UTC)
    for ahead in range(4):
        connection.execute(f"drop table {TABLE}_{month(now, ahead):%Y_%m}")
    connection.execute("delete from explore.batches")
    assert len(bounds(connection)) == 2
    receipt = land(connection, THINGS, write(tmp_path / "y.ndjson", line(2)))
    assert receipt.accepted == 1
    assert len(bounds(connection)) == 6


@pytest.mark.parametrize(
    ("moment", "partition"),
    [
        (datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), "before_1970"),
        (datetime(2100, 1, 1, tzinfo=UTC), "from_2100"),
    ],
)
def test_wrong_clock_is_caught_and_reported(connection: psycopg.Connection, moment: datetime, partition: str) -> None:
    prepare(connection, THINGS)
    with connection.transaction():
        write_batch(connection, THINGS, lambda _: [(1, line(), True, line())], moment)
    assert connection.execute("select * from pipeline.catch_all_rows()").fetchall() == [
        (TABLE, f"{TABLE}_{partition}", 1)
    ]


def test_month_without_a_partition_loses_nothing_silently(connection: psycopg.Connection) -> None:
    """Where nobody made the partition, the batch fails as a whole; once it is made, the batch goes there."""
    prepare(connection, THINGS)
    distant = datetime(2031, 5, 31, 23, 59, tzinfo=UTC)

    def write_distant() -> None:
        with connection.transaction():
            write_batch(connection, THINGS, lambda _: [(1, line(), True, line())], distant)

    with pytest.raises(psycopg.errors.CheckViolation, match="no partition"):
        write_distant()
    made = "select pipeline.ensure_partitions(%s, 'month', array[%s]::timestamptz[])"
    assert connection.execute(made, [TABLE, distant]).fetchone() == (1,)
    assert connection.execute(made, [TABLE, distant]).fetchone() == (0,)
    write_distant()
    assert connection.execute(f"select count(*) from {TABLE}_2031_05").fetchone() == (1,)
    assert len(rows(connection, THINGS, None)) == 1


def test_making_partitions_blocks_nobody(connection: psycopg.Connection, settings: Settings, tmp_path: Path) -> None:
    """While a report reads on and on, partitions are made, and inserts beside them wait less than 100 ms."""
    files = [write(tmp_path / f"{n}.ndjson", line(n)) for n in range(60)]
    land(connection, THINGS, files[0])
    waits: list[float] = []
    stop = threading.Event()

    def insert() -> None:
        with connect(settings) as own:
            own.execute("set synchronous_commit = off")  # the disk's waits aren't meant
            for n in range(1, 10_000):
                moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
                started = time.monotonic()
                own.execute(
                    f"insert into {TABLE} select -%s, 1, 'k', %s, now(), 'upsert', '{{}}', sha256('')", [n, moment]
                )
                waits.append(time.monotonic() - started)
                if stop.is_set():
                    return

    with connect(settings) as reader, connect(settings) as maker:
        reader.autocommit = False
        assert reader.execute(f"select count(*) from {TABLE}").fetchone() == (1,)
        inserting = threading.Thread(target=insert)
        inserting.start()
        try:
            maker.execute("set lock_timeout = '2s'")
            made = 0
            for year in range(2030, 2035):
                row = maker.execute(
                    "select pipeline.ensure_partitions(%s, 'month', array(select make_timestamptz(%s, m, 1, 0, 0, 0,"
                    " 'UTC') from generate_series(1, 12) as m))",
                    [TABLE, year],
                ).fetchone()
                assert row is not None
                made += row[0]
                land_file(maker, THINGS, files[year - 2000])
        finally:
            stop.set()
            inserting.join()
        assert made == 60
        assert len(waits) > 5
        assert sorted(waits)[-1] < 0.1, f"an insert waited {max(waits) * 1000:.0f} ms"
        # The reader is in the same statement's transaction still.
        assert reader.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_four_prepare_a_new_source_at_once(connection: psycopg.Connection, settings: Settings) -> None:
    barrier = threading.Barrier(4)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with connect(settings) as own:
                barrier.wait()
                prepare(own, THINGS)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(bounds(connection)) == 6
