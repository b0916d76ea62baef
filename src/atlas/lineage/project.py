"""The dbt project as lineage needs it: parsed and compiled, with no database."""

from __future__ import annotations

import copy
import itertools
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError
from atlas.lineage.context import FLAG_WORDS, FLAGS, unsteady

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Snapshots and models have SQL; what a seed holds is a file's, and a source's is declared.
COMPILED = ("model", "snapshot")
EPHEMERAL_PREFIX = "__dbt__cte__"


@dataclass(frozen=True)
class Project:
    """A dbt project.

    Attributes:
        root: the directory with ``dbt_project.yml``.
        nodes: models, snapshots, seeds and sources, as dbt has them, by unique id.
        compiled: of models and snapshots, the SQL: as it is on the first build, and on a later one, by dbt's flags.
        failures: of those whose SQL can't be known without a database or a run, why.
        fingerprints: of models and snapshots, what a build compares (the macro ``lineage_fingerprint``).
        least: of columns, by unique id and name, what a test of them doesn't let them fall below.
    """

    root: Path
    nodes: dict[str, Any]
    compiled: dict[str, tuple[str, ...]]
    failures: dict[str, str]
    fingerprints: dict[str, str]
    least: dict[tuple[str, str], float] = field(default_factory=dict)

    def name(self, unique_id: str) -> str:
        """What people call it: ``dim_customer``, or ``crm.customers`` for a source."""
        node = self.nodes.get(unique_id)
        if node is None:
            return unique_id
        return f"{node.source_name}.{node.name}" if node.resource_type == "source" else str(node.name)

    def file_of_columns(self, unique_id: str) -> str:
        """The YAML file that declares the columns, else the file with the SQL, from the project's root."""
        node = self.nodes[unique_id]
        declared = (getattr(node, "patch_path", None) or "").partition("://")[2]
        return declared or str(node.original_file_path)


def load_project(root: Path) -> Project:
    """Parse and compile the project in ``root``.

    No connection is opened: what is true must not depend on which tables somebody's database happens to have.

    Raises:
        UsageError: dbt can't parse the project.
    """
    from dbt.adapters.factory import get_adapter_by_type  # noqa: PLC0415 - takes seconds
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="atlas-lineage-") as scratch:
        places = ("--target-path", f"{scratch}/target", "--log-path", f"{scratch}/logs", "--no-partial-parse")
        directories = ("--project-dir", str(root), "--profiles-dir", str(root / "profiles"))
        outcome = dbtRunner().invoke(["--log-level", "none", "--no-write-json", "parse", *directories, *places])
    if outcome.exception is not None or outcome.result is None:
        reason = " ".join(str(outcome.exception).split())[:1_000]
        raise UsageError(f"dbt can't parse the project. {reason}")
    manifest: Any = outcome.result
    adapter: Any = get_adapter_by_type("postgres")  # type: ignore[no-untyped-call]
    found = (*manifest.nodes.values(), *manifest.sources.values())
    nodes = {node.unique_id: node for node in found if node.resource_type in {*COMPILED, "seed", "source"}}
    facts = adapter.execute_macro("lineage_fingerprints", macro_resolver=manifest)
    with_sql = [node for node in nodes.values() if _has_sql(node)]
    compiled, failures = _compile(manifest, adapter, with_sql, facts)
    fingerprints = {id_: fact["fingerprint"] for id_, fact in facts.items()}
    failures |= _unsteady(manifest, with_sql, facts)
    return Project(root, nodes, compiled, failures, fingerprints, dict(_least(manifest)))


def _has_sql(node: Any) -> bool:
    return node.resource_type in COMPILED and node.language == "sql"


def _least(manifest: Any) -> Iterator[tuple[tuple[str, str], float]]:
    """What ``accepted_range`` guarantees: of all rows, and as an error."""
    for node in manifest.nodes.values():
        test = getattr(node, "test_metadata", None)
        if test is None or test.name != "accepted_range" or not node.attached_node or not node.column_name:
            continue
        least, rules = test.kwargs.get("min_value"), node.config
        is_strict = rules.severity.upper() == "ERROR" and rules.error_if == "!= 0" and not (rules.where or rules.limit)
        if is_strict and type(least) in {int, float}:
            yield (node.attached_node, node.column_name), least


def _compile(
    manifest: Any, adapter: Any, nodes: list[Any], facts: Mapping[str, Any]
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Compile each node twice: with no table there and with all of them, since incremental models then differ.

    Code that asks for dbt's flags is compiled with each of them off and on.
    """
    from dbt.compilation import Compiler  # noqa: PLC0415
    from dbt_common.exceptions import DbtBaseException  # noqa: PLC0415

    compiler: Any = Compiler(adapter.config)
    compiled: dict[str, tuple[str, ...]] = {}
    failures: dict[str, str] = {}
    for relations in ((), tuple(_relations(manifest, adapter))):
        adapter.cache.clear()
        adapter.cache.update_schemas({(node.database, node.schema) for node in nodes})
        for relation in relations:
            adapter.cache.add(relation)
        for node, values in itertools.product(nodes, itertools.product((False, True), repeat=len(FLAGS))):
            code = "\n".join((node.raw_code, *facts[node.unique_id]["macros"].values()))
            if any(values) and not any(word in code for word in FLAG_WORDS):
                continue
            try:
                with _flags(dict(zip(FLAGS, values, strict=True))):
                    sql = compiler.compile_node(copy.deepcopy(node), manifest, {}, write=False).compiled_code
            except DbtBaseException as error:
                reason = " ".join(str(error).split())[:200]
                failures[node.unique_id] = f"its SQL can't be compiled without a database: {reason}"
            else:
                known = compiled.get(node.unique_id, ())
                compiled[node.unique_id] = known if sql in known else (*known, sql)
    adapter.cache.clear()
    return compiled, failures


def _unsteady(manifest: Any, nodes: list[Any], facts: Mapping[str, Any]) -> dict[str, str]:
    names = {name for macro in manifest.macros.values() for name in (macro.name, macro.package_name)}
    found = {
        node.unique_id: unsteady(node.raw_code, fact["macros"], names, fact["held"])
        for node in nodes
        for fact in (facts[node.unique_id],)
    }
    return {id_: reason for id_, reason in found.items() if reason is not None}


@contextmanager
def _flags(values: Mapping[str, bool]) -> Iterator[None]:
    """Let Jinja's ``flags`` have these."""
    from dbt import flags  # noqa: PLC0415

    before: Any = flags.get_flags()  # type: ignore[no-untyped-call]
    changed = copy.copy(before)
    for name, value in values.items():
        object.__setattr__(changed, name, value)
    flags.set_flags(changed)  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        flags.set_flags(before)  # type: ignore[no-untyped-call]


def _relations(manifest: Any, adapter: Any) -> Iterator[Any]:
    for node in manifest.nodes.values():
        if node.resource_type in {*COMPILED, "seed"} and node.config.materialized != "ephemeral":
            kind = "view" if node.config.materialized == "view" else "table"
            yield adapter.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type=kind)


def column_of(node: Any, name: str) -> Any:
    """What the YAML declares of the column that the database names so; None if nothing.

    Names that aren't quoted are what the database makes of them: lower case.
    """
    if name in node.columns:
        return node.columns[name]
    spellings = (column for column in node.columns.values() if not column.quote and column.name.lower() == name)
    return next(spellings, None)
