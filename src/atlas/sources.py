"""Sources as the dbt project declares them: what a system delivers, and what each record must look like."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SCALAR_TYPES = ("text", "integer", "numeric", "boolean", "date", "timestamptz", "uuid", "json")
FIELD_TYPES = frozenset(SCALAR_TYPES) | {f"{scalar}[]" for scalar in SCALAR_TYPES}
RULES_BY_TYPE = {
    "accepted_values": frozenset({"text", "integer"}),
    "pattern": frozenset({"text"}),
    "min": frozenset({"integer", "numeric", "date", "timestamptz"}),
    "max": frozenset({"integer", "numeric", "date", "timestamptz"}),
}
KEY_TYPES = ("text", "integer", "uuid", "date")
# Postgres cuts longer names without a word, and two columns could become one.
LONGEST_NAME_BYTES = 63
DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024
LARGEST_MAX_RECORD_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Field:
    """One declared field of a record.

    ``minimum`` and ``maximum`` are inclusive and kept as the YAML has them (a number, a date, or text).
    """

    name: str
    type: str
    required: bool = False
    accepted_values: tuple[str | int, ...] | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None


@dataclass(frozen=True)
class Source:
    """One entity that a system delivers.

    Attributes:
        delivery: ``changes`` (each record is a change of one key) or ``snapshot`` (a delivery is the whole state).
        key: fields that together identify what a record is about.
        event_at: field with the time of the event; None for snapshots, whose time comes with the delivery.
        operation: field that tells deletes from upserts, if there is one.
        deletes: values of ``operation`` that mean a delete.
        refuse_unknown: whether a record with an undeclared field is refused rather than kept and reported.
        max_record_bytes: the longest record that is looked into.
    """

    system: str
    entity: str
    description: str
    system_description: str
    delivery: str
    key: tuple[str, ...]
    event_at: str | None
    operation: str | None
    deletes: frozenset[str]
    refuse_unknown: bool
    max_record_bytes: int
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """``system.entity``."""
        return f"{self.system}.{self.entity}"

    @property
    def landing_table(self) -> str:
        """The landing table's name within the schema ``explore``."""
        return f"raw_{self.system}__{self.entity}"

    @property
    def contract_sha256(self) -> bytes:
        """Identifies the contract under which a batch was landed."""
        declared = [self.delivery, self.key, self.event_at, self.operation, sorted(self.deletes)]
        rules = [[f.name, f.type, f.required, f.accepted_values, f.pattern, f.minimum, f.maximum] for f in self.fields]
        text = json.dumps([declared, self.refuse_unknown, self.max_record_bytes, rules], default=str)
        return hashlib.sha256(text.encode()).digest()


def load_sources(project: Path) -> dict[str, Source]:
    """Read every landing source of the project, by ``system.entity``.

    Only YAML is read, not dbt's manifest: parsing the whole project would cost each landing four seconds.

    Raises:
        UsageError: a declaration is wrong; says where and what.
    """
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    sources: dict[str, Source] = {}
    for path in sorted(p for suffix in ("yml", "yaml") for p in (project / "models").rglob(f"*.{suffix}")):
        text = path.read_text(encoding="utf-8")
        if "landing:" not in text:
            continue
        try:
            document = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
        except yaml.YAMLError as error:
            raise UsageError(f"{path} isn't YAML: {' '.join(str(error).split())}") from error
        for declared in _dictionaries(document, "sources", f"{path}"):
            for table in _dictionaries(declared, "tables", f"{path}, source {declared.get('name')}"):
                where = f"{path}, {declared.get('name')}.{table.get('name')}"
                landing = _meta(table).get("landing")
                if landing is None:
                    continue
                source = _source(declared, table, landing, where)
                if source.name in sources:
                    raise UsageError(f"{where} is declared twice.")
                sources[source.name] = source
    return sources


def find_source(project: Path, name: str) -> Source:
    """The declared source ``system.entity``.

    Raises:
        UsageError: there is none of that name; lists those that are there.
    """
    sources = load_sources(project)
    if name in sources:
        return sources[name]
    declared = ", ".join(sorted(sources)) or "none"
    system, _, entity = name.partition(".")
    if not entity:
        raise UsageError(f"A source is named SYSTEM.ENTITY, not {name!r}. Declared: {declared}.")
    if any(source.system == system for source in sources.values()):
        raise UsageError(f"The system {system!r} declares no entity {entity!r}. Declared: {declared}.")
    raise UsageError(
        f"There is no source {name!r}. Declared: {declared}. A source is declared in models/explore/…/*__sources.yml."
    )


