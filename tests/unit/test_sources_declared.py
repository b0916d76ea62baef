"""Declarations as their users write them: what is read of them, and what is refused where."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.landing.contract import compile_contract
from atlas.source_fields import SCALAR_TYPES, Field
from atlas.sources import find_source, load_sources

PROJECT = Path(__file__).parents[2]
KEY = "{name: id, data_type: text, config: {meta: {required: true}}}"
AT = "{name: at, data_type: timestamptz, config: {meta: {required: true}}}"
OP = "{name: op, data_type: text, config: {meta: {required: true}}}"
CHANGES = "{delivery: changes, key: [id], event_at: at, operation: {field: op, deletes: [delete]}}"


def table(*columns: str, entity: str = "orders", system: str = "shop", landing: str = CHANGES) -> str:
    """A table in YAML's flow style, by which a test can write any value as its users would."""
    declared = ", ".join((KEY, AT, OP, *columns))
    return (
        f"{{name: {entity}, identifier: raw_{system}__{entity}, config: {{meta: {{landing: {landing}}}}}, "
        f"columns: [{declared}]}}"
    )


def declare(project: Path, text: str | bytes, file: str = "_shop__sources.yml") -> Path:
    path = project / "models" / "explore" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def declare_tables(project: Path, *tables: str, system: str = "shop") -> Path:
    return declare(project, f"sources: [{{name: {system}, tables: [{', '.join(tables)}]}}]", f"_{system}__sources.yml")


def column(rules: str, data_type: str = "text", name: str = "x") -> str:
    return f"{{name: {name}, data_type: {data_type}, config: {{meta: {rules}}}}}"


def field_of(project: Path, declared: str) -> Field:
    declare_tables(project, table(declared))
    return load_sources(project)["shop.orders"].fields[-1]


def refused(project: Path) -> str:
    with pytest.raises(UsageError) as refusal:
        load_sources(project)
    message = str(refusal.value)
    assert message.isprintable(), message
    assert len(message) < 1000
    return message


def refused_column(project: Path, declared: str, name: str = "x") -> str:
    """What is wrong with the column, after the place: the file, the source and the column."""
    path = declare_tables(project, table(declared))
    place = f"{path}, shop.orders, column {name}: "
    message = refused(project)
    assert message.startswith(place), message
    return message.removeprefix(place)


def refused_table(project: Path, declared: str) -> str:
    path = declare_tables(project, declared)
    place = f"{path}, shop.orders"
    message = refused(project)
    assert message.startswith(place), message
    return message.removeprefix(place).removeprefix(": ")


# What is right -----------------------------------------------------------------------------------------------------


def test_every_type_and_rule(tmp_path: Path) -> None:
    plain = [f"{{name: {kind}, data_type: {kind}}}" for kind in SCALAR_TYPES]
    arrays = [f"{{name: {kind}_list, data_type: '{kind}[]', description: Many.}}" for kind in SCALAR_TYPES]
    ruled = [
        column("{accepted_values: [a, 'no', '1'], required: true}", name="word"),
        column("{accepted_values: [1, -2]}", "integer", "grade"),
        column("{pattern: '^[A-Z]{2}$', classification: internal, pii: none, mask: hash, subject_key: false}"),
        column("{min: -1, max: 0x10}", "integer", "count"),
        column("{min: 0.1, max: '0.50000000000000000000001'}", "numeric", "rate"),
        column("{min: 2020-01-01, max: '2030-12-31'}", "date", "due_on"),
        column("{min: 2020-01-01T01:00:00+01:00, max: '2030-12-31t23:59:59.5z'}", "timestamptz", "seen_at"),
    ]
    declare(
        tmp_path,
        f"""
        # landing: as a comment
        sources:
          - name: shop
            description: " The shop. "
            tables:
              - {table(*plain, *arrays, *ruled)}
              - name: not_landed
              - name: states
                identifier: raw_shop__states
                config:
                  meta:
                    landing: {{delivery: snapshot, key: [id, day], unknown_fields: refuse, max_record_bytes: 10}}
                columns:
                  - {KEY}
                  - {{name: day, data_type: date, config: {{meta: {{required: true}}}}}}
        """,
    )
    declare(tmp_path, "models: [{name: landing}]", "deeper/_models.yaml")
    sources = load_sources(tmp_path)
    assert sorted(sources) == ["shop.orders", "shop.states"]
    orders, states = sources["shop.orders"], sources["shop.states"]
    assert (orders.name, orders.landing_table, orders.system_description) == (
        "shop.orders",
        "raw_shop__orders",
        "The shop.",
    )
    assert (orders.delivery, orders.key, orders.event_at) == ("changes", ("id",), "at")
    assert (orders.operation, orders.deletes) == ("op", frozenset({"delete"}))
    assert (orders.refuse_unknown, orders.max_record_bytes) == (False, 16 * 1024 * 1024)
    assert orders.fields == (
        Field("id", "text", required=True),
        Field("at", "timestamptz", required=True),
        Field("op", "text", required=True),
        *(Field(kind, kind) for kind in SCALAR_TYPES),
        *(Field(f"{kind}_list", f"{kind}[]") for kind in SCALAR_TYPES),
        Field("word", "text", required=True, accepted_values=("a", "no", "1")),
        Field("grade", "integer", accepted_values=(1, -2)),
        Field("x", "text", pattern="^[A-Z]{2}$"),
        Field("count", "integer", minimum=-1, maximum=16),
        Field("rate", "numeric", minimum=Decimal("0.1"), maximum=Decimal("0.50000000000000000000001")),
        Field("due_on", "date", minimum=date(2020, 1, 1), maximum=date(2030, 12, 31)),
        Field(
            "seen_at",
            "timestamptz",
            minimum=datetime(2020, 1, 1, tzinfo=UTC),
            maximum=datetime(2030, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC),
        ),
    )
    assert (states.delivery, states.key, states.event_at) == ("snapshot", ("id", "day"), None)
    assert (states.operation, states.deletes, states.refuse_unknown) == (None, frozenset(), True)
    assert states.max_record_bytes == 10
    compile_contract(orders)
    compile_contract(states)


