"""Delivery by snapshots: what a complete one lacks was deleted, and what doesn't continue the others is refused."""

from __future__ import annotations

import io
import json
import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from history_support import (  # noqa: F401
    START,
    Project,
    Version,
    fixture_db,
    fixture_history,
    is_of_transaction,
    versions,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.landing import land_stream, prepare
from atlas.landing.replay import replay
from atlas.sources import load_sources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]
    State = Mapping[str, str | None]

EXAMPLES = 100
RULES = {"unique_key": "thing", "updated_at": "_event_at", "record_hash": "_sha256", "delivery": "snapshot"}
QUERY = "select thing, colour, _event_at, _sha256 from {{ ref('shop__things') }} where {{ claimed_batches() }}"
SOURCES = """
sources:
  - name: shop
    schema: explore
    tables:
      - name: things
        identifier: raw_shop__things
        config: {meta: {landing: {delivery: snapshot, key: [thing]}}}
        columns:
          - {name: thing, data_type: text, config: {meta: {required: true}}}
          - {name: colour, data_type: text}
"""


@pytest.fixture(scope="module", autouse=True)
def _project(history: Project) -> None:
    (history.path / "models" / "sources.yml").write_text(SOURCES)
    view = "{{ config(materialized='view') }}{{ typed_landing('shop', 'things') }}"
    (history.path / "models" / "shop__things.sql").write_text(view)


@pytest.fixture(autouse=True)
def _clean(history: Project, db: Connection) -> None:
    """Each test begins with an empty landing and no tables."""
    db.execute("drop schema if exists history cascade")
    prepare(db, load_sources(history.path)["shop.things"])
    db.execute("truncate explore.raw_shop__things, explore.batches, explore.quarantine, pipeline.batches_read")
    history.write_model("dim_thing", QUERY, RULES | {"max_closed_share": 1})


def land(history: Project, db: Connection, day: float, *lines: str, **state: str | None) -> int:
    """Land a snapshot of things and their colours, and lines as they are."""
    records = [json.dumps({"thing": thing, "colour": colour}) for thing, colour in state.items()]
    stream = io.BytesIO("\n".join([*records, *lines]).encode())
    source = load_sources(history.path)["shop.things"]
    receipt = land_stream(db, source, stream, snapshot_at=START + timedelta(days=day))
    assert receipt.batch_id is not None
    return receipt.batch_id


