"""Declarations of sources: what is read of them, and one clear sentence for each that is wrong."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.landing.contract import compile_contract
from atlas.source_fields import FIELD_TYPES
from atlas.sources import Source, find_source, load_sources

if TYPE_CHECKING:
    from collections.abc import Callable

    Change = Callable[[dict[str, Any], dict[str, Any], list[dict[str, Any]]], Any]

DECLARED: dict[str, Any] = {
    "sources": [
        {
            "name": "shop",
            "description": " The shop. ",
            "tables": [
                {
                    "name": "orders",
                    "identifier": "raw_shop__orders",
                    "description": "Orders.",
                    "config": {
                        "meta": {
                            "landing": {
                                "delivery": "changes",
                                "key": ["number", "part"],
                                "event_at": "changed_at",
                                "operation": {"field": "op", "deletes": ["d", "x"]},
                                "unknown_fields": "refuse",
                                "max_record_bytes": 1000,
                            }
                        }
                    },
                    "columns": [
                        {"name": "number", "data_type": "text", "config": {"meta": {"required": True}}},
                        {"name": "part", "data_type": "integer", "config": {"meta": {"required": True, "min": 1}}},
                        {"name": "changed_at", "data_type": "timestamptz", "config": {"meta": {"required": True}}},
                        {"name": "op", "data_type": "text", "config": {"meta": {"required": True}}},
                        {"name": "état", "data_type": "text", "config": {"meta": {"accepted_values": ["a", "b"]}}},
                        {"name": "code", "data_type": "text", "config": {"meta": {"pattern": "^x"}}},
                        {"name": "tags", "data_type": "text[]"},
                    ],
                }
            ],
        }
    ]
}


def write(project: Path, document: Any, name: str = "explore/shop/_shop__sources.yml") -> Path:
    path = project / "models" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document, allow_unicode=True))
    return project


def changed(change: Change) -> dict[str, Any]:
    """The declaration after ``change`` of its table, its landing and its columns."""
    document = copy.deepcopy(DECLARED)
    table = document["sources"][0]["tables"][0]
    change(table, table["config"]["meta"]["landing"], table["columns"])
    return document


def test_declaration_is_read(tmp_path: Path) -> None:
    [source] = load_sources(write(tmp_path, DECLARED)).values()
    assert (source.name, source.landing_table) == ("shop.orders", "raw_shop__orders")
    assert source.system_description == "The shop."
    assert (source.delivery, source.key, source.event_at) == ("changes", ("number", "part"), "changed_at")
    assert (source.operation, source.deletes) == ("op", frozenset({"d", "x"}))
    assert (source.refuse_unknown, source.max_record_bytes) == (True, 1000)
    fields = {f.name: f for f in source.fields}
    assert list(fields) == ["number", "part", "changed_at", "op", "état", "code", "tags"]
    assert (fields["part"].type, fields["part"].required, fields["part"].minimum) == ("integer", True, 1)
    assert (fields["état"].accepted_values, fields["code"].pattern) == (("a", "b"), "^x")
    compile_contract(source)


def test_what_is_not_said(tmp_path: Path) -> None:
    def change(_table: Any, landing: dict[str, Any], _columns: Any) -> None:
        del landing["operation"], landing["unknown_fields"], landing["max_record_bytes"]

    [source] = load_sources(write(tmp_path, changed(change))).values()
    assert (source.operation, source.deletes) == (None, frozenset())
    assert (source.refuse_unknown, source.max_record_bytes) == (False, 16 * 2**20)


def test_snapshots(tmp_path: Path) -> None:
    def change(_table: Any, landing: dict[str, Any], _columns: Any) -> None:
        landing["delivery"] = "snapshot"
        del landing["event_at"], landing["operation"]

    [source] = load_sources(write(tmp_path, changed(change))).values()
    assert (source.delivery, source.event_at) == ("snapshot", None)


def test_all_files_with_sources_are_read_and_no_others(tmp_path: Path) -> None:
    write(tmp_path, DECLARED)
    other = copy.deepcopy(DECLARED)
    other["sources"][0]["name"], other["sources"][0]["tables"][0]["identifier"] = "store", "raw_store__orders"
    write(tmp_path, other, "deep/er/x.yaml")
    write(tmp_path, "version: 2\nmodels: []\n", "models.yml")
    write(tmp_path, "{{ not yaml: [", "without the word.yml")
    write(tmp_path, {"sources": [{"name": "dbt_only", "tables": [{"name": "x"}]}], "note": "landing:"}, "dbt.yml")
    assert sorted(load_sources(tmp_path)) == ["shop.orders", "store.orders"]
    assert load_sources(tmp_path / "models") == {}


def test_projects_own_sources(project: Path) -> None:
    sources = load_sources(project)
    assert "crm.customers" in sources
    for source in sources.values():
        compile_contract(source)


def test_contract_is_known_by_its_rules(tmp_path: Path) -> None:
    """Whatever decides on a record changes the hash; words for people don't."""
    [source] = load_sources(write(tmp_path, DECLARED)).values()
    first, *others = source.fields
    variants = [
        replace(source, fields=(replace(first, **change), *others))
        for change in (
            {"name": "n"},
            {"type": "uuid"},
            {"required": False},
            {"accepted_values": ("1",)},
            {"pattern": "x"},
            {"minimum": 1},
            {"maximum": 1},
        )
    ]
    variants += [replace(source, **change) for change in (
        {"key": ("number",)}, {"deletes": frozenset({"d"})}, {"refuse_unknown": False}, {"max_record_bytes": 2},
        {"operation": None}, {"event_at": None}, {"delivery": "snapshot"},
    )]  # fmt: skip
    assert len({v.contract_sha256 for v in (source, *variants)}) == len(variants) + 1
    assert replace(source, system_description="y").contract_sha256 == source.contract_sha256
    again = replace(source, deletes=frozenset(["x", "d"]))
    assert again.contract_sha256 == source.contract_sha256


