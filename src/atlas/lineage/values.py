"""Which columns the value of an expression comes from."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from sqlglot import exp

from atlas.lineage.dialect import COMPUTING, QUALIFIED
from atlas.lineage.rows import NOTHING, Value, gap, origin, union

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atlas.lineage.scope import Scope

LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
# Made of the order of the rows, and of nothing else: a rank by salary tells of the salary.
RANKS = (exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile)
JSON_STEPS = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar, exp.Bracket)
JSON_PATHS = ("json_extract_path", "json_extract_path_text", "jsonb_extract_path", "jsonb_extract_path_text")
JSON_TYPES = (exp.DType.JSON, exp.DType.JSONB)
WITHOUT_VALUES = (exp.DataType, exp.Literal, exp.Star, exp.Null, exp.Boolean, exp.JSONPath)
NOT_FOLLOWED = (exp.Command, exp.Lambda, exp.Placeholder, exp.Parameter, exp.DML)


def value_of(node: exp.Expr, scope: Scope) -> Value:  # noqa: PLR0911, PLR0912 - a case each
    """What an expression that stands in ``scope`` is computed from."""
    if isinstance(node, exp.Column):
        return _value_of_column(node, scope)
    if isinstance(node, exp.Paren | exp.Alias):
        return value_of(node.this, scope)
    if isinstance(node, exp.Identifier | exp.Var):
        # A word of the language, mostly. If the parser took a column for one, it counts.
        name = written(node)
        return union([scope.unqualified(name), NOTHING]) if scope.knows(name) else NOTHING
    if isinstance(node, WITHOUT_VALUES):
        return NOTHING
    if isinstance(node, NOT_FOLLOWED) or (isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier)):
        return gap(f"{node.key} isn't followed")
    if isinstance(node, exp.Cast) and node.to.this in JSON_TYPES:
        return value_of(node.this, scope)
    if isinstance(node, exp.Exists):
        return _value_of_exists(node, scope)
    if isinstance(node, exp.Query):
        from atlas.lineage.query import rows_of  # noqa: PLC0415 - each needs the other

        return union([rows_of(node, scope).whole(), NOTHING])
    if isinstance(node, exp.Count):
        # How many, not which: its argument chooses what is counted, as a condition would.
        return NOTHING
    if isinstance(node, exp.Filter):
        return value_of(node.this, scope)
    if isinstance(node, exp.Window):
        return _value_of_window(node, scope)
    if isinstance(node, exp.Order) and node.this is not None:
        # array_agg(x order by y): the order chooses places, as ORDER BY does.
        return value_of(node.this, scope)
    if _takes_a_field(node) and (field := _field_of_record(node, scope)) is not None:
        return field
    return _value_of_parts(node, scope)


def _value_of_parts(node: exp.Expr, scope: Scope) -> Value:
    """What all parts of an expression are computed from, if that's all that the expression is computed from."""
    if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
        return value_of_call(written(node.this), node.expression, scope)
    found = [NOTHING, *(value_of(part, scope) for part in parts_of(node))]
    if isinstance(node, exp.Anonymous | exp.AnonymousAggFunc) and node.name.lower() not in COMPUTING:
        found.append(gap(f"{node.name.lower()}() isn't known to compute from its arguments alone"))
    return union(found)


def value_of_call(schema: str, function: exp.Expr, scope: Scope) -> Value:
    """The value of a function that is called with its schema."""
    found = [NOTHING, *(value_of(part, scope) for part in parts_of(function))]
    name = function.name.lower() if isinstance(function, exp.Anonymous) else function.key
    is_known = schema == "pg_catalog" if not isinstance(function, exp.Anonymous) else name in QUALIFIED.get(schema, ())
    return union(found if is_known else [*found, gap(f"{schema}.{name}() may read anything")])


def parts_of(node: exp.Expr) -> Iterator[exp.Expr]:
    """An expression's direct parts."""
    for part in node.args.values():
        for one in part if isinstance(part, list) else [part]:
            if isinstance(one, exp.Expr):
                yield one