def test_absence_from_a_snapshot_is_a_delete_at_its_time(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red", b="red")
    history.build()
    land(history, db, 1, a="red", c=None)
    history.build()
    land(history, db, 2, a="blue", b="red")
    history.build()
    assert versions(db) == [
        Version("a", "red", 0, 2),
        Version("a", "blue", 2, None, 2),
        Version("b", "red", 0, 1),
        Version("b", "red", 2, None, 1),
        Version("c", None, 1, 2),
    ]


def test_several_snapshots_in_one_run_are_read_in_the_order_of_their_times(history: Project, db: Connection) -> None:
    days: list[dict[str, str | None]] = [
        {"a": "red", "b": "red"},
        {"a": "red"},
        {"b": "red", "c": "x"},
        {"b": "blue", "c": "x"},
        {"a": "red", "c": "y"},
    ]
    for number, state in enumerate(days):
        land(history, db, number, **state)
        history.build()
    one_by_one = everything(db)
    history.build("--full-refresh")
    assert everything(db) == one_by_one
    db.execute("drop schema history cascade; delete from pipeline.batches_read")
    db.execute("truncate explore.raw_shop__things, explore.batches, explore.quarantine, pipeline.batches_read")
    for number in (2, 0, 1):
        land(history, db, number, **days[number])
    history.build()
    for number in (4, 3):
        land(history, db, number, **days[number])
    history.build()
    assert everything(db) == one_by_one


def test_a_snapshot_that_changes_nothing_writes_nothing(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red", b=None)
    history.build()
    before = everything(db)
    land(history, db, 1, a="red", b=None)
    assert history.build().messages["dim_thing"] == "SCD2 0 versions written, 0 removed"
    assert everything(db) == before


def test_an_older_snapshot_is_refused_until_a_full_refresh(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red")
    land(history, db, 2, a="red")
    history.build()
    before = everything(db)
    land(history, db, 1, b="red")
    message = history.refusal()
    assert "a snapshot of 2024-01-02" in message
    assert "one of 2024-01-03" in message
    assert "dbt run --full-refresh --select dim_thing" in message
    assert everything(db) == before
    history.build("--full-refresh")
    expected = [Version("a", "red", 0, 1), Version("a", "red", 2, None, 1), Version("b", "red", 1, 2)]
    assert versions(db) == expected


def test_a_partial_snapshot_is_refused_until_its_records_are_replayed(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red", b="red")
    history.build()
    batch = land(history, db, 1, '{"thing": "b", "colour": 7}', a="red")
    message = history.refusal()
    assert "the snapshot of 2024-01-02" in message
    assert "is partial, 1 records wait in quarantine" in message
    assert [version.valid_to for version in versions(db)] == [None, None]

    replay(db, load_sources(history.path), f"{batch}:2", mended=b'{"thing": "b", "colour": "seven"}')
    history.build()
    assert versions(db)[1:] == [Version("b", "red", 0, 1), Version("b", "seven", 1, None, 1)]


def test_a_partial_snapshot_that_is_let_in_deletes_nothing(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red", b="red")
    land(history, db, 1, '{"thing": "b", "colour": 7}', a="blue")
    land(history, db, 2, a="blue")
    history.build("--vars", "{scd2_allow_partial_snapshots: dim_thing}")
    assert versions(db) == [
        Version("a", "red", 0, 1),
        Version("a", "blue", 1, None, 1),
        Version("b", "red", 0, 2),
    ]


def test_a_partial_snapshot_beside_what_is_held_deletes_nothing(history: Project, db: Connection) -> None:
    land(history, db, 0, a="red", b="red", c="red")
    history.build()
    land(history, db, 1, '{"thing": "b", "colour": 7}', a="blue", d="red")
    history.build("--vars", "{scd2_allow_partial_snapshots: dim_thing}")
    land(history, db, 2, a="blue", c="red", d="red")
    history.build()
    assert versions(db) == [
        Version("a", "red", 0, 1),
        Version("a", "blue", 1, None, 1),
        Version("b", "red", 0, 2),
        Version("c", "red", 0, None),
        Version("d", "red", 1, None),
    ]


def test_the_breaker_stops_a_truncated_snapshot(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", QUERY, RULES | {"max_closed_share": 0.5})
    land(history, db, 0, a="red", b="red", c="red")
    history.build()
    land(history, db, 1, a="red")
    assert "this run would close 2 of 3 current rows (66.7 %)" in history.refusal()
    # The next one is complete: both are read, and nothing is missed of what the first one said.
    land(history, db, 2, a="red", b="red", c="red")
    history.build()
    assert [(v.thing, v.valid_from, v.valid_to) for v in versions(db)] == [
        *(("a", 0, None), ("b", 0, 1), ("b", 2, None), ("c", 0, 1), ("c", 2, None)),
    ]


def test_two_records_of_a_key_in_one_snapshot_are_a_tie(history: Project, db: Connection) -> None:
    land(history, db, 0, '{"thing": "a", "colour": "blue"}', a="red")
    assert "1 ties settled" in history.build().messages["dim_thing"]
    assert len(versions(db)) == 1


@pytest.mark.parametrize("held", ["red", "blue"])
def test_a_tie_goes_by_rank_also_if_one_of_the_two_is_held(history: Project, db: Connection, held: str) -> None:
    land(history, db, 0, a=held, b="red")
    history.build()
    land(history, db, 1, '{"thing": "a", "colour": "blue"}', a="red", b="red")
    assert "1 ties settled" in history.build().messages["dim_thing"]
    piecemeal = versions(db)
    history.build("--full-refresh")
    assert versions(db) == piecemeal


def test_rows_of_no_snapshot_are_refused(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", QUERY.replace("_event_at,", "now() as _event_at,"), RULES)
    land(history, db, 0, a="red")
    assert "1 rows have a _event_at at which no snapshot was read" in history.refusal()


def fold(states: list[State]) -> list[Version]:
    """The oracle: thing by thing, day by day."""
    found = []
    for thing in sorted({thing for state in states for thing in state}):
        opened: tuple[int, str | None] | None = None
        ended: int | None = None
        for number, state in enumerate([*states, {}]):
            is_last = number == len(states)
            if opened and (is_last or thing not in state or state[thing] != opened[1]):
                found.append(Version(thing, opened[1], opened[0], None if is_last else number, ended))
                opened, ended = None, number
            if not opened and not is_last and thing in state:
                opened = (number, state[thing])
    return found


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    states=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["red", "blue", None]), min_size=1),
        min_size=1,
        max_size=6,
    ),
    cuts=st.lists(st.integers(1, 3), max_size=3),
)
def test_any_cut_of_snapshots_gives_the_same_versions(
    recorded: dict[tuple[bool, bool], list[str]], db: Connection, states: list[State], cuts: list[int]
) -> None:
    start_anew(db)
    begin = 0
    for cut in [*cuts, len(states)]:
        end = min(begin + cut, len(states))
        for number in range(begin, end):
            insert_snapshot(db, number, states[number])
        with db.transaction():
            run_id = str(uuid.uuid4())
            for statement in recorded[begin == 0, end - begin == 1]:
                db.execute(re.sub(r"(?<=cast\(')[0-9a-f-]{36}(?=' as uuid\))", run_id, statement))
        begin = end
    assert versions(db) == fold(states)


@pytest.fixture
def recorded(history: Project, db: Connection) -> dict[tuple[bool, bool], list[str]]:
    """What dbt runs, by whether it is the first run and whether it reads one snapshot."""
    ran = {}
    for is_first, numbers in ((True, (0,)), (False, (1,)), (False, (2, 3)), (True, (0, 1))):
        if is_first:
            start_anew(db)
        for number in numbers:
            land(history, db, number, a="red")
        statements = history.build().statements["dim_thing"]
        ran[is_first, len(numbers) == 1] = [s for s in statements if not is_of_transaction(s)]
    return ran


def start_anew(db: Connection) -> None:
    db.execute("drop table if exists history.dim_thing, history.dim_thing__events, history.dim_thing__rejected")
    db.execute("truncate explore.raw_shop__things, explore.batches, explore.quarantine, pipeline.batches_read")


def insert_snapshot(db: Connection, number: int, state: State) -> None:
    """What landing would write, without its checks, which take longer than all the rest."""
    moment = START + timedelta(days=number)
    row = db.execute(
        "insert into explore.batches (system, entity, origin, source_name, format, delivery, snapshot_at,"
        " content_sha256, content_bytes, contract_sha256, outcome, records_read, accepted, duplicate, quarantined,"
        " received_at)"
        " values ('shop', 'things', 'collector', 'test', 'ndjson', 'snapshot', %s, sha256(''), 0, sha256(''), 'landed',"
        " %s, %s, 0, 0, now()) returning batch_id, received_at",
        [moment, len(state), len(state)],
    ).fetchone()
    assert row is not None
    for line, (thing, colour) in enumerate(state.items(), 1):
        payload = json.dumps({"thing": thing, "colour": colour})
        db.execute(
            "insert into explore.raw_shop__things values (%s, %s, %s, %s, %s, 'upsert', %s, sha256(%s::bytea))",
            [row[0], line, thing, moment, row[1], payload, payload],
        )


def everything(db: Connection) -> list[object]:
    """All of versions and events."""
    return [
        db.execute(f"select * from history.dim_thing{suffix} t order by t").fetchall() for suffix in ("", "__events")
    ]