def test_no_models_and_no_sources(tmp_path: Path) -> None:
    assert load_sources(tmp_path) == {}
    declare(tmp_path, "version: 2\n# landing\n")
    declare(tmp_path, "", "empty.yml")
    (tmp_path / "models" / "a_folder.yml").mkdir()
    assert load_sources(tmp_path) == {}


def test_landing_tables_are_unique() -> None:
    tables = [source.landing_table for source in load_sources(PROJECT).values()]
    assert len(tables) == len(set(tables)) >= 3


@given(st.text("ab_", min_size=4, max_size=9))
def test_a_landing_table_is_of_one_source(text: str) -> None:
    """However a name of a landing table is cut into system and entity, at most one way is allowed."""
    allowed = []
    for cut in range(1, len(text) - 2):
        if text[cut : cut + 2] == "__":
            with_names = {"system": text[:cut], "entity": text[cut + 2 :]}
            allowed += [with_names] if names_are_taken(**with_names) else []
    assert len(allowed) <= 1


def names_are_taken(system: str, entity: str) -> bool:
    from atlas.sources import _check_names  # noqa: PLC0415

    try:
        _check_names(system, entity, "here")
    except UsageError:
        return False
    return True


@pytest.mark.parametrize(
    "name", ["o\"d'd {{ x }} %s", "größe", "ORDER", "a b", "select", "é" * 31, "x" * 63, "Ω😀", "1", "yes", "~"]
)
def test_a_column_may_have_any_name(tmp_path: Path, name: str) -> None:
    declared = field_of(tmp_path, column("{}", name=json.dumps(name, ensure_ascii=False)))
    assert declared == Field(name, "text")


def test_columns_may_differ_by_case_alone(tmp_path: Path) -> None:
    declare_tables(tmp_path, table(column("{}", name="Id"), column("{}", name="ID")))
    assert [f.name for f in load_sources(tmp_path)["shop.orders"].fields] == ["id", "at", "op", "Id", "ID"]


def test_the_hash_is_of_what_is_declared(tmp_path: Path) -> None:
    def sha256(number: int, *columns: str, landing: str = CHANGES) -> bytes:
        declare_tables(tmp_path / str(number), table(*columns, landing=landing))
        return load_sources(tmp_path / str(number))["shop.orders"].contract_sha256

    several = CHANGES.replace("[delete]", "[gone, delete, removed]")
    quoted = (
        column("{max: '2030-12-31'}", "date"),
        column("{min: '2020-01-01T00:00:00Z'}", "timestamptz", "y"),
        column("{min: '0'}", "numeric", "z"),
    )
    bare = (
        column("{max: 2030-12-31}", "date"),
        column("{min: 2020-01-01T01:00:00+01:00}", "timestamptz", "y"),
        column("{min: 0}", "numeric", "z"),
    )
    assert sha256(1, *quoted, landing=several) == sha256(2, *bare, landing=several)
    # Pinned: another process, or another day, must come to the same.
    assert sha256(3, *quoted, landing=several).hex() == PINNED
    others = [column(rules, "numeric") for rules in ("{}", "{min: 0}", "{max: 0}", "{min: 1}", "{required: true}")]
    assert len({sha256(4 + number, other) for number, other in enumerate(others)}) == len(others)


PINNED = "c853749312dade9c079c835f0a365f22fc3017ef3e27d4453feb4b326b2c9eb4"


