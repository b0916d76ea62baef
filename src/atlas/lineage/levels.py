"""Levels of protection: what a column declares, or the highest of what it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atlas.lineage.project import column_of
from atlas.lineage.rows import Origin
from atlas.metadata import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from atlas.lineage.project import Project
    from atlas.lineage.rows import Value

SECRET = LEVELS[-1]
# Why a column may stand below what it comes from.
REASONS = ("hash", "aggregate", "generalised", "constant")


@dataclass(frozen=True)
class Level:
    """The level of a column, and why.

    Attributes:
        name: one of ``LEVELS``.
        path: the columns it was found through, beginning with the column itself, ending with the one that decides.
        reason: why the last one has it: ``declared``, or what can't be followed.
    """

    name: str
    path: tuple[Origin, ...]
    reason: str

    @property
    def rank(self) -> int:
        """Its place in ``LEVELS``."""
        return LEVELS.index(self.name)


@dataclass
class Levels:
    """The levels of a project's columns.

    Attributes:
        project: whose nodes declare.
        traced: what each column comes from, as ``atlas.lineage.edges.trace`` has it.
    """

    project: Project
    traced: Mapping[str, Mapping[str, Value]]
    known: dict[Origin, Level] = field(default_factory=dict)

    def of(self, column: Origin) -> Level:
        """The level that protects the column."""
        declared = declared_level(self.project, column)
        return self.inherited(column) if declared is None else Level(declared, (column,), "declared")

    def inherited(self, column: Origin) -> Level:
        """The level of what the column comes from."""
        if column not in self.known:
            self.known[column] = self._inherited(column)
        return self.known[column]

    def _inherited(self, column: Origin) -> Level:
        value = self.traced.get(column.relation, {}).get(column.column)
        if value is None:
            is_own = column.relation in self.traced
            return Level(SECRET, (column,), "its query has no such column" if is_own else "no level is declared")
        if value.gaps:
            return Level(SECRET, (column,), min(value.gaps))
        found = [self.of(one) for one in sorted(value.origins)]
        if not found:
            return Level(LEVELS[0], (column,), "it comes from no column")
        highest = max(found, key=lambda level: level.rank)
        return Level(highest.name, (column, *highest.path), highest.reason)


def meta_of_column(project: Project, column: Origin) -> dict[str, Any]:
    """What the YAML says under the column's ``config.meta``; empty if nothing."""
    node = project.nodes.get(column.relation)
    declared = column_of(node, column.column) if node is not None else None
    if declared is None:
        return {}
    config = getattr(declared, "config", None)
    return dict(getattr(config, "meta", None) or declared.meta or {})


def declared_level(project: Project, column: Origin) -> str | None:
    """The level that the YAML gives the column; one that doesn't exist protects as the highest does."""
    level = meta_of_column(project, column).get("classification")
    return level if level is None or level in LEVELS else SECRET


def downgrades(levels: Levels) -> Iterator[str]:
    """A sentence for each column that stands below what it comes from without a reason, or with a useless one."""
    project = levels.project
    for id_, columns in sorted(levels.traced.items()):
        for name in columns:
            column = Origin(id_, name)
            declared, excuse = declared_level(project, column), meta_of_column(project, column).get("declassified")
            place = f"{project.file_of_columns(id_)}: {project.name(id_)}.{name}"
            inherited = levels.inherited(column)
            is_lower = declared is not None and LEVELS.index(declared) < inherited.rank
            if excuse is not None:
                complaint = complaint_about(excuse)
                if complaint is None and excuse["reason"] == "aggregate":
                    complaint = _unproven(project, id_, excuse)
                if complaint is None and not is_lower:
                    complaint = f"there is nothing to excuse: it comes from nothing above {declared or inherited.name}"
                if complaint is not None:
                    yield f"{place}: declassified is wrong: {complaint}."
            elif is_lower:
                yield f"{place} is declared {declared}, but comes from {_explained(project, inherited)}."


def complaint_about(excuse: Any) -> str | None:
    """What is wrong with a ``declassified``; None if nothing."""
    known = ("reason", "by", "note", "least", "rows")
    if not isinstance(excuse, dict) or not excuse.keys() <= set(known):
        return f"it must be a mapping that knows only {', '.join(known)}"
    reason = excuse.get("reason")
    if not isinstance(reason, str) or reason not in REASONS:
        return f"its reason must be one of {', '.join(REASONS)}"
    if not all(isinstance(excuse.get(key), str) and excuse[key].strip() for key in ("by", "note")):
        return "it must say by whom it was reviewed (by) and why that is right (note)"
    least, rows = excuse.get("least"), excuse.get("rows")
    if reason == "aggregate" and (type(least) is not int or least < 2 or not isinstance(rows, str)):
        return "an aggregate must say of how many rows at least (least), 2 or more, and which column counts them (rows)"
    if reason != "aggregate" and (least is not None or rows is not None):
        return "only an aggregate has a least, and rows"
    return None


def _unproven(project: Project, id_: str, excuse: Mapping[str, Any]) -> str | None:
    least, rows = excuse["least"], excuse["rows"]
    if project.least.get((id_, rows), 0) >= least:
        return None
    return f"nothing keeps {rows} from being less: give it an accepted_range with a min_value of {least}, as an error"


def _explained(project: Project, level: Level) -> str:
    """Where an inherited level comes from: ``crm.customers.email (confidential) by way of customer_changes.email``."""
    names = [f"{project.name(one.relation)}.{one.column}" for one in level.path]
    if len(names) == 1:
        return f"what can't be followed ({level.reason}), which is {level.name}"
    why = "" if level.reason == "declared" else f", since {level.reason}"
    through = f" by way of {', '.join(names[1:-1])}" if names[1:-1] else ""
    return f"{names[-1]} ({level.name}{why}){through}"