def _source(declared: dict[str, Any], table: dict[str, Any], landing: Any, where: str) -> Source:
    system, entity = str(declared.get("name")), str(table.get("name"))
    _check_names(system, entity, where)
    if not isinstance(landing, dict):
        raise UsageError(f"{where}: 'landing' must be a mapping.")
    unknown = landing.keys() - {
        "delivery",
        "key",
        "event_at",
        "operation",
        "unknown_fields",
        "max_record_bytes",
    }
    if unknown:
        raise UsageError(f"{where}: landing doesn't know {', '.join(sorted(map(str, unknown)))}.")
    identifier = table.get("identifier")
    if identifier != f"raw_{system}__{entity}":
        raise UsageError(f"{where}: its identifier must be raw_{system}__{entity}, where landing writes.")

    fields = tuple(_field(c, where) for c in _dictionaries(table, "columns", where))
    by_name = {f.name: f for f in fields}
    if len(by_name) != len(fields):
        raise UsageError(f"{where}: a column is declared twice.")

    delivery, event_at = _delivery(landing, by_name, where)
    operation, deletes = _operation(landing.get("operation"), by_name, where)
    key = landing.get("key")
    if not isinstance(key, list) or not key or not all(k in by_name for k in key):
        raise UsageError(f"{where}: key must be a list of declared columns.")
    if not all(by_name[k].required and by_name[k].type in KEY_TYPES for k in key):
        raise UsageError(f"{where}: key columns must be required, and one of {', '.join(KEY_TYPES)}.")
    unknown_fields = landing.get("unknown_fields", "keep")
    if unknown_fields not in ("keep", "refuse"):
        raise UsageError(f"{where}: unknown_fields must be 'keep' or 'refuse', not {unknown_fields!r}.")
    largest = landing.get("max_record_bytes", DEFAULT_MAX_RECORD_BYTES)
    if not isinstance(largest, int) or not 1 <= largest <= LARGEST_MAX_RECORD_BYTES:
        raise UsageError(f"{where}: max_record_bytes must be between 1 and {LARGEST_MAX_RECORD_BYTES}.")

    return Source(
        system=system,
        entity=entity,
        description=str(table.get("description") or "").strip(),
        system_description=str(declared.get("description") or "").strip(),
        delivery=delivery,
        key=tuple(key),
        event_at=event_at,
        operation=operation,
        deletes=deletes,
        refuse_unknown=unknown_fields == "refuse",
        max_record_bytes=largest,
        fields=fields,
    )


def _check_names(system: str, entity: str, where: str) -> None:
    for kind, name, longest in (("system", system, 20), ("entity", entity, 30)):
        if not re.fullmatch(rf"[a-z][a-z0-9_]{{0,{longest - 1}}}", name):
            raise UsageError(
                f"{where}: the {kind}'s name {name!r} must be lower-case letters, digits and underscores, "
                f"beginning with a letter, at most {longest} long."
            )
    if "__" in system:
        raise UsageError(f"{where}: two underscores in a row divide system and entity; {system!r} can't hold them.")


def _delivery(landing: dict[str, Any], by_name: dict[str, Field], where: str) -> tuple[str, str | None]:
    delivery, event_at = landing.get("delivery"), landing.get("event_at")
    if delivery not in ("changes", "snapshot"):
        raise UsageError(f"{where}: delivery must be 'changes' or 'snapshot', not {delivery!r}.")
    if delivery == "snapshot":
        if event_at is not None or "operation" in landing:
            raise UsageError(
                f"{where}: a snapshot has neither event_at nor operation; its time comes with each delivery."
            )
        return delivery, None
    if event_at not in by_name or by_name[event_at].type != "timestamptz" or not by_name[event_at].required:
        raise UsageError(f"{where}: event_at must name a required timestamptz column.")
    return delivery, event_at


def _operation(declared: Any, by_name: dict[str, Field], where: str) -> tuple[str | None, frozenset[str]]:
    if declared is None:
        return None, frozenset()
    if not isinstance(declared, dict) or declared.keys() != {"field", "deletes"}:
        raise UsageError(f"{where}: operation must be {{field: …, deletes: […]}}.")
    name, deletes = declared["field"], declared["deletes"]
    if name not in by_name or by_name[name].type != "text" or not by_name[name].required:
        raise UsageError(f"{where}: operation's field must be a required text column.")
    if not isinstance(deletes, list) or not deletes or not all(isinstance(value, str) for value in deletes):
        raise UsageError(f"{where}: operation's deletes must be a list of texts.")
    return name, frozenset(deletes)


def _field(column: dict[str, Any], where: str) -> Field:
    name = column.get("name")
    if not isinstance(name, str) or not name or "\x00" in name:
        raise UsageError(f"{where}: a column's name must be text, not {name!r}.")
    where = f"{where}, column {name}"
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise UsageError(f"{where}: the name is longer than {LONGEST_NAME_BYTES} bytes.")
    type_name = column.get("data_type")
    if type_name not in FIELD_TYPES:
        raise UsageError(
            f"{where}: data_type must be one of {', '.join(SCALAR_TYPES)}, or one of these with [], not {type_name!r}."
        )
    meta = _meta(column)
    for rule, types in RULES_BY_TYPE.items():
        if rule in meta and type_name not in types:
            raise UsageError(f"{where}: {rule} is for {', '.join(sorted(types))}, not for {type_name}.")
    required = meta.get("required", False)
    if not isinstance(required, bool):
        raise UsageError(f"{where}: required must be true or false.")
    accepted = meta.get("accepted_values")
    if accepted is not None:
        kind = int if type_name == "integer" else str
        if not isinstance(accepted, list) or not accepted or not all(type(v) is kind for v in accepted):
            raise UsageError(f"{where}: accepted_values must be a list of {kind.__name__} values.")
        if "pattern" in meta or "min" in meta or "max" in meta:
            raise UsageError(f"{where}: accepted_values leaves nothing for pattern, min or max to say.")
    pattern = meta.get("pattern")
    if pattern is not None:
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise UsageError(f"{where}: pattern {pattern!r} isn't a regular expression: {error}.") from error
    return Field(
        name=name,
        type=type_name,
        required=required,
        accepted_values=tuple(accepted) if accepted else None,
        pattern=pattern,
        minimum=meta.get("min"),
        maximum=meta.get("max"),
    )


def _meta(node: dict[str, Any]) -> dict[str, Any]:
    config = node.get("config")
    meta = config.get("meta") if isinstance(config, dict) else None
    return meta if isinstance(meta, dict) else {}


def _dictionaries(node: Any, key: str, where: str) -> list[dict[str, Any]]:
    found = node.get(key) if isinstance(node, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UsageError(f"{where}: '{key}' must be a list of mappings.")
    return found