# Finding one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crm.orders", "There is no source 'crm.orders'. Declared: shop.items, shop.orders."),
        ("shop.carts", "The system 'shop' declares no entity 'carts'. Declared: shop.items, shop.orders."),
        ("shop", "A source is named SYSTEM.ENTITY, not 'shop'. Declared: shop.items, shop.orders."),
        ("shop.", "A source is named SYSTEM.ENTITY, not 'shop.'."),
        ("", "A source is named SYSTEM.ENTITY, not ''."),
        ("SHOP.orders", "There is no source 'SHOP.orders'."),
        ("a\nb.c", r"There is no source 'a\nb.c'."),
    ],
)
def test_a_source_that_is_not_there(tmp_path: Path, name: str, message: str) -> None:
    declare_tables(tmp_path, table(), table(entity="items"))
    assert find_source(tmp_path, "shop.items").entity == "items"
    with pytest.raises(UsageError) as refusal:
        find_source(tmp_path, name)
    assert str(refusal.value).startswith(message)
    assert str(refusal.value).isprintable()


def test_no_source_at_all(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no source 'shop\.orders'\. Declared: none\. .*__sources\.yml"):
        find_source(tmp_path, "shop.orders")


# Files that can't be read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"sources: [] # landing \xff", "isn't UTF-8, at byte 22."),
        ("landing: ü".encode("utf-16"), "isn't UTF-8, at byte 0."),
        (b"landing: [", "isn't YAML: "),
        (b"landing: 2024-13-01", "isn't YAML: "),
        (b"landing: !!timestamp soon", "isn't YAML: "),
        (b"landing: !!int ''", "isn't YAML: "),
        (b"landing: !!python/object:os.system {}", "isn't YAML: "),
        (b"landing: 1\n--- \nlanding: 2", "isn't YAML: "),
        (b"landing: {[a]: b}", "isn't YAML: "),
        (b"landing: *nowhere", "isn't YAML: "),
        (b"landing: " + b"9" * 5000, "isn't YAML: "),
        (b"landing: \x00", "isn't YAML: "),
        (b"# landing\nsources: {name: shop}", "'sources' must be a list of mappings."),
        (b"# landing\nsources: [shop]", "'sources' must be a list of mappings."),
    ],
)
def test_a_file_that_is_not_sources(tmp_path: Path, text: bytes, message: str) -> None:
    path = declare(tmp_path, text)
    found = refused(tmp_path)
    assert found.startswith(f"{path}")
    assert message in found


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    path = declare(tmp_path, "")
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert refused(tmp_path) == f"{path} can't be read: No such file or directory."


# Tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("key: [id]", "key: [[id]]", "key must be a list of declared columns, not [['id']]."),
        ("key: [id]", "key: [{id: 1}]", "key must be a list of declared columns, not [{'id': 1}]."),
        ("key: [id]", "key: [1]", "key must be a list of declared columns, not [1]."),
        ("key: [id]", "key: id", "key must be a list of declared columns, not 'id'."),
        ("key: [id]", "key: []", "key must be a list of declared columns, not []."),
        ("key: [id]", "key: &a [*a]", "key must be a list of declared columns, not [[...]]."),
        ("key: [id]", "key: [nothing]", "key must be a list of declared columns, not ['nothing']."),
        ("key: [id]", "key: [id, id]", "key names a column twice: ['id', 'id']."),
        ("key: [id], ", "", "key must be a list of declared columns, not None."),
        ("key: [id]", "key: [at]", "key columns must be required, and one of text, integer, uuid, date."),
        ("key: [id]", "key: [loose]", "key columns must be required, and one of text, integer, uuid, date."),
        ("event_at: at", "event_at: [at]", "event_at must name a required timestamptz column, not ['at']."),
        ("event_at: at", "event_at: {at: 1}", "event_at must name a required timestamptz column, not {'at': 1}."),
        ("event_at: at", "event_at: id", "event_at must name a required timestamptz column, not 'id'."),
        ("event_at: at, ", "", "event_at must name a required timestamptz column, not None."),
        ("field: op", "field: [op]", "operation's field must be a required text column, not ['op']."),
        ("field: op", "field: at", "operation's field must be a required text column, not 'at'."),
        ("field: op", "field: loose", "operation's field must be a required text column, not 'loose'."),
        ("field: op, ", "", "operation must be {field: …, deletes: […]}, not {'deletes': ['delete']}."),
        ("{field: op, deletes: [delete]}", "[op]", "operation must be {field: …, deletes: […]}, not ['op']."),
        ("[delete]", "[no]", "operation's deletes must be a list of texts, not [False]."),
        ("[delete]", "[[delete]]", "operation's deletes must be a list of texts, not [['delete']]."),
        ("[delete]", "delete", "operation's deletes must be a list of texts, not 'delete'."),
        ("[delete]", "[]", "operation's deletes must be a list of texts, not []."),
        ("changes", "[changes]", "delivery must be 'changes' or 'snapshot', not ['changes']."),
        ("delivery: changes, ", "", "delivery must be 'changes' or 'snapshot', not None."),
        ("changes", "snapshot", "a snapshot has neither event_at nor operation; its time comes with each delivery."),
        ("key:", "unknown_fields: {}, key:", "unknown_fields must be 'keep' or 'refuse', not {}."),
        ("key:", "max_record_bytes: 0, key:", "max_record_bytes must be between 1 and 67108864, not 0."),
        ("key:", "max_record_bytes: yes, key:", "max_record_bytes must be between 1 and 67108864, not True."),
        ("key:", "max_record_bytes: 1.5, key:", "max_record_bytes must be between 1 and 67108864, not 1.5."),
        ("key:", "max_record_bytes: 67108865, key:", "max_record_bytes must be between 1 and 67108864, not 67108865."),
        ("key:", "on: 1, keys: 1, key:", "landing doesn't know True, keys, only delivery, key, event_at, operation, "),
        ("key:", '"a\\nb": 1, key:', r"landing doesn't know 'a\nb', only "),
        (CHANGES, "[changes]", "'landing' must be a mapping."),
        (CHANGES, "changes", "'landing' must be a mapping."),
        (CHANGES, "", "'landing' must be a mapping."),
        (f"{{meta: {{landing: {CHANGES}}}}}", "[landing]", "'config' must be a mapping, not ['landing']."),
        (f"{{landing: {CHANGES}}}", "landing", "'meta' must be a mapping, not 'landing'."),
        ("identifier: raw_shop__orders", "identifier: orders", "its identifier must be raw_shop__orders, "),
        ("identifier: raw_shop__orders", "identifier: [x]", "its identifier must be raw_shop__orders, "),
        ("columns:", "cols:", "'columns' must declare what a record holds."),
        ("columns: [", "columns: [], x: [", "'columns' must declare what a record holds."),
        ("columns: [", "columns: [id, ", "'columns' must be a list of mappings."),
        ("columns: [", "columns: {}, x: [", "'columns' must be a list of mappings."),
        ("columns: [", "columns: [{data_type: text}, ", ", column 1: a column's name must be text, not None."),
        ("columns: [", "columns: [{name: 5}, ", ", column 1: a column's name must be text, not 5."),
        ("columns: [", "columns: [{name: [id]}, ", ", column 1: a column's name must be text, not ['id']."),
        ("columns: [", "columns: [{name: ''}, ", ", column 1: a column's name must be text, not ''."),
        ("columns: [", 'columns: [{name: "a\\0"}, ', r", column 1: a column's name must be text, not 'a\x00'."),
        ("columns: [", f"columns: [{KEY}, ", "the column id is declared twice."),
    ],
)
def test_a_table_that_says_the_wrong_thing(tmp_path: Path, old: str, new: str, message: str) -> None:
    right = table(column("{}", name="loose"))
    assert old in right
    assert refused_table(tmp_path, right.replace(old, new, 1)).startswith(message)


@pytest.mark.parametrize("named", ["Orders", "_orders", "1orders", "o" * 31, "'orders;'", "[orders]", "5", "", "größe"])
def test_an_entity_that_can_not_name_a_table(tmp_path: Path, named: str) -> None:
    path = declare_tables(tmp_path, table().replace("name: orders", f"name: {named}", 1))
    message = refused(tmp_path)
    assert message.startswith(f"{path}, shop.")
    assert "the entity's name " in message


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("Shop", "the system's name 'Shop' must be lower-case"),
        ("s" * 21, "the system's name "),
        ("{a: b}", "the system's name "),
        ("sh__op", "two underscores in a row divide system and entity"),
    ],
)
def test_a_system_that_can_not_name_a_table(tmp_path: Path, named: str, message: str) -> None:
    path = declare(tmp_path, f"sources: [{{name: {named}, tables: [{table()}]}}]")
    found = refused(tmp_path)
    assert found.startswith(f"{path}, ")
    assert message in found


def test_a_source_is_declared_once(tmp_path: Path) -> None:
    declare_tables(tmp_path, table())
    path = declare(tmp_path, f"sources: [{{name: shop, tables: [{table()}]}}]", "later.yml")
    assert refused(tmp_path) == f"{path}, shop.orders is declared twice."


def test_tables_must_be_mappings(tmp_path: Path) -> None:
    path = declare_tables(tmp_path, "landing")
    assert refused(tmp_path) == f"{path}, source shop: 'tables' must be a list of mappings."
