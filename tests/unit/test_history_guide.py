"""The guides to history and partitions name the test that holds each rule; here, that there is such a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("guide", "place", "fewest"), [("history", "history", 35), ("facts", "history", 16), ("partitions", "", 12)]
)
def test_the_tests_that_the_guide_names_exist(guide: str, place: str, fewest: int) -> None:
    text = (ROOT / "docs" / "guides" / f"{guide}.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", text))
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "integration" / place).glob("test_*.py"))
    written = set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))
    assert len(named) >= fewest
    assert named <= written, named - written


def test_the_tests_that_the_guide_to_delivery_names_exist() -> None:
    text = (ROOT / "docs" / "guides" / "delivery.md").read_text().partition("## Each rule has a test")[2]
    named = {
        name for tests in re.findall(r"^\|.* \| (`.+`) \|$", text, re.MULTILINE) for name in re.findall(r"\w+", tests)
    }
    places = {
        r"^  - name: (\w+)$": ROOT.glob("models/*/delivery/*unit_tests.yml"),
        r"^def (test_\w+)": (ROOT / "tests").glob("*/test_*.py"),
    }
    written = {path.stem for path in (ROOT / "tests" / "dbt" / "singular").glob("*.sql")}
    for pattern, paths in places.items():
        for path in paths:
            written.update(re.findall(pattern, path.read_text(), re.MULTILINE))
    assert len(named) >= 50
    assert named <= written, named - written
