"""Models of materialization scd2 as dbt runs them: what is refused, what is said, and what is left in the database."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from history_support import (  # noqa: F401
    THING_RULES,
    THINGS,
    Event,
    Project,
    Ran,
    Version,
    arrive,
    fixture_db,
    fixture_history,
    is_of_transaction,
    things_query,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.rows import TupleRow

    from atlas.settings import Settings

    Connection = psycopg.Connection[TupleRow]


@pytest.fixture(autouse=True)
def _clean(history: Project, db: Connection) -> Iterator[None]:
    """Each test begins with no models and no tables."""
    db.execute("drop schema if exists history cascade; drop table if exists explore.thing_events")
    db.execute(THINGS)
    yield
    for path in (history.path / "models").iterdir():
        path.unlink()


def people(share: int = 4) -> list[Event]:
    return [Event(f"t{number}", 0, colour="red") for number in range(share)]


def test_the_breaker_stops_a_run_that_would_close_too_much(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES | {"max_closed_share": 0.5})
    arrive(db, people())
    history.build()
    before = everything(db)
    arrive(db, [Event(f"t{number}", 1, "delete") for number in range(3)] + [Event("t3", 1, colour="blue")])
    message = history.refusal()
    assert "this run would close 3 of 4 current rows (75.0 %), and max_closed_share is 0.5" in message
    assert "--vars '{scd2_allow_closing: dim_thing}'" in message
    assert everything(db) == before

    assert "3 of 4" in history.refusal("--vars", "{scd2_allow_closing: another_model}")
    history.build("--vars", "{scd2_allow_closing: [another_model, dim_thing]}")
    assert [version.thing for version in versions(db) if version.valid_to is None] == ["t3"]


def test_the_breaker_lets_a_run_close_as_much_as_is_declared(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES | {"max_closed_share": 0.5})
    arrive(db, people())
    history.build()
    # A change of value closes no key: there is a current row afterwards.
    arrive(db, [Event(f"t{number}", 1, "delete") for number in range(2)] + [Event("t2", 1), Event("t3", 1)])
    history.build()
    assert len([version for version in versions(db) if version.valid_to is None]) == 2


def test_a_full_refresh_is_subject_to_the_breaker_too(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES | {"max_closed_share": 0.5})
    arrive(db, people())
    history.build()
    before = everything(db)
    arrive(db, [Event(f"t{number}", 0, "delete") for number in range(4)])
    assert "would close 4 of 4" in history.refusal("--full-refresh")
    assert everything(db) == before


def test_a_full_refresh_that_would_lose_events_is_refused(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES)
    arrive(db, [Event("a", 0, colour="red"), Event("a", 1, colour="blue")])
    history.build()
    before = everything(db)
    arrive(db, [Event("a", 1, colour="blue")])
    message = history.refusal("--full-refresh")
    assert "it would hold 1 change events, and it holds 2 now" in message
    assert everything(db) == before
    assert "change events" in history.refusal("--full-refresh", "--empty")

    history.build("--full-refresh", "--vars", "{scd2_allow_fewer_events: dim_thing}")
    assert versions(db) == [Version("a", "blue", 1, None)]


def test_a_full_refresh_gives_what_the_increments_gave(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES)
    events = [Event("a", 0, colour="red"), Event("a", 2, "delete"), Event("a", 1, colour="blue"), Event("b", 1)]
    for event in events:
        arrive(db, [event])
        history.build()
    increments = everything(db)
    arrive(db, events)
    history.build("--full-refresh")
    assert everything(db) == increments


def test_ties_are_counted(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES)
    red, blue, green = (Event("a", 0, colour=colour) for colour in ("red", "blue", "green"))
    arrive(db, [red, red, blue])
    assert "1 ties settled" in history.build().messages["dim_thing"]
    arrive(db, [green, green])
    assert "2 ties settled" in history.build().messages["dim_thing"]
    arrive(db, [Event("a", 0, colour="blue", sequence=1), red])
    assert "2 ties settled" in history.build().messages["dim_thing"]
    arrive(db, [Event("a", 0, colour="blue", sequence=1)])
    assert "ties" not in history.build().messages["dim_thing"]


@pytest.mark.parametrize("rules", [{"record_hash": None, "sequence": None}, {"record_hash": None}])
def test_a_tie_that_nothing_settles_is_refused(history: Project, db: Connection, rules: dict[str, Any]) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES | rules)
    arrive(db, [Event("a", 0, colour="red"), Event("a", 0, colour="blue")])
    reason = "1 events differ from another of the same key and at, and nothing says which holds"
    assert reason in history.refusal()
    arrive(db, [Event("a", 0, colour="red"), Event("a", 0, colour="red")])
    history.build()
    arrive(db, [Event("a", 0, colour="blue")])
    assert reason in history.refusal()
    assert versions(db) == [Version("a", "red", 0, None)]


def test_events_without_their_key_are_put_aside_and_fail_a_test(history: Project, db: Connection) -> None:
    yaml = """
