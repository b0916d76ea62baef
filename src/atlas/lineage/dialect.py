"""PostgreSQL's SQL, with no other dialect's functions."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from sqlglot.dialects.postgres import Postgres
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.tokenizer_core import TokenType

# PostgreSQL's own functions whose values come from their arguments, and from the clock or the session at most. Others
# may read tables, so what they give can't be followed.
CATALOGUED = frozenset(Path(__file__).with_name("computing_functions.txt").read_text(encoding="utf-8").split())
# What looks like a function and is grammar.
GRAMMAR = frozenset(
    (
        *("array", "cast", "coalesce", "extract", "greatest", "grouping", "least", "nullif", "overlay", "position"),
        *("row", "substring", "trim", "xmlagg", "xmlelement", "xmltable"),
        *("json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar"),
        *("json_serialize", "json_table", "json_value"),
    )
)
COMPUTING = CATALOGUED | GRAMMAR
# Functions that may be called with their schema; Atlas's own compute from their arguments, or from a setting, alone.
QUALIFIED = {"compliance": frozenset({"has_clearance", "pseudonym_pad"}), "pg_catalog": CATALOGUED}


class PostgresAsItIsParser(PostgresParser):
    """sqlglot's parser, without what PostgreSQL doesn't have."""

    # A name that PostgreSQL doesn't know is somebody's own function, whatever it means to other databases.
    FUNCTIONS: ClassVar = {name: build for name, build in PostgresParser.FUNCTIONS.items() if name.lower() in COMPUTING}
    FUNCTION_PARSERS: ClassVar = {
        name: parse for name, parse in PostgresParser.FUNCTION_PARSERS.items() if name.lower() in COMPUTING
    }
    # f(payload -> 'x') takes a field; to other databases it is a function that is given to f.
    LAMBDAS: ClassVar = {token: parse for token, parse in PostgresParser.LAMBDAS.items() if token != TokenType.ARROW}


class PostgresAsItIs(Postgres):
    """sqlglot's PostgreSQL, by that parser."""

    Parser = PostgresAsItIsParser
