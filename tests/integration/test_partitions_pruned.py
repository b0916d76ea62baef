"""Readers of the project's own tables look into the partitions that they need, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from landing_support import atlas
from partition_support import spans
from psycopg.rows import TupleRow

from atlas.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlas.settings import Settings

Connection = psycopg.Connection[TupleRow]


def read_by(connection: Connection, query: str) -> set[str]:
    """The tables that a query really reads: not those that are pruned, be it when it is planned or when it runs."""

    def walk(node: dict[str, Any]) -> Iterator[str]:
        if "Relation Name" in node and node["Actual Loops"] > 0:
            yield node["Relation Name"]
        for child in node.get("Plans", []):
            yield from walk(child)

    (plans,) = connection.execute(f"explain (analyze, format json) {query}").fetchall()[0]
    return set(walk(plans[0]["Plan"]))


@pytest.fixture
def built(settings: Settings, environment: dict[str, str], project: Path) -> None:
    """A project with a delivery and with five years of partitions."""
    with connect(settings) as connection:
        connection.execute("select explore.create_landing_table('crm', 'customers')")
        connection.execute(
            "select pipeline.ensure_partitions('explore.raw_crm__customers', 'month',"
            " array(select generate_series('2021-01-01', now(), '1 month')))"
        )
    delivery = project / "samples" / "crm.customers" / "2025-03-03.ndjson"
    assert atlas(environment, "land", "crm.customers", delivery).returncode == 0
    built = atlas(environment, "build", "--select", "+customer_changes", "+fct_commit")
    assert built.returncode == 0, built.stdout.decode()
    with connect(settings) as connection:
        connection.execute(
            "select pipeline.ensure_partitions('navigate_base.fct_commit', 'year',"
            " array(select generate_series('2005-01-01', now(), '1 year')))"
        )


@pytest.mark.usefixtures("built")
def test_readers_prune(connection: Connection, environment: dict[str, str]) -> None:
    present = connection.execute("select tableoid::regclass::text from explore.raw_crm__customers limit 1").fetchall()
    landing = {name.removeprefix("explore.") for name in spans(connection, "explore.raw_crm__customers")}
    assert len(landing) > 60

    # By people, of the typed view.
    recent = "select count(*) from explore.crm__customers where _received_at between now() - interval '1 day' and now()"
    assert {f"explore.{name}" for name in read_by(connection, recent) & landing} == {present[0][0]}

    # By an increment, as dbt ran it: the batches that it has claimed.
    (compiled,) = _compiled(environment, "customer_changes.sql")
    connection.execute("set jit = off")
    assert {f"explore.{name}" for name in read_by(connection, compiled) & landing} == {present[0][0]}
    connection.execute("delete from pipeline.batches_read")
    assert read_by(connection, compiled) & landing == set(), "nothing is claimed"

    # Of a fact, by its view.
    of_years = "select count(*) from navigate.fct_commit where committed_on between '2014-06-01' and '2015-03-01'"
    assert read_by(connection, of_years) == {"fct_commit_2014", "fct_commit_2015"}


def _compiled(environment: dict[str, str], name: str) -> list[str]:

    return [path.read_text() for path in (Path(environment["DBT_TARGET_PATH"]) / "compiled").rglob(name)]
