"""Two runs of one model at once, for the first time and later: the second waits for the first, and doubles nothing."""

from __future__ import annotations

import io
import json
import re
import threading
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from history_support import (  # noqa: F401
    START,
    Project,
    Ran,
    fixture_db,
    fixture_history,
    is_of_transaction,
)

from atlas.landing import land_stream, prepare
from atlas.sources import load_sources

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

SOURCES = """
sources:
  - name: shop
    schema: explore
    tables:
      - name: snapshot
        identifier: raw_shop__snapshot
        config: {meta: {landing: {delivery: snapshot, key: [thing]}}}
        columns: &columns
          - {name: thing, data_type: text, config: {meta: {required: true}}}
          - {name: colour, data_type: text}
      - name: changes
        identifier: raw_shop__changes
        config: {meta: {landing: {delivery: changes, key: [thing], event_at: at}}}
        columns:
          - {name: thing, data_type: text, config: {meta: {required: true}}}
          - {name: colour, data_type: text}
          - {name: at, data_type: timestamptz, config: {meta: {required: true}}}
"""
QUERY = "select thing, colour, _event_at, _sha256 from {{ ref('landed') }} where {{ claimed_batches() }}"
RULES = {"unique_key": "thing", "updated_at": "_event_at", "record_hash": "_sha256", "max_closed_share": 1}
TABLES = "history.dim_thing, history.dim_thing__events, history.dim_thing__rejected"


DAYS = (
    {"a": "red", "b": "red"},
    {"a": "blue", "c": "red"},
    {"b": "red", "c": "blue"},
    {"b": "red", "c": "blue", "d": "red"},
)


def land(history: Project, db: Connection, delivery: str, day: int, **state: str) -> None:
    """Land what things look like on a day."""
    moment = START + timedelta(days=day)
    at = {} if delivery == "snapshot" else {"at": moment.isoformat()}
    lines = "\n".join(json.dumps({"thing": thing, "colour": colour, **at}) for thing, colour in state.items())
    source = load_sources(history.path)[f"shop.{delivery}"]
    receipt = land_stream(
        db, source, io.BytesIO(lines.encode()), snapshot_at=moment if delivery == "snapshot" else None
    )
    assert receipt.accepted == len(state)


@pytest.mark.parametrize("delivery", ["snapshot", "changes"])
def test_of_two_runs_by_batch_at_once_the_second_waits(
    history: Project, db: Connection, database: Settings, delivery: str
) -> None:
    declare(history, db, delivery)
    land_two(history, db, delivery, 0)
    first = history.build().statements["dim_thing"]
    land_two(history, db, delivery, 2)
    increment = history.build().statements["dim_thing"]

    db.execute(f"drop table {TABLES}")
    db.execute(f"truncate explore.raw_shop__{delivery}, explore.batches, explore.quarantine, pipeline.batches_read")
    land_two(history, db, delivery, 0)
    run_at_once(history, db, database, first)
    assert claims(db) == [2]
    land_two(history, db, delivery, 2)
    run_at_once(history, db, database, increment)
    assert claims(db) == [2, 2]

    together = everything(db)
    assert len(together[0]) > 5
    history.build("--full-refresh", "--select", "dim_thing")
    assert everything(db) == together


def land_two(history: Project, db: Connection, delivery: str, number: int) -> None:
    """A delivery and the next one: what a run does depends on whether it reads one snapshot or several."""
    for day in (number, number + 1):
        land(history, db, delivery, day, **DAYS[day])


def declare(history: Project, db: Connection, delivery: str) -> None:
    """A model over a source of this delivery, of which nothing has been landed or built."""
    models = history.path / "models"
    (models / "sources.yml").write_text(SOURCES)
    (models / "landed.sql").write_text(
        f"{{{{ config(materialized='view') }}}}{{{{ typed_landing('shop', '{delivery}') }}}}"
    )
    history.write_model("dim_thing", QUERY, RULES | {"delivery": delivery})
    db.execute("drop schema if exists history cascade; truncate explore.batches, pipeline.batches_read cascade")
    prepare(db, load_sources(history.path)[f"shop.{delivery}"])


def run_at_once(history: Project, db: Connection, database: Settings, statements: list[str]) -> None:
    """Let dbt start while another run, which has done all its work, hasn't committed."""
    run_id = str(uuid.uuid4())
    ran: list[Ran] = []
    second = threading.Thread(target=lambda: ran.append(history.run("--select", "dim_thing")))
    with psycopg.connect(str(database.database_url)) as running:
        for statement in statements:
            if not is_of_transaction(statement):
                running.execute(re.sub(r"(?<=cast\(')[0-9a-f-]{36}(?=' as uuid\))", run_id, statement))
        second.start()
        deadline = time.monotonic() + 240
        while not db.execute("select from pg_locks where locktype = 'advisory' and not granted").fetchall():
            assert second.is_alive(), ran
            assert time.monotonic() < deadline, "the second doesn't wait for the first"
            time.sleep(0.02)
        running.commit()
    second.join()
    assert not ran[0].failed, ran[0].messages
    assert ran[0].messages["dim_thing"].startswith("SCD2 0 versions written, 0 removed")


def claims(db: Connection) -> list[int]:
    """How many batches each run has claimed."""
    query = "select count(*) from pipeline.batches_read group by run_id order by min(batch_id)"
    return [int(number) for (number,) in db.execute(query).fetchall()]


def everything(db: Connection) -> list[list[TupleRow]]:
    """All of versions and events."""
    return [db.execute(f"select * from history.dim_thing{end} t order by t").fetchall() for end in ("", "__events")]
