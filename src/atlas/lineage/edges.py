"""The columns of every table of the project, and which columns each of them comes from."""

from __future__ import annotations

import csv
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

from atlas.lineage.project import EPHEMERAL_PREFIX
from atlas.lineage.query import rows_of_sql
from atlas.lineage.rows import NOTHING, WHOLE_RECORD, Origin, Rows, Value, gap, origin, union

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlas.lineage.project import Project


def trace(project: Project) -> dict[str, dict[str, Value]]:
    """What each column of each model and snapshot comes from, by unique id and column, one step back."""
    order = TopologicalSorter({id_: _parents(node, project) for id_, node in project.nodes.items()})
    tables: dict[str, Rows] = {}
    traced: dict[str, dict[str, Value]] = {}
    for id_ in order.static_order():
        node = project.nodes[id_]
        if node.resource_type == "source":
            tables[id_] = rows_of_source(node)
        elif node.resource_type == "seed":
            tables[id_] = _rows_of_seed(node, project)
        else:
            rows = _rows_of_node(node, project, tables)
            traced[id_] = _columns(rows, node)
            rest = gap(f"not all columns of {node.name} are known") if rows.possible() is not None else None
            tables[id_] = Rows(tuple((name, origin(id_, name)) for name in traced[id_]), rest)
    return traced


def _parents(node: Any, project: Project) -> list[str]:
    return [id_ for id_ in getattr(node, "depends_on_nodes", []) if id_ in project.nodes]


def rows_of_source(node: Any) -> Rows:
    """The columns of a source's table; of a landing table, what they hold of the record."""
    landing = node.config.meta.get("landing")
    if landing is None:
        columns = tuple((name, origin(node.unique_id, name)) for name in node.columns)
        return Rows(columns, gap(f"{node.source_name}.{node.name} may have columns that its YAML doesn't declare"))
    record = origin(node.unique_id, WHOLE_RECORD)
    fields = {name: origin(node.unique_id, name) for name in node.columns}
    operation = (landing.get("operation") or {}).get("field")
    return Rows(
        (
            # Made by the landing, whatever the record holds.
            ("batch_id", NOTHING),
            ("line", NOTHING),
            ("received_at", NOTHING),
            ("key", union([NOTHING, *(fields.get(name, record) for name in landing.get("key") or [])])),
            ("event_at", fields.get(landing.get("event_at"), record) if landing.get("event_at") else NOTHING),
            ("operation", fields.get(operation, record) if operation else NOTHING),
            ("payload", Value(record.origins, document=node.unique_id)),
            ("sha256", record),
        )
    )


def _rows_of_seed(node: Any, project: Project) -> Rows:
    with (project.root / node.original_file_path).open(encoding="utf-8-sig", newline="") as lines:
        names = next(csv.reader(lines, delimiter=node.config.get("delimiter") or ","), [])
    return Rows(tuple((name.strip(), origin(node.unique_id, name.strip())) for name in names))


def _rows_of_node(node: Any, project: Project, tables: Mapping[str, Rows]) -> Rows:
    failure = project.failures.get(node.unique_id)
    if failure is not None:
        return Rows(rest=gap(failure))
    readable: dict[tuple[str, str], Rows] = {}
    for id_ in _parents(node, project):
        parent = project.nodes[id_]
        if getattr(parent.config, "materialized", None) == "ephemeral":
            readable["", EPHEMERAL_PREFIX + parent.name] = tables[id_]
        else:
            readable[parent.schema, parent.identifier] = tables[id_]
    found = Rows()
    for sql in project.compiled.get(node.unique_id, ()):
        rows = _shaped(rows_of_sql(sql, readable), node)
        # The next way to build it may read what is there already.
        readable[node.schema, node.alias] = Rows(
            tuple((name, origin(node.unique_id, name)) for name, _ in rows.columns if name is not None), rows.rest
        )
        found = _either(found, rows)
    if not project.compiled.get(node.unique_id):
        return Rows(rest=gap(f"{node.language} isn't followed"))
    return found


def _shaped(rows: Rows, node: Any) -> Rows:
    """The table that the materialization makes of a query's rows."""
    if node.config.materialized == "scd2":
        return versions_of(rows, node.config)
    return snapshot_of(rows, node.config) if node.resource_type == "snapshot" else rows


