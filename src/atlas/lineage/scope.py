"""Which column a name in a query means, by PostgreSQL's rules."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from atlas.lineage.rows import Rows, Value, gap, union

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlglot import exp

NO_SUCH = gap("USING names a column that isn't there")


@dataclass
class Scope:
    """What the names in one query may mean.

    Attributes:
        tables: rows of the tables that may be read, by schema and name.
        ctes: rows of the common table expressions in sight.
        outer: the query around this one, whose columns are in sight too.
        sources: what stands in FROM, by alias.
        star: the columns that ``*`` stands for.
        merged: the columns that joins share, which are of both sides.
        windows: the windows that the query names.
    """

    tables: Mapping[tuple[str, str], Rows]
    ctes: Mapping[str, Rows] = field(default_factory=dict)
    outer: Scope | None = None
    sources: list[tuple[str, Rows]] = field(default_factory=list)
    star: Rows = field(default_factory=Rows)
    merged: dict[str, Value] = field(default_factory=dict)
    windows: dict[str, exp.Window] = field(default_factory=dict)

    def inside(self) -> Scope:
        """The scope of a query within this one."""
        return Scope(self.tables, self.ctes, outer=self)

    def with_cte(self, name: str, rows: Rows) -> Scope:
        """This scope, with one more common table expression in sight."""
        return replace(self, ctes={**self.ctes, name: rows})

    def join(self, sources: Sequence[tuple[str, Rows]], star: Rows, shared: Sequence[str] | None = ()) -> None:
        """Add what is joined.

        Args:
            sources: what is joined, by alias.
            star: its columns.
            shared: the columns named by USING; None for a natural join, which shares all that have one name.
        """
        if shared is None:
            shared = [name for name, _ in self.star.columns if name is not None and star.exact(name) is not None]
        merged = {
            name: union([rows.exact(name) or rows.possible() or NO_SUCH for rows in (self.star, star)])
            for name in shared
        }
        others = [
            (name, value) for name, value in (*self.star.columns, *star.columns) if name is None or name not in shared
        ]
        rests = [rows.rest for rows in (self.star, star) if rows.rest is not None]
        self.star = Rows((*merged.items(), *others), union(rests) if rests else None)
        self.merged |= merged
        self.sources.extend(sources)

    def rows_of(self, alias: str) -> Rows | None:
        """What stands in FROM under this alias, here or further out."""
        for name, rows in self.sources:
            if name == alias:
                return rows
        return self.outer.rows_of(alias) if self.outer else None

    def qualified(self, alias: str, name: str) -> Value:
        """The column ``alias.name``."""
        rows = self.rows_of(alias)
        if rows is None:
            return gap(f"{alias}.{name} is of nothing in sight")
        return rows.exact(name) or rows.possible() or gap(f"{alias} has no column {name}")

    def unqualified(self, name: str) -> Value:
        """The column ``name``, or the whole row of what has that alias."""
        return self._found(name) or gap(f"{name} is no column in sight")

    def knows(self, name: str) -> bool:
        """Whether a column is certainly in sight under this name."""
        here = any(rows.exact(name) is not None for _, rows in self.sources)
        return here or (self.outer is not None and self.outer.knows(name))

    def _found(self, name: str) -> Value | None:
        exact = [value for _, rows in self.sources if (value := rows.exact(name)) is not None]
        if name in self.merged or exact:
            return self.merged.get(name) or union(exact)
        # Of what isn't known in full, any may have it; then it may mean more than one thing, and all of them count.
        found = [possible for _, rows in self.sources if (possible := rows.possible()) is not None]
        found += [rows.whole() for alias, rows in self.sources if alias == name]
        if self.outer is not None and (further := self.outer._found(name)) is not None:
            found.append(further)
        return union(found) if found else None
