"""What the tests of facts share: a project with a dimension and facts that take its versions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import psycopg
from history_support import START, THING_RULES, THINGS, Event, Project, arrive, is_of_transaction, things_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg.rows import TupleRow

    Connection = psycopg.Connection[TupleRow]

NOBODY = "placeholder"
RULES = THING_RULES | {
    "placeholder": {"thing": "", "part": "", "colour": "(unknown)", "size": 0, "is_placeholder": True},
}
THINGS_QUERY = things_query().replace(" from ", ", false as is_placeholder from ")
SALES = "create table explore.sales (sale integer, thing text, part text, sold_at timestamptz, price integer)"
VERSION_KEYS = (
    "{'thing_version_key': {'dimension': 'dim_thing', 'key': {'thing': 'thing', 'part': 'part'}, 'at': 'sold_at'}}"
)
FACTS = """
{{ config(
    materialized='incremental', incremental_strategy='append', indexes=[{'columns': ['thing', 'part']}],
    version_keys=VERSION_KEYS
) }}
select
    sales.*,
    1 / sales.price as price_is_not_zero,
    coalesce(things.version_key, {{ placeholder_key() }}) as thing_version_key
from explore.sales as sales
left outer join {{ ref('dim_thing') }} as things
    on {{ version_at('things', {'thing': 'sales.thing', 'part': 'sales.part'}, 'sales.sold_at') }}
{% if is_incremental() %}
where not exists (select 1 from {{ this }} as held where held.sale = sales.sale)
{% endif %}
"""
HELD = """
    select
        fact.sale,
        case when thing.is_placeholder then 'placeholder' else thing.colour end as colour,
        fact.xmin::text, fact.ctid::text
    from history.fct_sale as fact
    left outer join history.dim_thing as thing on fact.thing_version_key = thing.version_key
    order by fact.sale
"""


class Fact(NamedTuple):
    """What a fact took, and the place of its row, which changes when the row is written."""

    colour: str | None
    place: tuple[str, str]


class Replay(NamedTuple):
    """What dbt ran for an increment of the dimension and of the facts, to be run again without its start."""

    dimension: list[str]
    facts: list[str]

    def read(self, db: Connection, events: Iterable[Event] = ()) -> None:
        """Let the dimension read these events."""
        arrive(db, events)
        with db.transaction():
            for statement in self.dimension:
                db.execute(statement)

    def build(self, db: Connection) -> None:
        """Re-point the facts, and read new ones."""
        db.execute("discard temp")
        with db.transaction():
            for statement in self.facts:
                db.execute(statement)

    def empty(self, db: Connection) -> None:
        """Forget all events and facts, and what is told of them."""
        db.execute("truncate history.dim_thing__events, history.fct_sale, explore.sales")
        db.execute("delete from history.dim_thing where not is_placeholder")
        db.execute("delete from history.dim_thing__changes where scd2_changed_from is not null")


def set_up(project: Project, db: Connection) -> None:
    """A dimension and facts that aren't built yet."""
    db.execute("drop schema if exists history cascade; drop table if exists explore.thing_events, explore.sales")
    db.execute(THINGS)
    db.execute(SALES)
    project_file = project.path / "dbt_project.yml"
    hooks = 'pre-hook: ["{{ claim_batches() }}", "{{ repoint_facts() }}"]'
    project_file.write_text(project_file.read_text().replace('pre-hook: "{{ claim_batches() }}"', hooks))
    project.write_model("dim_thing", THINGS_QUERY, RULES)
    write_facts(project)


def write_facts(project: Project, version_keys: str = VERSION_KEYS) -> None:
    """Declare the facts."""
    (project.path / "models" / "fct_sale.sql").write_text(FACTS.replace("VERSION_KEYS", version_keys))


def record(project: Project, db: Connection) -> Replay:
    """Let dbt build the dimension and the facts, and then an increment, and keep what it ran for that."""
    arrive(db, [Event("z", 0, colour="red")])
    sell(db, (0, "z", 1))
    project.build()
    arrive(db, [Event("z", 1, colour="blue")])
    statements = project.build().statements
    ran = {name: [s for s in statements[name] if not is_of_transaction(s)] for name in ("dim_thing", "fct_sale")}
    assert any("scd2_changed_from <=" in statement for statement in ran["fct_sale"])
    return Replay(ran["dim_thing"], ran["fct_sale"])


def sell(db: Connection, *sales: tuple[int, str | None, float | None]) -> None:
    """Number, thing and day of each sale, days after START."""
    for sale, thing, day in sales:
        moment = None if day is None else START + timedelta(days=day)
        db.execute("insert into explore.sales values (%s, %s, 'p', %s, 1)", [sale, thing, moment])


def facts(db: Connection) -> dict[int, Fact]:
    """By number, what each fact took."""
    return {row[0]: Fact(row[1], (row[2], row[3])) for row in db.execute(HELD).fetchall()}


def colours(db: Connection) -> dict[int, str | None]:
    """By number, the colour that each fact's thing had."""
    return {sale: fact.colour for sale, fact in facts(db).items()}


def rewritten(before: dict[int, Fact], after: dict[int, Fact]) -> set[int]:
    """Facts whose rows were written since."""
    return {sale for sale, fact in after.items() if sale in before and before[sale].place != fact.place}


def told(db: Connection) -> int:
    """How many timelines the facts have still to look at."""
    query = "select count(*) from history.dim_thing__changes where scd2_changed_from is not null"
    return int(db.execute(query).fetchall()[0][0])
