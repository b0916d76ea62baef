"""The guide lists the reasons that the code gives, all of them and no others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from atlas.landing.refusal import COMPLAINTS

ROOT = Path(__file__).parents[2]
# Where each call that refuses something has its reason.
PLACES = {"Refusal": 0, "RefusedDelivery": 0, "add": 2, "add_parts": 2}


def reasons_in_the_code() -> set[str]:
    found = {reason for _, reason, _ in COMPLAINTS}
    for path in sorted((ROOT / "src" / "atlas" / "landing").glob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            target.id: str(node.value.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if len(node.args) <= PLACES.get(called, len(node.args)):
                continue
            reason = node.args[PLACES[called]]
            if isinstance(reason, ast.Constant):
                found.add(str(reason.value))
            elif isinstance(reason, ast.Name) and reason.id in constants:
                found.add(constants[reason.id])
            else:
                # A reason that is only passed on was read where it was given.
                assert ast.unparse(reason) in {"reason", "refusal.reason"}, f"{path}:{node.lineno}"
    return found


def reasons_in_the_guide() -> set[str]:
    guide = (ROOT / "docs" / "guides" / "landing.md").read_text()
    tables = re.findall(r"^\| reason \|.*\n\|[-|]+\n((?:\|.*\n)+)", guide, re.MULTILINE)
    assert len(tables) == 2
    first_cells = [row.split("|")[1] for table in tables for row in table.splitlines()]
    return {reason for cell in first_cells for reason in re.findall("`([a-z_]+)`", cell)}


def test_guide_lists_the_reasons_of_the_code() -> None:
    assert len(reasons_in_the_code()) > 20
    assert reasons_in_the_guide() == reasons_in_the_code()
