"""What the dbt project declares of its columns, and what was found that it doesn't declare."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.build import places
from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlas.scan.patterns import Term
    from atlas.settings import Settings

# What dbt and the materialization scd2 keep beside a model, with columns of the same names.
BESIDE = ("events", "rejected", "changes", "fresh", "before", "dbt_tmp", "dbt_backup")
COLUMNS_OF_LANDING = "payload"


@dataclass(frozen=True)
class Declared:
    """What a column declares.

    Attributes:
        patterns: codes under ``pii``.
        level: the ``classification``, if there is one.
    """

    patterns: frozenset[str]
    level: str | None


@dataclass(frozen=True)
class Declarations:
    """What the project's tables declare: by schema and name, then by column.

    Attributes:
        columns: of a landing table, the fields of its payload.
        keys: of a landing table, the fields that its key is made of.
    """

    columns: dict[tuple[str, str], dict[str, Declared]]
    keys: dict[tuple[str, str], tuple[str, ...]]

    def of(self, table: tuple[str, str], column: str, path: str) -> list[Declared]:
        """What is declared for a place in a table; several for a key of several fields, none if nobody knows it."""
        name = self._model_of(table)
        if name is None:
            return []
        declared = self.columns[name]
        if name in self.keys and column == "key":
            return [declared[field] for field in self.keys[name] if field in declared]
        if name in self.keys and column == COLUMNS_OF_LANDING:
            field = first_step(path)
            return [declared[field]] if field in declared else []
        return [declared[column]] if column in declared else []

    def fields(self, table: tuple[str, str]) -> list[str]:
        """The declared names of a table's fields."""
        name = self._model_of(table)
        return sorted(self.columns[name]) if name else []

    def _model_of(self, table: tuple[str, str]) -> tuple[str, str] | None:
        schema, name = table
        candidates = [table, ("navigate_base", name)] if schema == "navigate" else [table]
        candidates += [(schema, name.removesuffix(f"__{what}")) for what in BESIDE if name.endswith(f"__{what}")]
        return next((one for one in candidates if one in self.columns), None)


def first_step(path: str) -> str:
    """The first name of a path."""
    quoted = re.match(r'"(?:[^"\\]|\\.)*"', path)
    return str(json.loads(quoted[0])) if quoted else re.split(r"[.\[]", path, maxsplit=1)[0]


def read_declarations(settings: Settings) -> Declarations:
    """Parse the dbt project, which takes some seconds.

    Raises:
        UsageError: dbt doesn't accept it.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    project = ["--project-dir", str(settings.project), "--profiles-dir", str(settings.project / "profiles")]
    done = dbtRunner().invoke(["--quiet", "parse", *project, *places(settings)])
    if done.exception is not None or not done.success:
        raise UsageError(f"dbt could not read the project. {' '.join(str(done.exception or '').split())[:500]}")
    return declarations_of(done.result)


def declarations_of(manifest: Any) -> Declarations:
    """What a manifest's models, snapshots, seeds and sources declare."""
    columns: dict[tuple[str, str], dict[str, Declared]] = {}
    keys: dict[tuple[str, str], tuple[str, ...]] = {}
    for node in [*manifest.nodes.values(), *manifest.sources.values()]:
        if str(node.resource_type) not in ("model", "snapshot", "seed", "source"):
            continue
        table = (node.schema, getattr(node, "identifier", None) or getattr(node, "alias", node.name))
        columns[table] = {column.name: _declared(_meta(column)) for column in node.columns.values()}
        landing = _meta(node).get("landing")
        if landing:
            keys[table] = tuple(landing["key"])
    return Declarations(columns, keys)


def undeclared(
    found: Iterable[Mapping[str, Any]], declarations: Declarations, terms: Mapping[str, Term], levels: Mapping[str, int]
) -> list[str]:
    """A sentence for each detection that its column doesn't declare."""
    complaints = []
    for row in found:
        table, pattern = (row["table_schema"], row["table_name"]), row["pattern"]
        least = terms[pattern].least_level
        declared = declarations.of(table, row["column_name"], row["path"])
        if any(_covers(one, pattern, least, levels) for one in declared):
            continue
        place = ".".join(filter(None, (*table, row["column_name"], row["path"])))
        complaints.append(
            f"{place} holds what looks like personal data ({terms[pattern].name}) and doesn't declare it: "
            f"give it `pii: {pattern}` or a classification of at least {least}."
        )
    return complaints


def _covers(declared: Declared, pattern: str, least: str, levels: Mapping[str, int]) -> bool:
    by_level = declared.level is not None and levels.get(declared.level, -1) >= levels[least]
    return pattern in declared.patterns or by_level


def _declared(meta: Mapping[str, Any]) -> Declared:
    pii = meta.get("pii")
    codes = [pii] if isinstance(pii, str) else pii if isinstance(pii, list) else []
    level = meta.get("classification")
    return Declared(frozenset(map(str, codes)), level if isinstance(level, str) else None)


def _meta(node: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(node.config, "meta", None) or getattr(node, "meta", None) or {}
    return found
