"""Which columns the columns of a query come from.

Values are followed, and not the conditions that choose rows (docs/decisions/0018-values-not-predicates.md). Whatever
isn't understood becomes a gap, never nothing: a gap means the highest level.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from atlas.lineage.dialect import COMPUTING, PostgresAsItIs
from atlas.lineage.rows import NOTHING, Rows, gap, stacked, union, unknown
from atlas.lineage.scope import Scope
from atlas.lineage.values import name_of, parts_of, value_of, value_of_call, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A recursive query is followed until nothing is added; each round but the last adds a column to another.
MOST_ROUNDS = 1_000


def rows_of_sql(sql: str, tables: Mapping[tuple[str, str], Rows]) -> Rows:
    """The columns of a query.

    Args:
        sql: the query as compiled.
        tables: rows of the tables that it may read, by schema and name. Others can't be followed.
    """
    try:
        tokens = PostgresAsItIs().tokenize(sql)
        statements = PostgresAsItIs().parser().parse(tokens, sql)
    except SqlglotError as error:
        lines = [fault["line"] for fault in getattr(error, "errors", []) if fault.get("line")]
        return unknown(f"its SQL can't be parsed{f', at line {lines[0]} as compiled' if lines else ''}")
    except RecursionError:
        return unknown("its SQL is nested too deeply")
    if any(_passes_for_another(*two) for two in pairwise(tokens)):
        return unknown("a function's name is that of another, but for its letters' case")
    if len(statements) != 1 or statements[0] is None:
        return unknown("it isn't a single query")
    try:
        return rows_of(statements[0], Scope(tables))
    except RecursionError:
        return unknown("its SQL is nested too deeply")


def _passes_for_another(name: Token, after: Token) -> bool:
    """Whether "Lower"(…) is called, which isn't lower(…), though the parser takes it for that."""
    is_called = name.token_type == TokenType.IDENTIFIER and after.token_type == TokenType.L_PAREN
    return is_called and name.text not in COMPUTING and name.text.lower() in COMPUTING


def rows_of(query: exp.Expr, scope: Scope) -> Rows:
    """The rows of a query that stands in ``scope``."""
    scope = _with_ctes(query, scope)
    if isinstance(query, exp.Select):
        return _rows_of_select(query, scope)
    if isinstance(query, exp.SetOperation):
        return stacked(rows_of(query.this, scope), rows_of(query.expression, scope))
    if isinstance(query, exp.Values):
        return _rows_of_values(query, scope)
    if isinstance(query, exp.Subquery | exp.Paren) and not isinstance(query.this, exp.Table):
        return rows_of(query.this, scope)
    if isinstance(query, exp.Table | exp.Subquery):
        inner = scope.inside()
        _add(query, inner, scope)
        return inner.star
    return unknown(f"{query.key} isn't a query")


def _with_ctes(query: exp.Expr, scope: Scope) -> Scope:
    clause = query.args.get("with_")
    if clause is None:
        return scope
    for cte in clause.expressions:
        name, columns = written(cte.args["alias"].this), _aliases(cte.args["alias"])
        ephemeral = scope.tables.get(("", name))
        if ephemeral is not None:
            # dbt puts the query of an ephemeral model here; its columns have levels of their own.
            rows = ephemeral
        elif clause.args.get("search") or clause.args.get("cycle"):
            rows = unknown("columns of SEARCH and CYCLE aren't followed")
        elif clause.args.get("recursive") and isinstance(cte.this, exp.SetOperation):
            rows = _rows_of_recursive(cte.this, name, columns, scope)
        else:
            rows = rows_of(cte.this, scope).renamed(columns)
        scope = scope.with_cte(name, rows)
    return scope


def _rows_of_recursive(query: exp.SetOperation, name: str, columns: Sequence[str], scope: Scope) -> Rows:
    """The rows of a recursive expression: what its first part has, and then whatever comes of that."""
    scope = _with_ctes(query, scope)
    rows = rows_of(query.this, scope).renamed(columns)
    for _ in range(MOST_ROUNDS):
        further = rows_of(query.expression, scope.with_cte(name, rows))
        grown = stacked(rows, further)
        if grown == rows:
            return rows
        rows = grown
    return unknown(f"{name} refers to itself too often")


def _rows_of_values(query: exp.Values, scope: Scope) -> Rows:
    found: Rows | None = None
    for line in query.expressions:
        cells = line.expressions if isinstance(line, exp.Tuple) else [line]
        row = Rows(tuple((f"column{place}", value_of(cell, scope)) for place, cell in enumerate(cells, start=1)))
        found = row if found is None else stacked(found, row)
    return (found or Rows()).renamed(_aliases(query.args.get("alias")))