def versions_of(rows: Rows, rules: Any) -> Rows:
    """The columns that ``scd2`` makes of change events (macros/scd2)."""
    key, moment = _names(rules.get("unique_key")), rules.get("updated_at")
    roles = {moment, *(rules.get(role) for role in ("operation", "sequence", "record_hash"))} - {None}
    tracked = _names(rules.get("check_cols", "all"))
    carried = [
        (name, value)
        for name, value in rows.columns
        if name is None or name in key or name not in roles or (tracked != ["all"] and name in tracked)
    ]
    at = _column(rows, moment)
    identity = union([*(_column(rows, name) for name in key), at])
    made = (("valid_from", at), ("valid_to", at), ("is_current", at), ("prev_to", at))
    return Rows((("version_key", identity), *carried, *made), rows.rest)


def snapshot_of(rows: Rows, rules: Any) -> Rows:
    """The columns that ``dbt snapshot`` makes of the rows that it finds."""
    declared = rules.get("snapshot_meta_column_names") or {}
    names = {
        column: (declared.get(column) if isinstance(declared, dict) else getattr(declared, column, None)) or column
        for column in ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted")
    }
    # By the strategy `check`, times are those of the runs.
    at = _column(rows, rules.get("updated_at")) if rules.get("strategy") == "timestamp" else NOTHING
    identity = union([NOTHING, *(_column(rows, name) for name in _names(rules.get("unique_key"))), at])
    made = [(names["dbt_scd_id"], identity)]
    made += [(names[column], at) for column in ("dbt_updated_at", "dbt_valid_from", "dbt_valid_to")]
    made += [(names["dbt_is_deleted"], NOTHING)] if rules.get("hard_deletes") == "new_record" else []
    return Rows((*rows.columns, *made), rows.rest)


def _names(declared: Any) -> list[str]:
    if declared is None:
        return []
    return [declared] if isinstance(declared, str) else list(declared)


def _column(rows: Rows, name: str) -> Value:
    # A key may also be an expression, which isn't looked into.
    return rows.exact(name) or rows.possible() or gap(f"its query has no column {name}")


def _either(one: Rows, other: Rows) -> Rows:
    """Rows of the one or of the other, column by column."""
    if not one.columns and one.rest is None:
        return other
    columns: dict[str | None, list[Value]] = {}
    for name, value in (*one.columns, *other.columns):
        columns.setdefault(name, []).append(value)
    rests = [rows.rest for rows in (one, other) if rows.rest is not None]
    return Rows(tuple((name, union(values)) for name, values in columns.items()), union(rests) if rests else None)


def _columns(rows: Rows, node: Any) -> dict[str, Value]:
    """By name, with those that the YAML declares and the query doesn't name; none comes from its own table."""
    columns: dict[str, list[Value]] = {}
    for name, value in rows.columns:
        if name is not None:
            columns.setdefault(name, []).append(value)
    for name, column in node.columns.items():
        if name not in columns and (column.quote or name.lower() not in columns):
            columns[name] = [rows.possible() or gap("its query has no such column")]
    return _without_itself({name: union(values) for name, values in columns.items()}, node.unique_id)


def _without_itself(columns: dict[str, Value], unique_id: str) -> dict[str, Value]:
    """Replace what comes from the node's own columns by what these come from."""
    return {name: union([_reached(columns, name, unique_id), NOTHING]) for name in columns}


def _reached(columns: Mapping[str, Value], name: str, unique_id: str) -> Value:
    origins: set[Origin] = set()
    gaps: set[str] = set()
    seen, waiting = {name}, [name]
    while waiting:
        value = columns.get(waiting.pop())
        if value is None:
            gaps.add("it comes from a column of its own that its query lacks")
            continue
        gaps |= value.gaps
        for one in value.origins:
            if one.relation != unique_id:
                origins.add(one)
            elif one.column not in seen:
                seen.add(one.column)
                waiting.append(one.column)
    return Value(frozenset(origins), frozenset(gaps))


def edges_of(columns: Iterable[tuple[str, Value]]) -> dict[str, list[str]]:
    """As they are written: ``unique_id:column``, and after a question mark why a column can't be followed."""
    return {
        name: sorted(f"{one.relation}:{one.column}" for one in value.origins)
        + sorted(f"? {reason}" for reason in value.gaps)
        for name, value in columns
    }