def written(identifier: exp.Expr) -> str:
    """A name as PostgreSQL has it: its ASCII letters in lower case, unless it was quoted."""
    inner = identifier.args.get("this")
    if isinstance(inner, exp.Identifier):
        return written(inner)
    return identifier.name if identifier.args.get("quoted") else identifier.name.translate(LOWER)


def name_of(item: exp.Expr) -> str | None:
    """The name of a column in a SELECT; None where PostgreSQL makes one up."""
    if isinstance(item, exp.Alias):
        return written(item.args["alias"])
    if isinstance(item, exp.Column):
        return written(item.this)
    if isinstance(item, exp.Paren) or (isinstance(item, exp.Cast) and isinstance(item.this, exp.Column)):
        return name_of(item.this)
    return None


def _value_of_column(column: exp.Column, scope: Scope) -> Value:
    if isinstance(column.this, exp.Star):
        rows = scope.rows_of(written(column.args["table"])) if column.args.get("table") else scope.star
        return rows.whole() if rows is not None else gap("a star of nothing in sight")
    name, table = written(column.this), column.args.get("table")
    return scope.unqualified(name) if table is None else scope.qualified(written(table), name)


def _value_of_exists(node: exp.Exists, scope: Scope) -> Value:
    """It is no more than its condition, which counts here, as that of CASE does."""
    from atlas.lineage.query import scope_of_select  # noqa: PLC0415 - each needs the other

    query = node.this.unnest() if isinstance(node.this, exp.Subquery) else node.this
    if not isinstance(query, exp.Select) or any(query.args.get(key) for key in ("with_", "group", "having")):
        return gap("such an EXISTS isn't followed")
    inner = scope_of_select(query, scope)
    conditions = [query.args.get("where"), *(join.args.get("on") for join in query.args.get("joins") or [])]
    return union([NOTHING, *(value_of(condition, inner) for condition in conditions if condition is not None)])


def _value_of_window(window: exp.Window, scope: Scope) -> Value:
    """The function's value. Which rows it looks at, partition and order choose."""
    function = window.this
    while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
        function = function.this
    found = [NOTHING, value_of(window.this, scope)]
    if isinstance(function, RANKS):
        named: exp.Window | None = window
        while named is not None:
            order = named.args.get("order")
            found += [value_of(key, scope) for key in order.expressions] if order is not None else []
            alias = named.args.get("alias")
            named = scope.windows.get(written(alias)) if alias is not None else None
    return union(found)


def _takes_a_field(node: exp.Expr) -> bool:
    return isinstance(node, JSON_STEPS) or (isinstance(node, exp.Anonymous) and node.name.lower() in JSON_PATHS)


def _field_of_record(node: exp.Expr, scope: Scope) -> Value | None:
    """The one field of a landed record that is taken here; None if it isn't one, or not by its name."""
    document, *keys = node.expressions if isinstance(node, exp.Anonymous) else [node.this]
    record = value_of(document, scope)
    field = _first_key(node, keys)
    return None if record.document is None or field is None else origin(record.document, field)


def _first_key(node: exp.Expr, keys: Sequence[exp.Expr]) -> str | None:
    if isinstance(node, exp.Bracket | exp.Anonymous):
        key = (keys or node.expressions)[0]
        return key.name if isinstance(key, exp.Literal) and key.is_string else None
    path = node.args.get("expression")
    if isinstance(path, exp.JSONPath):
        keys = [part for part in path.expressions if not isinstance(part, exp.JSONPathRoot)]
        return keys[0].this if keys and isinstance(keys[0], exp.JSONPathKey) and isinstance(keys[0].this, str) else None
    # payload #>> '{address,city}'
    if isinstance(path, exp.Literal) and path.is_string and path.name[:1] == "{" and path.name[-1:] == "}":
        first = path.name[1:-1].split(",")[0].strip()
        return first if first and not set(first) & set('"\\{}') else None
    return None
