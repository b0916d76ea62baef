"""What the project's YAML says of who may see what, checked with file and line.

dbt's own start checks the same (``governance_complaints`` in ``macros/governance``), whatever else a node's meta came
from; it knows no lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEVELS = ("public", "internal", "confidential", "restricted", "secret")
# Pattern to default mask and least level, as the seed pii_patterns has them.
PII = {
    "email": ("email", "confidential"),
    "phone": ("last4", "confidential"),
    "payment_card": ("last4", "restricted"),
    "iban": ("last4", "restricted"),
    "us_ssn": ("last4", "restricted"),
    "fr_nir": ("null", "restricted"),
    "de_steuer_id": ("null", "restricted"),
    "uk_nino": ("null", "restricted"),
    "es_dni": ("null", "restricted"),
    "ip_address": ("null", "confidential"),
    "mac_address": ("null", "confidential"),
    "date_of_birth": ("year", "confidential"),
    "person_name": ("redact", "confidential"),
    "postal_address": ("redact", "confidential"),
    "api_key": ("null", "secret"),
}
TEXTS = ("text", "varchar", "character varying", "char", "character", "bpchar", "citext")
TIMES = ("date", "timestamp", "timestamptz", "timestamp without time zone", "timestamp with time zone")
# Mask to the types that it knows; None stands for all of them.
MASKS: dict[str, tuple[str, ...] | None] = {
    "null": None,
    "redact": TEXTS,
    "email": TEXTS,
    "email_hidden": TEXTS,
    "last4": TEXTS,
    "pseudonym": TEXTS,
    "year": TIMES,
}
KNOWN = {
    "column": (
        *("classification", "pii", "mask", "lookup", "subject_key", "declassified", "quality", "run_stamp"),
        *("sightings", "required", "accepted_values", "pattern", "min", "max"),
    ),
    "table": ("owner", "retention", "row_access", "quality", "sightings", "landing"),
    "row_access": ("condition", "unless"),
}
FOLDERS = ("models", "snapshots", "seeds")


@dataclass(frozen=True)
class Complaint:
    """A declaration that can't be meant so, and where it stands."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        """As compilers write it."""
        return f"{self.path}:{self.line}: {self.sentence}"


class Located(dict[Any, Any]):
    """A mapping that knows its own line and those of its keys."""

    line: int
    lines: dict[Any, int]


def complaints(project: Path) -> Iterator[Complaint]:
    """Each wrong declaration in the project's YAML, file by file.

    Raises:
        UsageError: a file can't be read, or isn't YAML.
    """
    for folder in FOLDERS:
        for path in sorted(p for suffix in ("yml", "yaml") for p in (project / folder).rglob(f"*.{suffix}")):
            shown = path.relative_to(project)
            for line, sentence in _of_file(_read(path)):
                yield Complaint(shown, line, sentence)


def _read(path: Path) -> Any:
    import yaml  # noqa: PLC0415 - a tenth of a second

    class Loader(yaml.SafeLoader):
        """Makes mappings that know their lines."""

    def mapping(loader: Any, node: Any) -> Located:
        lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        loader.flatten_mapping(node)
        made = Located(loader.construct_mapping(node, deep=True))
        made.line, made.lines = node.start_mark.line + 1, lines
        return made

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} can't be read: {error}.") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise UsageError(f"{path} isn't YAML: {' '.join(str(error).split())}") from error


def _of_file(document: Any) -> Iterator[tuple[int, str]]:
    for kind in ("models", "snapshots", "seeds"):
        for table in _mappings(document, kind):
            yield from _of_table(table, str(table.get("name")))
    for source in _mappings(document, "sources"):
        for table in _mappings(source, "tables"):
            yield from _of_table(table, f"{source.get('name')}.{table.get('name')}")


def _of_table(table: Located, name: str) -> Iterator[tuple[int, str]]:
    columns = _mappings(table, "columns")
    names = {column.get("name") for column in columns}
    rows = next((meta["row_access"] for meta in _metas(table) if "row_access" in meta), None)
    for meta in _metas(table):
        for line, sentence in (*_unknown(meta, "table"), *_of_rows(meta)):
            yield line, f"{name}: {sentence}"
    for column in columns:
        for meta in _metas(column):
            for key, sentence in _of_column(meta, column, names):
                yield meta.lines.get(key, meta.line), f"{name}.{column.get('name')}: {sentence}"
            if wrong := _of_lookup(meta, rows):
                yield meta.lines["lookup"], f"{name}.{column.get('name')}: {wrong}"


