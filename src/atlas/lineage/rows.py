"""What lineage knows of a value and of a query's rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The column that stands for a landed record as a whole. What it holds nobody has declared.
WHOLE_RECORD = "*"


class Origin(NamedTuple):
    """A column that a value comes from.

    Attributes:
        relation: dbt's unique id of the model, snapshot, seed or source.
        column: the column's name as the database has it; ``*`` for a landed record as a whole.
    """

    relation: str
    column: str


@dataclass(frozen=True)
class Value:
    """What a value is computed from.

    Attributes:
        origins: the columns that it comes from; none for a constant or a count of rows.
        gaps: why it can't be followed to all of them, a clause each; empty where it can.
        document: the source whose landed record the value is, whole and unchanged: a field taken of it is then known.
    """

    origins: frozenset[Origin] = frozenset()
    gaps: frozenset[str] = frozenset()
    document: str | None = None


NOTHING = Value()


def origin(relation: str, column: str) -> Value:
    """The value of one column."""
    return Value(frozenset({Origin(relation, column)}))


def gap(reason: str) -> Value:
    """A value that can't be followed."""
    return Value(gaps=frozenset({reason}))


def union(values: Iterable[Value]) -> Value:
    """What is computed from all of these; of a single one, the same."""
    found = list(values)
    if len(found) == 1:
        return found[0]
    return Value(
        frozenset().union(*(value.origins for value in found)), frozenset().union(*(value.gaps for value in found))
    )


@dataclass(frozen=True)
class Rows:
    """The rows of a query or a table.

    Attributes:
        columns: names and values in order; a name is None where only the database knows it.
        rest: what columns that aren't listed come from; None where all are listed.
    """

    columns: tuple[tuple[str | None, Value], ...] = ()
    rest: Value | None = None

    def exact(self, name: str) -> Value | None:
        """The column of that name, if it is known."""
        found = [value for known, value in self.columns if known == name]
        return union(found) if found else None

    def possible(self) -> Value | None:
        """What a column may be whose name isn't known here; None if there can be no such column."""
        found = [value for known, value in self.columns if known is None]
        if self.rest is not None:
            found.append(self.rest)
        return union(found) if found else None

    def whole(self) -> Value:
        """What a whole row is computed from."""
        found = [value for _, value in self.columns]
        if self.rest is not None:
            found.append(self.rest)
        return union(found)

    def renamed(self, names: Sequence[str]) -> Rows:
        """The rows under column aliases, which go by place and may be fewer than the columns."""
        if not names:
            return self
        if self.rest is not None:
            # Columns may stand between those that are listed.
            return Rows(tuple((name, self.whole()) for name in names), self.whole())
        kept = self.columns[len(names) :]
        return Rows(tuple(zip(names, (value for _, value in self.columns), strict=False)) + kept)


def unknown(reason: str) -> Rows:
    """Rows of which nothing is known."""
    return Rows(rest=gap(reason))


def stacked(left: Rows, right: Rows) -> Rows:
    """The rows of a union: columns go by place, names come from the left."""
    if left.rest is None and right.rest is None and len(left.columns) == len(right.columns):
        return Rows(
            tuple(
                (name, union([value, other]) if value != other else value)
                for (name, value), (_, other) in zip(left.columns, right.columns, strict=True)
            )
        )
    everything = union([left.whole(), right.whole(), gap("the columns of a union can't be told apart")])
    return Rows(tuple((name, everything) for name, _ in left.columns), everything)
