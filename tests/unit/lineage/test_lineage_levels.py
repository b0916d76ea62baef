"""Levels that columns inherit, and the excuses for lower ones."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atlas.lineage.levels import REASONS, Levels, complaint_about, downgrades
from atlas.lineage.project import Project
from atlas.lineage.rows import Origin, Value
from atlas.metadata import LEVELS

REVIEWED = {"reason": "hash", "by": "Jo Doe", "note": "Keyed."}


def node(id_: str, **columns: Any) -> Any:
    kind, *parts = id_.split(".")
    declared = {
        name: SimpleNamespace(name=name, quote=None, meta={}, config=SimpleNamespace(meta=meta))
        for name, meta in columns.items()
    }
    facts = {"source_name": parts[-2]} if kind == "source" else {"patch_path": "p://models/_m.yml"}
    return SimpleNamespace(unique_id=id_, resource_type=kind, name=parts[-1], columns=declared, **facts)


def levels(edges: dict[str, dict[str, str]], *nodes: Any) -> Levels:
    """Of edges such as {"model.p.m": {"a": "source.p.crm.customers:email ? why not"}}."""
    traced = {id_: {name: value(text) for name, text in columns.items()} for id_, columns in edges.items()}
    project = Project(Path(), {one.unique_id: one for one in nodes}, {}, {}, {})
    return Levels(project, traced)


def value(text: str) -> Value:
    origins, _, reason = text.partition("?")
    pairs = (part.split(":") for part in origins.split())
    return Value(frozenset(Origin(*pair) for pair in pairs), frozenset([reason.strip()] if reason else []))


def crm(**fields: str) -> Any:
    return node("source.p.crm.customers", **{name: {"classification": level} for name, level in fields.items()})


def test_the_highest_level_is_inherited() -> None:
    edges = {
        "model.p.a": {
            "x": "source.p.crm.customers:email source.p.crm.customers:city",
            "y": "source.p.crm.customers:city",
        },
        "model.p.b": {"x": "model.p.a:x", "y": "model.p.a:y", "n": ""},
    }
    known = levels(edges, crm(email="restricted", city="internal"), node("model.p.a"), node("model.p.b"))
    assert [known.of(Origin("model.p.b", name)).name for name in ("x", "y", "n")] == [
        "restricted",
        "internal",
        "public",
    ]
    assert [one.relation for one in known.of(Origin("model.p.b", "x")).path] == [
        "model.p.b",
        "model.p.a",
        "source.p.crm.customers",
    ]


def test_a_declared_level_counts_for_what_comes_of_it() -> None:
    edges = {"model.p.a": {"x": "source.p.crm.customers:email"}, "model.p.b": {"x": "model.p.a:x"}}
    low = {"classification": "internal", "declassified": REVIEWED}
    for meta, expected in ((low, "internal"), ({"classification": "secret"}, "secret")):
        known = levels(edges, crm(email="confidential"), node("model.p.a", x=meta), node("model.p.b"))
        assert known.of(Origin("model.p.b", "x")).name == expected


def test_what_nobody_declared_or_followed_is_secret() -> None:
    edges = {
        "model.p.a": {"field": "source.p.crm.customers:phone", "gap": "source.p.crm.customers:city ? it runs a query"}
    }
    known = levels(edges, crm(city="public"), node("model.p.a"), node("seed.p.codes"))
    for column in (
        Origin("model.p.a", "field"),
        Origin("model.p.a", "gap"),
        Origin("model.p.a", "another"),
        Origin("seed.p.codes", "code"),
        Origin("model.p.gone", "a"),
    ):
        assert known.of(column).name == "secret", column
    assert known.of(Origin("model.p.a", "gap")).reason == "it runs a query"


def test_a_level_that_there_is_not_protects_as_the_highest_does() -> None:
    known = levels({"model.p.a": {"x": "source.p.crm.customers:email"}}, crm(email="top"), node("model.p.a"))
    assert known.of(Origin("model.p.a", "x")).name == "secret"


def complaints(meta: dict[str, Any], inherited: str = "confidential") -> list[str]:
    edges = {"model.p.a": {"x": "source.p.crm.customers:email"}, "model.p.b": {"x": "model.p.a:x"}}
    return list(downgrades(levels(edges, crm(email=inherited), node("model.p.a"), node("model.p.b", x=meta))))


def test_a_silent_downgrade_is_refused_with_its_place_and_origin() -> None:
    assert complaints({"classification": "internal"}) == [
        "models/_m.yml: b.x is declared internal, but comes from crm.customers.email (confidential) by way of a.x."
    ]
    assert complaints({"classification": "confidential"}) == []
    assert complaints({"classification": "secret"}) == []
    assert complaints({"classification": "internal", "declassified": REVIEWED}) == []
    undeclared = complaints({"classification": "confidential"}, inherited="top")
    assert undeclared == [
        "models/_m.yml: b.x is declared confidential, but comes from crm.customers.email (secret) by way of a.x."
    ]


def test_what_cannot_be_followed_is_said_in_the_refusal() -> None:
    edges = {"model.p.a": {"x": "? f() may read anything"}}
    found = list(downgrades(levels(edges, node("model.p.a", x={"classification": "public"}))))
    assert found == [
        "models/_m.yml: a.x is declared public, but comes from what can't be followed (f() may read anything), which is"
        " secret."
    ]


@pytest.mark.parametrize("declared", LEVELS)
@pytest.mark.parametrize("inherited", LEVELS)
def test_exactly_lower_levels_need_a_reason(declared: str, inherited: str) -> None:
    is_lower = LEVELS.index(declared) < LEVELS.index(inherited)
    assert bool(complaints({"classification": declared}, inherited)) == is_lower
    excused = complaints({"classification": declared, "declassified": REVIEWED}, inherited)
    assert bool(excused) == (not is_lower), excused


@pytest.mark.parametrize(
    ("excuse", "words"),
    [
        ("hash", "mapping"),
        (None, None),
        ({**REVIEWED, "why": "x"}, "knows only"),
        ({**REVIEWED, "reason": "because"}, "must be one of"),
        ({**REVIEWED, "reason": ["hash"]}, "must be one of"),
        ({**REVIEWED, "by": " "}, "by whom"),
        ({"reason": "hash", "by": "Jo"}, "by whom"),
        ({**REVIEWED, "least": 5}, "only an aggregate"),
        ({**REVIEWED, "reason": "aggregate"}, "least"),
        ({**REVIEWED, "reason": "aggregate", "least": 1}, "least"),
        ({**REVIEWED, "reason": "aggregate", "least": True}, "least"),
        ({**REVIEWED, "reason": "aggregate", "least": "5"}, "least"),
        ({**REVIEWED, "reason": "aggregate", "least": 5}, "rows"),
        ({**REVIEWED, "rows": "n"}, "only an aggregate"),
        ({**REVIEWED, "reason": "aggregate", "least": 5, "rows": "n"}, None),
        ({**REVIEWED, "reason": "generalised"}, None),
    ],
)
def test_excuses_are_checked(excuse: Any, words: str | None) -> None:
    if excuse is None:
        assert complaints({"classification": "internal", "declassified": None}) != []
        return
    found = complaint_about(excuse)
    assert (found is None) == (words is None), found
    assert words is None or words in str(found)


@pytest.mark.parametrize("kept", [None, 4, 5])
def test_an_aggregate_needs_a_test_that_counts_its_rows(kept: int | None) -> None:
    excuse = {**REVIEWED, "reason": "aggregate", "least": 5, "rows": "n"}
    edges = {"model.p.a": {"x": "source.p.crm.customers:email", "n": ""}}
    model = node("model.p.a", x={"classification": "public", "declassified": excuse}, n={})
    known = levels(edges, crm(email="confidential"), model)
    known.project.least.update({("model.p.a", "n"): kept} if kept else {("model.p.a", "x"): 5})
    refusal = (
        "models/_m.yml: a.x: declassified is wrong: nothing keeps n from being less:"
        " give it an accepted_range with a min_value of 5, as an error."
    )
    assert list(downgrades(known)) == ([] if kept == 5 else [refusal])


def test_the_guide_lists_the_reasons() -> None:
    guide = (Path(__file__).parents[3] / "docs/guides/lineage.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", guide, re.MULTILINE)
    assert listed == list(REASONS)