def _of_column(meta: Located, column: Located, names: set[Any]) -> Iterator[tuple[Any, str]]:
    unknown = sorted(map(str, meta.keys() - set(KNOWN["column"])))
    if unknown:
        yield unknown[0], _no_such_key(unknown, "column")
    level, pii = meta.get("classification"), meta.get("pii")
    if "classification" in meta and level not in LEVELS:
        yield "classification", f"classification must be one of {', '.join(LEVELS)}."
    if "pii" in meta and (not isinstance(pii, str) or pii not in PII):
        yield "pii", f"pii must be one of {', '.join(PII)}."
    elif pii and level in LEVELS and LEVELS.index(level) < LEVELS.index(least := PII[pii][1]):
        yield "classification", f"personal data of the kind {pii} is {least} at least, not {level}."
    if "mask" in meta:
        sentence = _of_mask(meta["mask"], column, names)
        if sentence:
            yield "mask", sentence


def _of_lookup(meta: Located, rows: Any) -> str | None:
    lookup = meta.get("lookup", False)
    if not isinstance(lookup, bool):
        return "lookup must be true or false."
    if lookup and isinstance(rows, Located) and not rows.get("unless"):
        return "lookup is for who sees all rows; row_access has no unless."
    if lookup and not rows and meta.get("classification") == LEVELS[0]:
        return "lookup is for what not everybody sees; an index serves a public column anyway."
    return None


def _of_mask(mask: Any, column: Located, names: set[Any]) -> str | None:
    if not isinstance(mask, str) or mask not in MASKS:
        return f'mask must be one of {", ".join(MASKS)} (null as a text: "null").'
    known, data_type = MASKS[mask], column.get("data_type")
    if known is None:
        return None
    if not data_type:
        return f"mask {mask} needs to know the data_type of the column."
    if re.sub(r"\s*\([^)]*\)", "", str(data_type).lower().strip()) not in known:
        return f"mask {mask} can't mask {data_type}; it can {', '.join(known)}."
    if mask == "pseudonym" and f"{column.get('name')}_pseudonym" not in names:
        return f"mask pseudonym needs a column {column.get('name')}_pseudonym, made by pseudonym()."
    return None


def _of_rows(meta: Located) -> Iterator[tuple[int, str]]:
    if "row_access" not in meta:
        return
    rows, line = meta["row_access"], meta.lines.get("row_access", meta.line)
    condition = rows.get("condition") if isinstance(rows, Located) else None
    if not isinstance(rows, Located) or not isinstance(condition, str) or not condition.strip():
        yield line, "row_access must have a condition, in SQL on the columns."
        return
    yield from _unknown(rows, "row_access")
    if "unless" in rows and rows["unless"] not in LEVELS[1:]:
        yield rows.lines.get("unless", line), f"row_access's unless must be one of {', '.join(LEVELS[1:])}."


def _unknown(meta: Located, of: str) -> Iterator[tuple[int, str]]:
    unknown = sorted(map(str, meta.keys() - set(KNOWN[of])))
    if unknown:
        yield meta.lines.get(unknown[0], meta.line), _no_such_key(unknown, of)


def _no_such_key(unknown: list[str], of: str) -> str:
    return f"meta has no key {', '.join(unknown)}; a {of} has {', '.join(KNOWN[of])}."


def _metas(node: Located) -> Iterator[Located]:
    """``config.meta``, and ``meta`` as older projects have it."""
    config = node.get("config")
    for holder in (config, node):
        if isinstance(holder, Located) and isinstance(meta := holder.get("meta"), Located):
            yield meta


def _mappings(node: Any, key: str) -> list[Located]:
    """The mappings in a list; what has another shape, dbt refuses."""
    found = node.get(key) if isinstance(node, Located) else None
    return [item for item in found if isinstance(item, Located)] if isinstance(found, list) else []
