"""Whether the partition rules that the database keeps are those that the project declares."""

from __future__ import annotations

from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError
from atlas.partitions import PartitionRule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from psycopg import Connection
    from psycopg.rows import TupleRow

    from atlas.sources import Source

# Those of pipeline and quality are the migrations'. A table that isn't there yet gets its rule when it is made.
KEPT = """
    select r.table_schema, r.table_name, r.granularity, r.ahead, r.keep
    from pipeline.partition_rules as r
    where
        r.table_schema in ('explore', 'chart', 'navigate_base')
        and to_regclass(format('%I.%I', r.table_schema, r.table_name)) is not null
    order by r.table_schema, r.table_name
"""


def rules_of_models(project: Path, places: list[str]) -> dict[str, PartitionRule]:
    """What the project's models declare, by schema and table, as dbt reads them.

    Args:
        project: the dbt project.
        places: options that say where dbt writes.

    Raises:
        UsageError: dbt can't read the project.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    directories = ("--project-dir", str(project), "--profiles-dir", str(project / "profiles"))
    silent = ("--log-level", "none", "--log-level-file", "none")
    parsed = dbtRunner().invoke([*silent, "parse", *directories, *places])
    if not parsed.success:
        raise UsageError("dbt can't read the project. It says why: dbt parse")
    manifest: Any = parsed.result
    return {
        f"{node.schema}.{node.alias}": PartitionRule(
            declared["granularity"], declared.get("ahead", 1), declared.get("keep")
        )
        for node in manifest.nodes.values()
        if node.resource_type == "model" and isinstance(declared := node.config.get("partition_by"), dict)
    }


def differences(
    connection: Connection[TupleRow], sources: Mapping[str, Source], models: Mapping[str, PartitionRule]
) -> Iterator[str]:
    """A sentence for each table whose kept rule isn't the declared one, with what brings it there."""
    landing = {f"explore.{source.landing_table}": source.partitions for source in sources.values()}
    declared = landing | dict(models)
    for schema, name, *rule in connection.execute(KEPT).fetchall():
        table = f"{schema}.{name}"
        kept = PartitionRule(*rule)
        if table not in declared:
            yield f"{table} keeps a rule that nothing declares any more"
        elif kept != declared[table]:
            mend = "atlas partitions" if table in landing else f"dbt run --select {name}"
            yield f"{table} is kept {_shown(kept)} and declared {_shown(declared[table])}. Run: {mend}"


def _shown(rule: PartitionRule) -> str:
    granularity, ahead, keep = astuple(rule)
    return f"by {granularity}, {ahead} ahead, keep {'all' if keep is None else keep}"
