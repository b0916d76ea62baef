"""Columns by name, and what lies around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlas.errors import UsageError
from atlas.lineage.rows import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlas.lineage.project import Project
    from atlas.lineage.rows import Value


def select(project: Project, traced: Mapping[str, Mapping[str, Value]], wanted: str | None) -> list[Origin]:
    """The columns that ``wanted`` names: of a model or source, one of its columns, or all there are.

    Raises:
        UsageError: there is no such thing.
    """
    columns = columns_of(project, traced)
    if wanted is None:
        return [Origin(id_, name) for id_ in sorted(traced) for name in columns[id_]]
    by_name = {project.name(id_): id_ for id_ in project.nodes}
    if wanted in by_name:
        return [Origin(by_name[wanted], name) for name in columns[by_name[wanted]]]
    # A column's name may have dots in it, too.
    for name, id_ in by_name.items():
        column = wanted.removeprefix(f"{name}.")
        if column != wanted and column in columns[id_]:
            return [Origin(id_, column)]
    raise UsageError(f"{wanted} is no model, snapshot, seed or source, nor a column of one.")


def columns_of(project: Project, traced: Mapping[str, Mapping[str, Value]]) -> dict[str, list[str]]:
    """The names of each node's columns, in the order of its query or its YAML."""
    read: dict[str, dict[str, None]] = {id_: {} for id_ in project.nodes}
    for id_, node in project.nodes.items():
        read[id_] |= dict.fromkeys(traced.get(id_, node.columns))
    for columns in traced.values():
        for value in columns.values():
            for one in sorted(value.origins):
                read[one.relation].setdefault(one.column)
    return {id_: list(names) for id_, names in read.items()}


def around(traced: Mapping[str, Mapping[str, Value]], begin: Sequence[Origin], *, downstream: bool) -> list[Origin]:
    """These columns and all that they come from, or all that comes from them, nearest first."""
    next_to: dict[Origin, list[Origin]] = {}
    for id_, columns in traced.items():
        for name, value in columns.items():
            for one in sorted(value.origins):
                this, other = (one, Origin(id_, name)) if downstream else (Origin(id_, name), one)
                next_to.setdefault(this, []).append(other)
    found = dict.fromkeys(begin)
    waiting = list(begin)
    for column in waiting:
        for other in next_to.get(column, []):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)