def _rows_of_select(select: exp.Select, scope: Scope) -> Rows:
    inner = scope_of_select(select, scope)
    columns, rests = [], []
    for item in select.expressions:
        starred = _starred(item, inner)
        if starred is None:
            columns.append((name_of(item), value_of(item, inner)))
            continue
        columns += starred.columns
        rests += [starred.rest] if starred.rest is not None else []
    return Rows(tuple(columns), union(rests) if rests else None)


def scope_of_select(select: exp.Select, scope: Scope) -> Scope:
    """What the names in a SELECT may mean."""
    inner = scope.inside()
    for window in select.args.get("windows") or []:
        inner.windows[written(window.this)] = window
    first = select.args.get("from_")
    for item in [first.this] if first is not None else []:
        _add(item, inner, scope)
    for item in select.args.get("joins") or []:
        _join(item, inner, scope)
    for item in select.args.get("laterals") or []:
        _add(item, inner, scope)
    return inner


def _starred(item: exp.Expr, scope: Scope) -> Rows | None:
    """The columns that ``*`` or ``t.*`` stands for; None if the item is neither."""
    if isinstance(item, exp.Star):
        return unknown("a star that leaves columns out isn't PostgreSQL's") if any(item.args.values()) else scope.star
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        alias = written(item.args["table"])
        return scope.rows_of(alias) or unknown(f"{alias}.* is of nothing in sight")
    if item.is_star:
        return Rows(rest=union([value_of(item, scope), gap("the fields of a composite value aren't known")]))
    return None


def _join(join: exp.Join, inner: Scope, around: Scope) -> None:
    using = join.args.get("using")
    natural = (join.args.get("method") or "").upper() == "NATURAL"
    shared = None if natural else [written(name.this if isinstance(name, exp.Column) else name) for name in using or []]
    if join.args.get("pivots"):
        inner.join([], unknown("a pivot isn't followed"))
    _add(join.this, inner, around, shared)


def _add(item: exp.Expr, inner: Scope, around: Scope, shared: Sequence[str] | None = ()) -> None:
    """Add what stands in FROM: ``inner`` is the query's own scope, ``around`` the one that it stands in."""
    alias = item.args.get("alias")
    name, columns = written(alias.this) if alias is not None and alias.this is not None else None, _aliases(alias)
    if item.args.get("pivots"):
        rows = unknown("a pivot isn't followed")
    elif isinstance(item, exp.Subquery) and isinstance(item.this, exp.Table):
        # Joins in brackets. Without an alias of their own, the tables in them keep theirs.
        bracket = around.inside()
        _add(item.this, bracket, around)
        if name is None:
            for join in item.args.get("joins") or []:
                _join(join, bracket, around)
            inner.join(bracket.sources, bracket.star, shared)
            inner.merged |= bracket.merged
            return
        rows = bracket.star
    elif isinstance(item, exp.Table) and isinstance(item.this, exp.Identifier):
        name, rows = name or written(item.this), _rows_of_table(item, around)
    elif isinstance(item, exp.Values):
        rows, columns = _rows_of_values(item, inner), []
    elif isinstance(item, exp.Lateral) and isinstance(item.this, exp.Query):
        rows = rows_of(item.this, inner)
    elif isinstance(item, exp.Query):
        rows = rows_of(item, around)
    else:
        rows, columns = _rows_of_function(item, name, columns, inner), []
    inner.join([(name or "", rows.renamed(columns))], rows.renamed(columns), shared)
    for join in item.args.get("joins") or []:
        _join(join, inner, around)


def _rows_of_table(table: exp.Table, scope: Scope) -> Rows:
    name, schema = written(table.this), table.args.get("db")
    if schema is None:
        return scope.ctes.get(name) or unknown(f"{name} isn't read by ref() or source()")
    found = scope.tables.get((written(schema), name))
    return found or unknown(f"{written(schema)}.{name} isn't read by ref() or source()")


def _rows_of_function(item: exp.Expr, alias: str | None, columns: Sequence[str], scope: Scope) -> Rows:
    """The rows of a function in FROM, each column of which comes from all that the function is given."""
    schema = item.args.get("db") if isinstance(item, exp.Table) else None
    if schema is not None:
        found = [value_of_call(written(schema), item.this, scope)]
    elif isinstance(item, exp.Table | exp.Lateral | exp.Unnest):
        parts = (part for part in parts_of(item) if not isinstance(part, exp.TableAlias | exp.Join))
        found = [value_of(part, scope) for part in parts]
    else:
        found = [value_of(item, scope)]
    # Two values at least, so that nothing of it passes for the document that the function was given.
    value = union([*found, NOTHING])
    names = columns or ([alias] if alias is not None else [])
    return Rows(tuple((name, value) for name in names), value)


def _aliases(alias: exp.Expr | None) -> list[str]:
    return [written(column) for column in (alias.args.get("columns") or [] if alias is not None else [])]