models:
  - name: dim_thing
    data_tests:
      - every_event_has_its_key: {config: {meta: {quality_dimension: completeness}}}
"""
    history.write_model("dim_thing", things_query(), THING_RULES, yaml)
    arrive(db, [Event(None, 0), Event("a", 0, colour="red")])
    assert "1 events without their key put aside" in history.build().messages["dim_thing"]
    for _ in range(2):
        arrive(db, [Event(None, 0), Event("b", 0, part=None), Event("a", 1, colour="blue")])
        history.build()
    assert [version.thing for version in versions(db)] == ["a", "a"]
    (message,) = history.run(command="test").messages.values()
    assert message.startswith("Got 2 results, configured to fail if")
    rejected = "select thing, part from history.dim_thing__rejected order by part"
    assert db.execute(rejected).fetchall() == [(None, "p"), ("b", None)]


def test_keys_that_look_alike_are_told(history: Project, db: Connection) -> None:
    yaml = """
models:
  - name: dim_thing
    data_tests:
      - no_keys_look_alike:
          arguments: {unique_key: [thing, part]}
          config: {meta: {quality_dimension: uniqueness}}
"""
    history.write_model("dim_thing", things_query(), THING_RULES, yaml)
    keys = [("a", "p"), ("a ", "p"), ("a", "q"), ("A", "p"), ("e\u0301", "p"), ("\u00e9", "p"), ("\u00e8", "p")]
    arrive(db, [Event(thing, at, part=part) for thing, part in keys for at in (0, 1)])
    history.build()
    assert len({version.thing for version in versions(db)}) == 6
    (message,) = history.run(command="test").messages.values()
    assert message.startswith("Got 4 results, configured to fail if")


UNUSABLE = {
    "infinite": ("'infinity'::timestamptz", "'upsert'", "1 of 2 events cannot be taken: have no finite at."),
    "minus_infinite": ("'-infinity'::timestamptz", "'upsert'", "have no finite at."),
    "untimed": ("null::timestamptz", "'upsert'", "have no finite at."),
    "unknown": ("now()", "'merge'", "operation is neither 'upsert' nor 'delete'."),
    "no_operation": ("now()", "null", "operation is neither 'upsert' nor 'delete'."),
    "zoneless": (
        "now()::timestamp",
        "'upsert'",
        "updated_at must be a timestamp with time zone; at is timestamp without",
    ),
    "a_day": ("current_date", "'upsert'", "updated_at must be a timestamp with time zone; at is date."),
}
MISTAKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no_such_key": ({"unique_key": ["thing", "thng"]}, "the config names the column thng, which its query lacks."),
    "no_such_state": ({"check_cols": ["color"]}, "the config names the column color, which its query lacks."),
    "no_key": ({"unique_key": []}, "unique_key names no column."),
    "delivery": ({"delivery": "diffs"}, "delivery must be 'changes' or 'snapshot', not 'diffs'."),
    "share": ({"max_closed_share": 50}, "max_closed_share must be a number from 0 to 1, not '50'."),
    "snapshot_operation": ({"delivery": "snapshot"}, "a snapshot has no operation"),
    "snapshot_source": ({"delivery": "snapshot", "operation": None}, "it must read one landed source"),
}
UNFIT = {
    "real_key": ("1.5::real as thing", "the key column thing is real, which has no one text. Cast it."),
    "list_key": ("array['a'] as thing", "the key column thing is text[], which has no one text. Cast it."),
    "json_state": ("'a' as thing, '{}'::json as colour", "colour is json, whose values cannot be compared."),
    "own_column": (
        "'a' as thing, now() as valid_to",
        "its query must not have a column valid_to: scd2 makes that one.",
    ),
}


def test_what_cannot_be_right_is_refused_in_a_sentence(history: Project, db: Connection) -> None:
    expected = {}
    for name, (at, operation, reason) in UNUSABLE.items():
        good = "select 'a' as thing, 'p' as part, at, 'upsert' as operation"
        columns = f"select 'b' as thing, 'p' as part, {at} as at, {operation} as operation"
        if "zoneless" in name or name == "a_day":
            query = columns
        else:
            query = f"{columns} union all {good} from explore.thing_events"
        rules = {"unique_key": ["thing", "part"], "updated_at": "at", "operation": "operation"}
        history.write_model(name, query, rules)
        expected[name] = reason
    for name, (changed, reason) in MISTAKEN.items():
        history.write_model(name, things_query(), THING_RULES | changed)
        expected[name] = reason
    for name, (columns, reason) in UNFIT.items():
        history.write_model(name, f"select {columns}, now() as at", {"unique_key": "thing", "updated_at": "at"})
        expected[name] = reason
    arrive(db, [Event("a", 0)])

    ran = history.run()
    assert ran.failed == set(expected)
    for name, reason in expected.items():
        assert f"{name} (scd2): " in ran.messages[name], ran.messages[name]
        assert reason in ran.messages[name]
    assert db.execute("select count(*) from pg_tables where schemaname = 'history'").fetchone() == (0,)


CHANGED: dict[str, tuple[str, dict[str, Any], str]] = {
    "thing": ("thing::varchar(9) as thing, part, at", {}, "thing: it was text, now it is character varying(9)."),
    "part": ("thing, 1 as part, at", {}, "part: it was text, now it is integer."),
    "added": ("thing, part, at, colour", {}, "colour: it was nothing, now it is text."),
    "rule": ("thing, part, at", {"unique_key": ["thing"]}, 'its unique_key was ["thing", "part"] when the versions'),
}


def test_other_columns_or_rules_than_before_are_refused_until_a_full_refresh(history: Project, db: Connection) -> None:
    rules = {"unique_key": ["thing", "part"], "updated_at": "at"}
    for name in CHANGED:
        history.write_model(name, "select thing, part, at from explore.thing_events", rules)
    arrive(db, [Event("a", 0)])
    history.build()
    for name, (columns, changed, _) in CHANGED.items():
        history.write_model(name, f"select {columns} from explore.thing_events", rules | changed)
    ran = history.run()
    assert ran.failed == set(CHANGED)
    for name, (_, _, reason) in CHANGED.items():
        assert reason in ran.messages[name], ran.messages[name]
        assert f"dbt run --full-refresh --select {name}" in ran.messages[name]
    history.build("--full-refresh")
    history.build()


def test_lost_events_are_refused_until_a_full_refresh(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES)
    arrive(db, [Event("a", 0)])
    history.build()
    db.execute("drop table history.dim_thing__events")
    assert 'its change events ("history"."dim_thing__events") are gone' in history.refusal()
    history.build("--full-refresh")


@pytest.mark.parametrize("before", ["table", "view"])
def test_a_model_that_was_built_otherwise_becomes_a_history(history: Project, db: Connection, before: str) -> None:
    model = history.path / "models" / "dim_thing.sql"
    arrive(db, [Event("a", 0, colour="red")])
    model.write_text(f"{{{{ config(materialized='{before}') }}}} {things_query()}")
    history.build()
    history.write_model("dim_thing", things_query(), THING_RULES)
    history.build()
    assert versions(db) == [Version("a", "red", 0, None)]


def test_empty_runs_make_tables_and_lose_nothing(history: Project, db: Connection) -> None:
    (history.path / "models" / "events.sql").write_text(things_query())
    history.write_model("dim_thing", "select * from {{ ref('events') }}", THING_RULES)
    arrive(db, [Event("a", 0, colour="red")])
    history.build("--empty")
    assert versions(db) == []
    history.build()
    history.build("--empty")
    assert versions(db) == [Version("a", "red", 0, None)]


CONTRACT = """
models:
  - name: dim_thing
    description: Things as they were.
    config: {contract: {enforced: true}, persist_docs: {relation: true, columns: true}}
    constraints:
      - {type: primary_key, columns: [version_key]}
      - {type: check, name: sizes_are_positive, columns: [size], expression: size > 0}
    columns:
      - {name: version_key, data_type: uuid, description: Identity of the version.}
      - {name: thing, data_type: text}
      - {name: part, data_type: text}
      - {name: colour, data_type: text, constraints: [{type: not_null}]}
      - {name: size, data_type: int}
      - {name: valid_from, data_type: timestamptz}
      - {name: valid_to, data_type: timestamptz}
      - {name: is_current, data_type: boolean}
      - {name: prev_to, data_type: timestamptz}
