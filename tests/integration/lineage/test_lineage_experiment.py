"""Lineage against the database: what a value changes with, it must be said to come from.

Queries are made up. For each column of the tables, its values are changed and the query is run again: the columns of
the result that differ come from it, whatever else is true. Rows are chosen by columns that never change, since
conditions aren't followed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import psycopg
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql

from atlas.lineage.query import rows_of_sql
from atlas.lineage.rows import NOTHING, Origin, Rows, Value, origin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.rows import TupleRow

TABLES = """
create schema t;
create table t.a (k int, p text, q int);
create table t.b (k int, p text, s text);
create table t.raw (k int, payload jsonb);
insert into t.a select n, 'p' || n, n * 3 from generate_series(1, 5) as n;
insert into t.b select n, 'b' || n, 's' || n % 3 from generate_series(1, 5) as n;
insert into t.raw select n, jsonb_build_object('f', 'f' || n, 'g', n, 'l', jsonb_build_array('x' || n, 'y'))
from generate_series(1, 5) as n;
"""
KNOWN = {
    ("t", "a"): Rows((("k", NOTHING), ("p", origin("a", "p")), ("q", origin("a", "q")))),
    ("t", "b"): Rows((("k", NOTHING), ("p", origin("b", "p")), ("s", origin("b", "s")))),
    ("t", "raw"): Rows((("k", NOTHING), ("payload", Value(origin("raw", "*").origins, document="raw")))),
}
CHANGES = {
    Origin("a", "p"): "update t.a set p = p || 'changed' || k",
    Origin("a", "q"): "update t.a set q = (q * 7 + 5) % 11",
    Origin("b", "p"): "update t.b set p = 'changed' || p",
    Origin("b", "s"): "update t.b set s = s || 'changed' || k",
    Origin("raw", "f"): "update t.raw set payload = payload || jsonb_build_object('f', 'changed' || k)",
    Origin("raw", "g"): "update t.raw set payload = payload || jsonb_build_object('g', (k * 7 + 5) % 11)",
    Origin("raw", "l"): "update t.raw set payload = payload || jsonb_build_object('l', jsonb_build_array('z', k))",
}
LEAVES = (
    "select k, p as c0, q as c1 from t.a",
    "select k, s as c0, length(p) as c1 from t.b",
    "select k, payload ->> 'f' as c0, (payload ->> 'g')::int as c1 from t.raw",
    "select k, payload #>> '{l,0}' as c0, jsonb_array_length(payload -> 'l') as c1 from t.raw",
    "select raw.k, item.value as c0, item.place::int as c1 from t.raw cross join"
    " jsonb_array_elements_text(payload -> 'l') with ordinality as item (value, place)",
    "select k, c0, c1 from (t.a natural join (select k, s as c0 from t.b) as x) inner join lateral"
    " (select a.q + k as c1) as y on true",
    "select k, to_jsonb(t) ->> 'p' as c0, q as c1 from t.a as t",
)


class Asked(NamedTuple):
    """A result: by column, its values in an order of their own."""

    columns: dict[str, list[str]]


@st.composite
def texts(draw: st.DrawFn, columns: tuple[str, ...], depth: int = 2) -> str:
    """An expression of text over relations x, and y where there is one, whose columns are k, c0 and c1."""
    leaf = st.sampled_from([f"{alias}.c0" for alias in columns] + ["cast('constant' as text)"])
    if depth == 0:
        return draw(leaf)
    text, number = texts(columns, depth - 1), numbers(columns, depth - 1)
    forms = [
        leaf,
        st.builds("upper({})".format, text),
        st.builds("({} || {})".format, text, text),
        st.builds("coalesce({}, {})".format, text, text),
        st.builds("case when {} > 4 then {} else {} end".format, number, text, text),
        st.builds("case {} when 'p1' then {} end".format, text, text),
        st.builds("cast({} as text)".format, number),
        st.builds("(jsonb_build_object('a', {}) ->> 'a')".format, text),
        st.builds("(select max(z.s || {}) from t.b as z where z.k = x.k)".format, leaf),
        st.builds("(array[{}, {}])[1]".format, text, text),
        st.builds("greatest({}, {})".format, text, text),
        st.builds("md5({})".format, text),
        st.builds("first_value({}) over (partition by x.k % 2 order by x.k)".format, leaf),
        st.builds("cast(exists (select 1 from t.b as z where z.p < {}) as text)".format, leaf),
        st.builds("cast({} in (select z.p from t.b as z) as text)".format, text),
    ]
    return draw(st.one_of(forms))


@st.composite
def numbers(draw: st.DrawFn, columns: tuple[str, ...], depth: int = 2) -> str:
    """An expression of integers, likewise."""
    leaf = st.sampled_from([f"{alias}.c1" for alias in columns] + ["2"])
    if depth == 0:
        return draw(leaf)
    text, number = texts(columns, depth - 1), numbers(columns, depth - 1)
    forms = [
        leaf,
        st.builds("({} + {})".format, number, number),
        st.builds("length({})".format, text),
        st.builds("cast({} < {} as int)".format, number, number),
        st.builds("cast(({} is distinct from {}) as int)".format, text, text),
        st.builds("cast(rank() over (order by {}, x.k) as int)".format, leaf),
        st.builds("coalesce(lag({}) over w, 0)".format, leaf),
        st.builds("position('c' in {})".format, text),
    ]
    return draw(st.one_of(forms))


def queries(depth: int = 2) -> st.SearchStrategy[str]:
    """Queries with the columns k, c0 and c1."""
    leaf = st.sampled_from(LEAVES)
    if depth == 0:
        return leaf
    one, text, number = queries(depth - 1), texts(("x",)), numbers(("x",))
    both = ("x", "y")
    return st.one_of(
        leaf,
        st.builds("select * from ({}) as x".format, one),
        st.builds("({}) union all ({})".format, one, one),
        st.builds(
            "with x as ({}), y (k, c0, c1) as ({}) select k, {} as c0, {} as c1 from x inner join y using (k)"
            " window w as (partition by k order by x.k)".format,
            *(one, one, texts(both), numbers(both)),
        ),
        st.builds("select k, max(c0) as c0, sum(c1)::int as c1 from ({}) as x (k, c0, c1) group by k".format, one),
        st.builds(
            "with recursive r as (select * from ({}) as x union all select k - 10, c0 || c1, length(c0) from r"
            " where k > 0) select * from r".format,
            one,
        ),
        st.builds(
            "select x.k, y.c0, y.c1 from ({}) as x cross join lateral (select {} as c0, x.c1) as y".format,
            *(one, texts(("x",), 1)),
        ),
        st.builds(
            "with x as ({}) select x.k, {} as c0, {} as c1 from x where x.k <> 3 window w as (order by x.k)".format,
            *(one, text, number),
        ),
    )


@pytest.fixture(scope="module")
def tables(server_url: str, drop_database: Callable[[str], None]) -> Iterator[psycopg.Connection[TupleRow]]:
    name = f"atlas_test_experiment_{os.getpid()}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    with psycopg.connect(urlsplit(server_url)._replace(path=f"/{name}").geturl(), autocommit=True) as connection:
        connection.execute(TABLES)
        yield connection
    drop_database(name)


def ask(connection: psycopg.Connection[TupleRow], query: str) -> Asked:
    with connection.cursor() as cursor:
        found = cursor.execute(f"select * from ({query}) as asked").fetchall()
        names = [column.name for column in cursor.description or []]
    return Asked(
        {name: sorted(map(repr, values)) for name, values in zip(names, zip(*found, strict=True), strict=True)}
    )


def depends_on(connection: psycopg.Connection[TupleRow], query: str) -> dict[str, set[Origin]]:
    """By column of the result, the columns with which it changed."""
    before = ask(connection, query).columns
    found: dict[str, set[Origin]] = {name: set() for name in before}
    for column, change in CHANGES.items():
        with connection.transaction(force_rollback=True):
            connection.execute(change)
            after = ask(connection, query).columns
        for name in before:
            if before[name] != after[name]:
                found[name].add(column)
    return found


# A query that fails says enough; a smaller one takes minutes to find.
@settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(query=queries())
def test_what_a_value_changes_with_it_comes_from(tables: psycopg.Connection[TupleRow], query: str) -> None:
    followed = dict(rows_of_sql(query, KNOWN).columns)
    for name, changed in depends_on(tables, query).items():
        value = followed[name]
        assert not value.gaps, (query, name, value.gaps)
        whole = {column for column in CHANGES if Origin(column.relation, "*") in value.origins}
        assert changed <= value.origins | whole, (query, name)


def test_the_experiment_finds_what_lineage_could_forget(tables: psycopg.Connection[TupleRow]) -> None:
    query = "select k, case when q > 4 then p end as c from t.a"
    assert depends_on(tables, query) == {"k": set(), "c": {Origin("a", "p"), Origin("a", "q")}}
