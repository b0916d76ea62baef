"""The guide to generic tests lists each of them as its YAML and its SQL have it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GENERIC = ROOT / "tests/dbt/generic"
GUIDE = ROOT / "docs/guides/tests.md"
# Their SQL alone knows that they are about a column; who writes YAML puts them there.
IMPLIED = {"model", "column_name"}


def declared() -> list[dict[str, Any]]:
    macros: list[dict[str, Any]] = yaml.safe_load((GENERIC / "_generic_tests.yml").read_text())["macros"]
    return macros


def row_of(macro: dict[str, Any]) -> str:
    """The line of the guide's table: what it asks is the first sentence of the description."""
    meta = macro["config"]["meta"]
    names = [argument["name"] for argument in macro["arguments"] if argument["name"] not in IMPLIED]
    asks = re.split(r"(?<=[.])\s+(?=[A-Z])|(?<=[.])$", macro["description"])[0]
    arguments = ", ".join(f"`{name}`" for name in names)
    return " | ".join(
        ["", f"`{macro['name'].removeprefix('test_')}`", asks, arguments, meta["nulls"], meta["dimension"], ""]
    ).strip()


def test_the_guide_lists_each_test_as_it_is() -> None:
    listed = [line for line in GUIDE.read_text().splitlines() if line.startswith("| `")]
    assert listed == [row_of(macro) for macro in declared()]


def test_each_test_is_declared_with_the_dimension_that_it_has() -> None:
    found = {}
    for path in GENERIC.glob("*.sql"):
        default = re.search(r"'quality_dimension': '(\w+)'", path.read_text())
        found[path.stem] = default[1] if default else "none"
    stated = {macro["name"].removeprefix("test_"): macro["config"]["meta"]["dimension"] for macro in declared()}
    assert stated == found


def test_each_argument_has_a_type() -> None:
    types = {argument["type"] for macro in declared() for argument in macro["arguments"]}
    simple = r"(any|boolean|float|integer|relation|string)"
    assert all(re.fullmatch(rf"{simple}|(optional|list|dict)\[.+\]", kind) for kind in types), types


def test_the_codes_are_as_many_as_their_sources_say() -> None:
    for name, length, count in (("country", 2, 249), ("currency", 3, 178)):
        text = (ROOT / f"macros/reference/{name}_codes.sql").read_text()
        codes = text.split("'''")[1].split()
        assert codes == sorted(set(codes))
        assert len(codes) == count
        assert f"{count}" in text.split("#}")[0].split("-#}")[0]
        assert all(re.fullmatch(f"[A-Z]{{{length}}}", code) for code in codes)
