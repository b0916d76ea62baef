"""Facts that take versions of a dimension, as dbt builds them: alone, again after a failure, anew, and two at once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from facts_support import (
    NOBODY,
    RULES,
    THINGS_QUERY,
    VERSION_KEYS,
    colours,
    facts,
    record,
    rewritten,
    sell,
    set_up,
    told,
    write_facts,
)
from history_support import Event, Project, arrive, fixture_db, fixture_history  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]

PLACEHOLDER_KEY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(autouse=True)
def _clean(history: Project, db: Connection) -> Iterator[None]:
    """Each test begins with nothing built."""
    set_up(history, db)
    yield
    for path in (history.path / "models").iterdir():
        path.unlink()


def test_a_late_fact_takes_the_version_of_its_time(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 0, colour="red"), Event("a", 10, colour="blue"), Event("a", 20, "delete")])
    sell(db, (1, "a", 15))
    history.build()
    assert colours(db) == {1: "blue"}
    arrive(db, [])
    sell(db, (2, "a", 5), (3, "a", 10), (4, "a", 9.999), (5, "a", 20), (6, "a", -1))
    history.build()
    assert colours(db) == {1: "blue", 2: "red", 3: "blue", 4: "red", 5: NOBODY, 6: NOBODY}


def test_an_unknown_member_has_a_typed_placeholder_until_it_arrives(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 5, colour="red")])
    sell(db, (1, "a", 6), (2, "b", 6), (3, "a", 4))
    history.build()
    assert colours(db) == {1: "red", 2: NOBODY, 3: NOBODY}
    row = db.execute(
        "select version_key::text, thing, colour, size, is_placeholder, is_current from history.dim_thing"
        " where is_placeholder"
    ).fetchall()
    assert row == [(PLACEHOLDER_KEY, "", "(unknown)", 0, True, False)]
    before = facts(db)

    arrive(db, [Event("b", 0, colour="green")])
    history.build()
    assert colours(db) == {1: "red", 2: "green", 3: NOBODY}
    assert rewritten(before, facts(db)) == {2}
    history.build("--full-refresh", "--vars", "{scd2_allow_fewer_events: dim_thing}")
    assert db.execute("select count(*) from history.dim_thing where is_placeholder").fetchall() == [(1,)]


def test_facts_without_the_dimension_then_the_dimension_alone(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5))
    history.build()
    arrive(db, [Event("a", 3, colour="blue"), Event("b", 0, colour="green")])
    sell(db, (2, "a", 5), (3, "b", 5))
    history.build("--select", "fct_sale")
    assert colours(db) == {1: "red", 2: "red", 3: NOBODY}
    history.build("--select", "dim_thing")
    assert told(db) == 2
    assert colours(db) == {1: "red", 2: "red", 3: NOBODY}
    history.build("--select", "fct_sale")
    assert colours(db) == {1: "blue", 2: "blue", 3: "green"}


def test_a_failed_run_moves_nothing_and_forgets_nothing(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5))
    history.build()
    arrive(db, [Event("a", 3, colour="blue")])
    sell(db, (2, "a", 5))
    db.execute("update explore.sales set price = 0 where sale = 2")
    before = facts(db)
    ran = history.run()
    assert ran.failed == {"fct_sale"}
    assert "division by zero" in ran.messages["fct_sale"]
    assert rewritten(before, facts(db)) == set()
    assert told(db) == 1
    db.execute("update explore.sales set price = 1 where sale = 2")
    arrive(db, [])
    history.build()
    assert colours(db) == {1: "blue", 2: "blue"}


def test_a_full_refresh_of_the_dimension_alone(history: Project, db: Connection) -> None:
    events = [Event("a", 0, colour="red"), Event("b", 0, colour="green"), Event("a", 3, colour="blue")]
    arrive(db, events[:2])
    sell(db, (1, "a", 5), (2, "b", 5), (3, "c", 5))
    history.build()
    before = facts(db)
    arrive(db, [*events, Event("c", 0, colour="grey")])
    history.build("--full-refresh", "--select", "dim_thing")
    arrive(db, [])
    history.build("--select", "fct_sale")
    assert colours(db) == {1: "blue", 2: "green", 3: "grey"}
    assert rewritten(before, facts(db)) == {1, 3}
    assert told(db) == 0


def test_a_full_refresh_of_the_facts_alone(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5))
    history.build()
    arrive(db, [Event("a", 3, colour="blue")])
    history.build("--select", "dim_thing")
    arrive(db, [])
    history.build("--full-refresh", "--select", "fct_sale")
    assert colours(db) == {1: "blue"}
    assert told(db) == 0
    arrive(db, [Event("a", 4, colour="green")])
    history.build()
    assert colours(db) == {1: "green"}


def test_who_is_not_known_any_more_compares_all(history: Project, db: Connection) -> None:
    arrive(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5), (2, "a", 1))
    history.build()
    db.execute("drop table history.dim_thing__changes")
    arrive(db, [Event("a", 3, colour="blue")])
    before = facts(db)
    history.build()
    assert colours(db) == {1: "blue", 2: "red"}
    assert rewritten(before, facts(db)) == {1}
    arrive(db, [Event("a", 4, colour="green")])
    history.build("--select", "dim_thing")
    assert told(db) == 1


def test_two_facts_are_told_each_for_itself(history: Project, db: Connection) -> None:
    path = history.path / "models" / "fct_sale.sql"
    (history.path / "models" / "fct_gift.sql").write_text(path.read_text())
    arrive(db, [Event("a", 0, colour="red")])
    sell(db, (1, "a", 5))
    history.build("--threads", "2")
    arrive(db, [Event("a", 3, colour="blue")])
    history.build("--select", "dim_thing", "fct_sale")
    assert colours(db) == {1: "blue"}
    assert told(db) == 1
    arrive(db, [])
    history.build("--select", "fct_gift")
    stale = "select from history.fct_gift inner join history.fct_sale using (sale, thing_version_key)"
    assert len(db.execute(stale).fetchall()) == 1
    assert told(db) == 0


def test_a_dimension_waits_for_facts_that_look_at_it(history: Project, db: Connection, database: Settings) -> None:
    """Else facts could be built half on the timelines of before, and not be told of the others."""
    replay = record(history, db)
    arrive(db, [Event("z", 1, "delete", sequence=1)])
    url = str(database.database_url)
    with psycopg.connect(url) as building:
        building.execute("discard temp")
        building.commit()
        for statement in replay.facts:
            building.execute(statement)
        other = threading.Thread(target=history.build, args=["--select", "dim_thing"])
        other.start()
        wait_for(db, "select from pg_locks where locktype = 'advisory' and not granted")
        assert colours(db) == {0: "blue"}
        building.commit()
        other.join(timeout=240)
    assert told(db) == 1
    arrive(db, [])
    history.build()
    assert colours(db) == {0: NOBODY}


def test_of_two_builds_of_facts_at_once_the_second_waits(history: Project, db: Connection, database: Settings) -> None:
    replay = record(history, db)
    replay.read(db, [Event("z", 1, "delete", sequence=1)])
    sell(db, (1, "z", 0.7))
    with psycopg.connect(str(database.database_url)) as building:
        building.execute("discard temp")
        building.commit()
        for statement in replay.facts:
            building.execute(statement)
        other = threading.Thread(target=history.build, args=["--select", "fct_sale"])
        other.start()
        wait_for(db, "select from pg_locks where locktype = 'advisory' and not granted")
        building.commit()
        other.join(timeout=240)
    assert colours(db) == {0: NOBODY, 1: "red"}
    assert db.execute("select count(*) from history.fct_sale").fetchall() == [(2,)]
    assert told(db) == 0


def wait_for(db: Connection, query: str) -> None:
    """Until the query gives a row."""
    deadline = time.monotonic() + 240
    while not db.execute(query).fetchall():
        assert time.monotonic() < deadline, query
        time.sleep(0.02)


MISTAKES = {
    "no such dimension": (
        VERSION_KEYS.replace("dim_thing", "dim_nothing"),
        "fct_sale: version_keys.thing_version_key needs a dimension that is scd2 and that the model reads by ref().",
    ),
    "a part of the key is missing": (
        VERSION_KEYS.replace(", 'part': 'part'", ""),
        "version_keys.thing_version_key.key must name a column for each part of the key of dim_thing.",
    ),
    "a column that isn't there": (
        VERSION_KEYS.replace("thing_version_key", "another_version_key"),
        "fct_sale has no column another_version_key yet. Rebuild it: dbt run --full-refresh --select fct_sale",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistaken_declaration_is_refused_in_a_sentence(history: Project, db: Connection, mistake: str) -> None:
    version_keys, sentence = MISTAKES[mistake]
    arrive(db, [Event("a", 0, colour="red")])
    history.build()
    write_facts(history, version_keys)
    assert sentence in history.refusal("--select", "fct_sale")


WRONG_PLACEHOLDERS = {
    "without its key": ({"thing": ""}, "placeholder must say the key that it has: part is missing."),
    "with a column that versions lack": (
        {"thing": "", "part": "", "weight": 1},
        "placeholder has the column weight, which versions lack.",
    ),
    "with a member's key": ({"thing": "a", "part": "p"}, "a change event has the key of the placeholder."),
}


@pytest.mark.parametrize("mistake", WRONG_PLACEHOLDERS)
def test_a_mistaken_placeholder_is_refused_in_a_sentence(history: Project, db: Connection, mistake: str) -> None:
    placeholder, sentence = WRONG_PLACEHOLDERS[mistake]
    history.write_model("dim_thing", THINGS_QUERY, RULES | {"placeholder": placeholder})
    arrive(db, [Event("a", 0, colour="red")])
    assert sentence in history.refusal("--select", "dim_thing")


def test_the_test_of_versions_finds_each_kind_of_wrong_one(history: Project, db: Connection) -> None:
    (history.path / "models" / "fct_sale.yml").write_text(TESTED)
    arrive(db, [Event("a", 0, colour="red"), Event("a", 10, colour="blue"), Event("b", 0, colour="red")])
    sell(db, (1, "a", 5), (2, "a", 15), (3, "b", 5), (4, "c", 5))
    history.build()
    assert not history.run(command="test").failed
    for wrong, count in (
        ("thing_version_key = (select version_key from history.dim_thing where colour = 'blue') where sale = 1", 1),
        ("thing_version_key = (select thing_version_key from history.fct_sale where sale = 3) where sale < 3", 2),
        (f"thing_version_key = '{PLACEHOLDER_KEY}' where sale = 3", 1),
        ("thing_version_key = gen_random_uuid() where sale = 4", 1),
    ):
        db.execute("create table history.kept as select * from history.fct_sale")
        db.execute(f"update history.fct_sale set {wrong}")
        ran = history.run(command="test")
        assert f"Got {count} result" in next(iter(ran.messages.values())), wrong
        db.execute("drop table history.fct_sale; alter table history.kept rename to fct_sale")


TESTED = """
models:
  - name: fct_sale
    columns:
      - name: thing_version_key
        data_tests:
          - version_was_valid:
              arguments: {dimension: ref('dim_thing'), key: {thing: thing, part: part}, at: sold_at}
              config: {meta: {quality_dimension: consistency}}
"""