def set_column(index: int, **values: Any) -> Change:
    return lambda _table, _landing, columns: columns[index].update(values)


def set_meta(index: int, **values: Any) -> Change:
    return lambda _table, _landing, columns: columns[index].setdefault("config", {"meta": {}})["meta"].update(values)


def set_landing(**values: Any) -> Change:
    return lambda _table, landing, _columns: landing.update(values)


WRONG: list[tuple[Change, str]] = [
    (lambda t, _l, _c: t.update(name="Orders"), "the entity's name 'Orders' must be lower-case"),
    (lambda t, _l, _c: t.update(name='o"; drop table x; --'), "must be lower-case letters"),
    (lambda t, _l, _c: t.update(name="o'rders"), "must be lower-case letters"),
    (lambda t, _l, _c: t.update(name="ördérs"), "must be lower-case letters"),
    (lambda t, _l, _c: t.update(name="orders\n"), "must be lower-case letters"),
    (lambda t, _l, _c: t.update(name="o" * 31), "at most 30 long"),
    (lambda t, _l, _c: t.update(name="1st"), "beginning with a letter"),
    (lambda t, _l, _c: t.update(name=None), "the entity's name 'None'"),
    (lambda t, _l, _c: t.update(identifier="orders"), "its identifier must be raw_shop__orders"),
    (lambda t, _l, _c: t.pop("identifier"), "its identifier must be raw_shop__orders"),
    (lambda t, _l, _c: t["config"]["meta"].update(landing="yes"), "'landing' must be a mapping"),
    (lambda t, _l, _c: t.update(columns={"number": "text"}), "'columns' must be a list of mappings"),
    (lambda t, _l, _c: t.update(columns=["number"]), "'columns' must be a list of mappings"),
    (set_landing(frequency="daily"), "landing doesn't know frequency"),
    (set_landing(delivery="stream"), "delivery must be 'changes' or 'snapshot', not 'stream'"),
    (set_landing(delivery=["changes"]), "delivery must be"),
    (set_landing(delivery="snapshot"), "a snapshot has neither event_at nor operation"),
    (set_landing(event_at=None), "event_at must name a required timestamptz column"),
    (set_landing(event_at="number"), "event_at must name a required timestamptz column"),
    (set_landing(event_at=["changed_at"]), "event_at must name a required timestamptz column"),
    (set_meta(2, required=False), "event_at must name a required timestamptz column"),
    (set_landing(operation="op"), "operation must be {field: …, deletes: […]}"),
    (set_landing(operation={"field": "op"}), "operation must be"),
    (set_landing(operation={"field": "part", "deletes": ["d"]}), "operation's field must be a required text column"),
    (set_landing(operation={"field": ["op"], "deletes": ["d"]}), "operation's field must be a required text column"),
    (set_landing(operation={"field": "op", "deletes": []}), "operation's deletes must be a list of texts"),
    (set_landing(operation={"field": "op", "deletes": [True]}), "operation's deletes must be a list of texts"),
    (
        set_meta(3, accepted_values=["u", "d"]),
        "operation's deletes hold 'x', which is none of the accepted values of op",
    ),
    (set_landing(key=[]), "key must be a list of declared columns"),
    (set_landing(key="number"), "key must be a list of declared columns"),
    (set_landing(key=["nope"]), "key must be a list of declared columns"),
    (set_landing(key=[["number"]]), "key must be a list of declared columns"),
    (set_landing(key=["number", "number"]), "key names a column twice"),
    (set_landing(key=["code"]), "key columns must be required, and one of text, integer, uuid, date"),
    (set_landing(key=["changed_at"]), "key columns must be required, and one of"),
    (set_landing(unknown_fields="drop"), "unknown_fields must be 'keep' or 'refuse', not 'drop'"),
    (set_landing(max_record_bytes=0), "max_record_bytes must be between 1 and"),
    (set_landing(max_record_bytes="1 MB"), "max_record_bytes must be between 1 and"),
    (set_landing(max_record_bytes=True), "max_record_bytes must be between 1 and"),
    (set_landing(max_record_bytes=2**40), "max_record_bytes must be between 1 and"),
    (set_column(5, name="op"), "declared twice"),
    (set_column(5, name=""), "a column's name must be text, not ''"),
    (set_column(5, name=5), "a column's name must be text, not 5"),
    (set_column(5, name="a\x00b"), "a column's name must be text"),
    (set_column(5, name="é" * 32), "the name is longer than 63 bytes"),
    (set_column(5, data_type="varchar"), "data_type must be one of text, integer"),
    (set_column(5, data_type=None), "data_type must be one of"),
    (set_column(5, data_type=["text"]), "data_type must be one of"),
    (set_column(5, data_type="text[][]"), "data_type must be one of"),
    (set_meta(5, required="yes"), "required must be true or false"),
    (set_meta(5, pattern="("), "isn't a regular expression"),
    (set_meta(5, pattern=5), "pattern"),
    (set_meta(1, pattern="x"), "pattern is for text, not for integer"),
    (set_meta(5, min=1), "min is for date, integer, numeric, timestamptz, not for text"),
    (set_meta(6, accepted_values=["a"]), "accepted_values is for integer, text, not for text[]"),
    (set_meta(5, accepted_values=["a"]), "accepted_values leaves nothing for pattern, min or max to say"),
    (set_meta(4, accepted_values=[]), "accepted_values must be a list of"),
    (set_meta(4, accepted_values="a"), "accepted_values must be a list of"),
    (set_meta(4, accepted_values=[1]), "accepted_values must be a list of"),
    (set_meta(4, accepted_values=[["a"]]), "accepted_values must be a list of"),
]