"""


def test_the_contract_holds_for_the_versions(history: Project, db: Connection) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES, CONTRACT)
    arrive(db, [Event("a", 0, colour="red", size=1)])
    history.build()
    comments = (
        "select obj_description('history.dim_thing'::regclass), col_description('history.dim_thing'::regclass, 1)"
    )
    assert db.execute(comments).fetchone() == ("Things as they were.", "Identity of the version.")

    before = everything(db)
    for event, constraint in (
        (Event("a", 1, size=1), "colour"),
        (Event("a", 1, colour="x", size=0), "sizes_are_positive"),
    ):
        arrive(db, [event])
        assert constraint in history.refusal()
        assert everything(db) == before


def test_a_named_unique_constraint_keeps_its_name_over_a_full_refresh(history: Project, db: Connection) -> None:
    unique = "{type: unique, name: one_of_a_size, columns: [size, valid_from]}"
    column = "{type: unique, name: one_of_a_colour}"
    yaml = CONTRACT.replace("    columns:\n", f"      - {unique}\n    columns:\n").replace(
        "[{type: not_null}]", f"[{{type: not_null}}, {column}]"
    )
    history.write_model("dim_thing", things_query(), THING_RULES, yaml)
    events = [Event("a", 0, colour="red", size=1)]
    arrive(db, events)
    history.build()
    for _ in range(2):
        arrive(db, events)
        history.build("--full-refresh")
        names = "select conname from pg_constraint where conrelid = 'history.dim_thing'::regclass and contype = 'u'"
        assert {"one_of_a_size", "one_of_a_colour"} < {name for (name,) in db.execute(names)}
    arrive(db, [Event("a", 1, colour="blue", size=1), Event("b", 2, colour="red", size=1)])
    assert "one_of_a_colour" in history.refusal()


@pytest.mark.parametrize(
    ("declared", "instead", "reason"),
    [
        ("data_type: int}", "data_type: bigint}", "size: declared bigint, the versions have integer"),
        (
            "{name: size, data_type: int}",
            "{name: girth, data_type: int}",
            "girth: declared integer, the versions have no",
        ),
        ("columns: [version_key]", "columns: [thing]", "its primary key is version_key"),
        ("[{type: not_null}]", "[{type: foreign_key, expression: other (x)}]", "foreign keys are refused"),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(
    history: Project, db: Connection, declared: str, instead: str, reason: str
) -> None:
    assert declared in CONTRACT
    history.write_model("dim_thing", things_query(), THING_RULES, CONTRACT.replace(declared, instead))
    arrive(db, [Event("a", 0, colour="red", size=1)])
    assert reason in history.refusal()


def test_hooks_run_in_the_transaction_and_may_alter_the_table(history: Project, db: Connection) -> None:
    rules = {
        "pre_hook": "create temp table hooked on commit drop as select 1",
        "post_hook": [
            "insert into hooked select count(*) from {{ this }}",
            "create index if not exists by_colour on {{ this }} (colour)",
            "alter table {{ this }} alter column colour set statistics 10",
        ],
    }
    history.write_model("dim_thing", things_query(), THING_RULES | rules)
    for number, colour in enumerate(["red", "blue"]):
        arrive(db, [Event("a", number, colour=colour)])
        history.build()
    assert len(versions(db)) == 2


def test_odd_and_long_names_work(history: Project, db: Connection) -> None:
    long_name = "dim_" + "x" * 59
    longest_column = "c" * 63
    query = f"""
        select
            thing as "Größe in m²", part as "order", part as is_right, part as is_new, at as "changed at",
            colour as "{longest_column}", size as "a.b%s", size as ordinal, size as is_change, size as held
        from explore.thing_events
    """
    rules = {"unique_key": ["Größe in m²", "order", "is_right", "is_new"], "updated_at": "changed at"}
    indexes = [{"columns": ["valid_from"]}]
    for name in (long_name, long_name[:-1] + "y"):
        history.write_model(name, query, rules | {"indexes": indexes})
    arrive(db, [Event("a", 0, colour="red")])
    # One at a time: PostgreSQL cuts the name of a table's list type, and two of one name can't be made at once.
    history.build("--threads", "1")
    arrive(db, [Event("a", 1, colour="blue"), Event(None, 1)])
    history.build()
    history.build(
        "--threads",
        "1",
        "--full-refresh",
        "--vars",
        f"{{scd2_allow_fewer_events: {[long_name, long_name[:-1] + 'y']}}}",
    )
    tables = db.execute("select relname from pg_class where relnamespace = 'history'::regnamespace and relkind = 'r'")
    names = [name for (name,) in tables]
    assert len(names) == 6
    assert all(len(name) <= 63 for name in names)
    assert db.execute(f'select "a.b%%s" from history.{long_name}', []).fetchall() == [(None,)]


@pytest.mark.parametrize("reading", ["for the first time", "an increment"])
def test_of_two_runs_at_once_the_second_waits_and_doubles_nothing(
    history: Project, db: Connection, database: Settings, reading: str
) -> None:
    history.write_model("dim_thing", things_query(), THING_RULES)
    statements = history.build().statements["dim_thing"]
    if reading == "for the first time":
        db.execute("drop schema history cascade; create schema history")
    else:
        statements = history.build().statements["dim_thing"]
    arrive(db, [Event("a", 0, colour="red"), Event("a", 1, colour="blue"), Event("a", 2, "delete"), Event(None, 0)])
    ran: list[Ran] = []
    second = threading.Thread(target=lambda: ran.append(history.run()))
    with psycopg.connect(str(database.database_url)) as first:
        for statement in statements:
            # Without the lock on its claims, that of the materialization has to do.
            if not is_of_transaction(statement) and "'claim " not in statement:
                first.execute(statement)
        second.start()
        deadline = time.monotonic() + 240
        while not db.execute("select from pg_locks where locktype = 'advisory' and not granted").fetchall():
            assert second.is_alive(), ran
            assert time.monotonic() < deadline, "the second doesn't wait for the first"
            time.sleep(0.05)
        # The second looked for the table before it waited, and found none.
        first.commit()
    second.join()
    assert not ran[0].failed, ran[0].messages
    assert ran[0].messages["dim_thing"].startswith("SCD2 0 versions written, 0 removed")
    together = everything(db)
    db.execute("drop schema history cascade")
    history.build()
    assert everything(db) == together


def everything(db: Connection) -> list[object]:
    return [
        db.execute(f"select * from history.dim_thing{suffix} t order by t").fetchall() for suffix in ("", "__events")
    ]
