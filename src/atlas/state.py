"""The state of the platform: what has arrived, what ran, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from atlas.partitions import read_partitions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.sources import Source

SOURCES = """
    select
        b.system || '.' || b.entity as source,
        count(*) filter (where b.outcome = 'landed') as batches,
        count(*) filter (where b.outcome = 'refused') as refused,
        sum(b.accepted)::bigint as accepted,
        max(b.received_at) filter (where b.outcome = 'landed') as last_received_at,
        (
            select count(*)
            from explore.quarantine as q
            inner join explore.batches as of_source on of_source.batch_id = q.batch_id
            where
                q.part = 0 and q.resolved_at is null
                and of_source.system = b.system and of_source.entity = b.entity
        ) as waiting_in_quarantine
    from explore.batches as b
    group by b.system, b.entity
    order by 1
"""
RUNS = """
    select
        r.started_at, r.pipeline,
        -- Who runs holds a lock (see runs.py). A run that was killed ended nobody knows when.
        case
            when r.status = 'running' and pg_try_advisory_xact_lock(hashtextextended('atlas run ' || r.run_id::text, 0))
                then 'interrupted'
            else r.status
        end as status,
        case
            when r.status <> 'interrupted' then extract(epoch from r.finished_at - r.started_at)::numeric(12, 1)
        end as seconds,
        count(t.task) filter (where t.status = 'succeeded') as succeeded,
        count(t.task) filter (where t.status = 'warned') as warned,
        count(t.task) filter (where t.status = 'failed') as failed,
        r.message
    from pipeline.pipeline_runs as r
    left join pipeline.task_runs as t on t.run_id = r.run_id
    group by r.run_id
    order by r.started_at desc
    limit 5
"""
FAILED_TASKS = """
    select t.task, t.message
    from pipeline.task_runs as t
    where
        t.status = 'failed'
        and t.run_id = (select r.run_id from pipeline.pipeline_runs as r order by r.started_at desc limit 1)
    order by t.task
"""
CHECKPOINTS = """
    select collector, scope, updated_at from pipeline.checkpoints order by collector, scope
"""
# What a model reads is known by what it has read. One that is gone from the database waits for nothing.
READERS = """
    with feeds as (
        select r.model, b.system, b.entity, count(*) as batches_read
        from pipeline.batches_read as r
        inner join explore.batches as b on b.batch_id = r.batch_id
        group by r.model, b.system, b.entity
    )

    select
        split_part(f.model, '.', 3) as model, f.system || '.' || f.entity as source, f.batches_read,
        waiting.batches_waiting, waiting.records_waiting, waiting.waiting_since
    from feeds as f
    cross join lateral (
        select
            count(*) as batches_waiting, coalesce(sum(b.accepted), 0)::bigint as records_waiting,
            min(b.received_at) as waiting_since
        from explore.batches as b
        where
            b.system = f.system and b.entity = f.entity and b.outcome = 'landed'
            and not exists (select from pipeline.batches_read as r where r.model = f.model and r.batch_id = b.batch_id)
    ) as waiting
    where exists (
        select
        from pg_catalog.pg_class as c
        where
            c.relname = split_part(f.model, '.', 3)
            and c.relnamespace in (to_regnamespace('chart'), to_regnamespace('navigate_base'))
    )
    order by waiting.batches_waiting desc, 1, 2
"""


@dataclass(frozen=True)
class State:
    """What ``atlas status`` shows; each list holds rows by column name."""

    sources: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    failed_tasks: list[dict[str, Any]]
    checkpoints: list[dict[str, Any]]
    readers: list[dict[str, Any]]
    partitions: list[dict[str, Any]]


def read_state(connection: Connection[TupleRow], sources: Mapping[str, Source]) -> State:
    """Read the platform's state; ``sources`` are those that the project declares."""
    return State(
        sources=rows(connection, SOURCES),
        runs=rows(connection, RUNS),
        failed_tasks=rows(connection, FAILED_TASKS),
        checkpoints=rows(connection, CHECKPOINTS),
        readers=rows(connection, READERS),
        partitions=[
            {"table": table.table, "complaint": complaint}
            for table in read_partitions(connection, sources)
            for complaint in table.complaints
        ],
    )


def read_mart(connection: Connection[TupleRow], name: str, order_by: str, limit: int) -> list[dict[str, Any]]:
    """The first rows of a mart in ``navigate``, the largest of ``order_by`` first."""
    query = sql.SQL("select * from navigate.{} order by {} desc limit {}").format(
        sql.Identifier(name), sql.Identifier(order_by), limit
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def rows(connection: Connection[TupleRow], query: str) -> list[dict[str, Any]]:
    """The rows of one of this module's queries, by column name."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(sql.SQL(query)).fetchall()