@pytest.mark.parametrize(("change", "message"), WRONG)
def test_wrong_declaration(tmp_path: Path, change: Change, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_sources(write(tmp_path, changed(change)))
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "models/explore/shop/_shop__sources.yml")), "says where"


@pytest.mark.parametrize("name", ["Shop", 's"', "s'; drop schema explore", "sh__op", "é", "", "s" * 21, "s.p", "s\n"])
def test_wrong_name_of_a_system(tmp_path: Path, name: str) -> None:
    document = copy.deepcopy(DECLARED)
    document["sources"][0]["name"] = name
    document["sources"][0]["tables"][0]["identifier"] = f"raw_{name}__orders"
    with pytest.raises(UsageError, match=r"the system's name|two underscores in a row"):
        load_sources(write(tmp_path, document))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("landing:\n\t- x", "isn't YAML"),
        ("landing: [", "isn't YAML"),
        ("sources: {landing: {}}", "'sources' must be a list of mappings"),
        ("sources: [landing: , x]", "isn't YAML|must be a list of mappings"),
        ("sources:\n- name: landing:\n  tables: x", "isn't YAML|must be a list of mappings"),
        ("sources: ['landing:']", "must be a list of mappings"),
        ("landing: !!python/object/apply:os.system ['false']", "isn't YAML"),
        ("landing: &a [*a]\nsources: 5", "must be a list of mappings"),
    ],
)
def test_file_that_says_nothing_sensible(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_sources(write(tmp_path, text))


def test_file_that_is_not_text(tmp_path: Path) -> None:
    path = write(tmp_path, "") / "models/explore/shop/_shop__sources.yml"
    path.write_bytes(b"landing: \xff\xfe")
    with pytest.raises(UsageError, match="isn't UTF-8"):
        load_sources(tmp_path)


def test_entity_declared_twice(tmp_path: Path) -> None:
    write(tmp_path, DECLARED)
    with pytest.raises(UsageError, match=r"shop\.orders is declared twice"):
        load_sources(write(tmp_path, DECLARED, "again.yml"))


def test_find(tmp_path: Path) -> None:
    write(tmp_path, DECLARED)
    assert isinstance(find_source(tmp_path, "shop.orders"), Source)
    for name, message in (
        ("shop", "A source is named SYSTEM.ENTITY, not 'shop'. Declared: shop.orders."),
        ("shop.", "A source is named SYSTEM.ENTITY"),
        ("shop.order", "The system 'shop' declares no entity 'order'. Declared: shop.orders."),
        ("nope.orders", "There is no source 'nope.orders'. Declared: shop.orders."),
        ("shop.orders.x", "declares no entity 'orders.x'"),
        ("shop.orders; drop", "declares no entity"),
    ):
        with pytest.raises(UsageError) as refused:
            find_source(tmp_path, name)
        assert message in str(refused.value)
    with pytest.raises(UsageError, match="Declared: none"):
        find_source(tmp_path / "elsewhere", "shop.orders")


tree = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**40) | st.text(max_size=5) | st.sampled_from(sorted(FIELD_TYPES)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)
places = st.sampled_from(
    [
        (part, key)
        for part, keys in (
            ("table", ("name", "identifier", "columns", "config", "description")),
            ("landing", ("delivery", "key", "event_at", "operation", "unknown_fields", "max_record_bytes")),
            ("column", ("name", "data_type", "config")),
            ("meta", ("required", "accepted_values", "pattern", "min", "max")),
        )
        for key in keys
    ]
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places, tree)
def test_anything_anywhere_is_read_or_refused(tmp_path: Path, place: tuple[str, str], value: Any) -> None:
    """Whatever stands in a declaration: a source that compiles, or one sentence."""
    part, key = place

    def change(table: dict[str, Any], landing: dict[str, Any], columns: list[dict[str, Any]]) -> None:
        column = columns[1]
        {"table": table, "landing": landing, "column": column, "meta": column["config"]["meta"]}[part][key] = value

    write(tmp_path, changed(change))
    with suppress(UsageError):
        for source in load_sources(tmp_path).values():
            assert source.contract_sha256
            compile_contract(source)
