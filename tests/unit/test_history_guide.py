"""The guide to history names the test that holds each rule; here, that there is such a test."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_tests_that_the_guide_names_exist() -> None:
    guide = (ROOT / "docs" / "guides" / "history.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", guide))
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "integration" / "history").glob("test_*.py"))
    written = set(re.findall(r"^def (test_\w+)", tests, re.MULTILINE))
    assert len(named) > 30
    assert named <= written, named - written
