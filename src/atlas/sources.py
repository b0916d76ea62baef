"""Sources as the dbt project declares them: what a system delivers, and what each record must look like."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from atlas.declarations import check_known, dictionaries, meta_of, read_yaml, shown, shown_name
from atlas.errors import UsageError
from atlas.partitions import LANDING_RULE, PartitionRule, read_rule
from atlas.source_fields import Field, field_of

if TYPE_CHECKING:
    from pathlib import Path

KNOWN_LANDING = ("delivery", "key", "event_at", "operation", "unknown_fields", "max_record_bytes", "partition_by")
KEY_TYPES = ("text", "integer", "uuid", "date")
DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024
LARGEST_MAX_RECORD_BYTES = 64 * 1024 * 1024


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
        partitions: how the landing table is partitioned, by time of arrival.
    """

    system: str
    entity: str
    system_description: str
    delivery: str
    key: tuple[str, ...]
    event_at: str | None
    operation: str | None
    deletes: frozenset[str]
    refuse_unknown: bool
    max_record_bytes: int
    fields: tuple[Field, ...] = field(repr=False)
    partitions: PartitionRule = LANDING_RULE

    @property
    def name(self) -> str:
        """``system.entity``."""
        return f"{self.system}.{self.entity}"

    @property
    def fields_of_deletes(self) -> tuple[Field, ...]:
        """The fields as a delete must have them: it says which and when; few systems know more of what is gone."""
        always = {*self.key, self.event_at, self.operation}
        return tuple(replace(field, required=field.name in always) for field in self.fields)

    @property
    def landing_table(self) -> str:
        """The landing table's name within the schema ``explore``."""
        return landing_table(self.system, self.entity)

    @property
    def contract_sha256(self) -> bytes:
        """Identifies the contract under which a batch was landed."""
        declared = [self.delivery, self.key, self.event_at, self.operation, sorted(self.deletes)]
        rules = [[f.name, f.type, f.required, f.accepted_values, f.pattern, f.minimum, f.maximum] for f in self.fields]
        text = json.dumps([declared, self.refuse_unknown, self.max_record_bytes, rules], default=str)
        return hashlib.sha256(text.encode()).digest()


def landing_table(system: str, entity: str) -> str:
    """The name of an entity's landing table within the schema ``explore``."""
    return f"raw_{system}__{entity}"


def load_sources(project: Path) -> dict[str, Source]:
    """Read every landing source of the project, by ``system.entity``.

    Only YAML is read, not dbt's manifest: parsing the whole project would cost each landing four seconds.

    Raises:
        UsageError: a declaration is wrong; says where and what.
    """
    sources: dict[str, Source] = {}
    for path in sorted(p for suffix in ("yml", "yaml") for p in (project / "models").rglob(f"*.{suffix}")):
        if path.is_dir():
            continue
        for declared in dictionaries(read_yaml(path), "sources", f"{path}"):
            system = shown_name(declared.get("name"))
            for table in dictionaries(declared, "tables", f"{path}, source {system}"):
                where = f"{path}, {system}.{shown_name(table.get('name'))}"
                meta = meta_of(table, where)
                if "landing" not in meta:
                    continue
                source = _source(declared, table, meta["landing"], where)
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
    check_known(landing, KNOWN_LANDING, f"{where}: landing")
    identifier = table.get("identifier")
    if identifier != landing_table(system, entity):
        raise UsageError(f"{where}: its identifier must be {landing_table(system, entity)}, where landing writes.")

    columns = dictionaries(table, "columns", where)
    if not columns:
        raise UsageError(f"{where}: 'columns' must declare what a record holds.")
    fields = tuple(field_of(column, number, where) for number, column in enumerate(columns, start=1))
    by_name = {f.name: f for f in fields}
    if len(by_name) != len(fields):
        names = [f.name for f in fields]
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{where}: the column {shown_name(twice)} is declared twice.")

    delivery, event_at = _delivery(landing, by_name, where)
    operation, deletes = _operation(landing.get("operation"), by_name, where)
    key = _key(landing.get("key"), by_name, where)
    unknown_fields = landing.get("unknown_fields", "keep")
    if unknown_fields not in ("keep", "refuse"):
        raise UsageError(f"{where}: unknown_fields must be 'keep' or 'refuse', not {shown(unknown_fields)}.")
    largest = landing.get("max_record_bytes", DEFAULT_MAX_RECORD_BYTES)
    if type(largest) is not int or not 1 <= largest <= LARGEST_MAX_RECORD_BYTES:
        raise UsageError(
            f"{where}: max_record_bytes must be between 1 and {LARGEST_MAX_RECORD_BYTES}, not {shown(largest)}."
        )

    return Source(
        system=system,
        entity=entity,
        system_description=str(declared.get("description") or "").strip(),
        delivery=delivery,
        key=key,
        event_at=event_at,
        operation=operation,
        deletes=deletes,
        refuse_unknown=unknown_fields == "refuse",
        max_record_bytes=largest,
        fields=fields,
        partitions=read_rule(landing.get("partition_by", {}), where),
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


def _key(key: Any, by_name: dict[str, Field], where: str) -> tuple[str, ...]:
    if not isinstance(key, list) or not key or not all(isinstance(k, str) and k in by_name for k in key):
        raise UsageError(f"{where}: key must be a list of declared columns, not {shown(key)}.")
    if len(set(key)) != len(key):
        raise UsageError(f"{where}: key names a column twice: {shown(key)}.")
    if not all(by_name[k].required and by_name[k].type in KEY_TYPES for k in key):
        raise UsageError(f"{where}: key columns must be required, and one of {', '.join(KEY_TYPES)}.")
    return tuple(key)


def _delivery(landing: dict[str, Any], by_name: dict[str, Field], where: str) -> tuple[str, str | None]:
    delivery, event_at = landing.get("delivery"), landing.get("event_at")
    if delivery not in ("changes", "snapshot"):
        raise UsageError(f"{where}: delivery must be 'changes' or 'snapshot', not {shown(delivery)}.")
    if delivery == "snapshot":
        if event_at is not None or "operation" in landing:
            raise UsageError(
                f"{where}: a snapshot has neither event_at nor operation; its time comes with each delivery."
            )
        return delivery, None
    column = by_name.get(event_at) if isinstance(event_at, str) else None
    if column is None or column.type != "timestamptz" or not column.required:
        raise UsageError(f"{where}: event_at must name a required timestamptz column, not {shown(event_at)}.")
    return delivery, column.name


def _operation(declared: Any, by_name: dict[str, Field], where: str) -> tuple[str | None, frozenset[str]]:
    if declared is None:
        return None, frozenset()
    if not isinstance(declared, dict) or declared.keys() != {"field", "deletes"}:
        raise UsageError(f"{where}: operation must be {{field: …, deletes: […]}}, not {shown(declared)}.")
    name, deletes = declared["field"], declared["deletes"]
    column = by_name.get(name) if isinstance(name, str) else None
    if column is None or column.type != "text" or not column.required:
        raise UsageError(f"{where}: operation's field must be a required text column, not {shown(name)}.")
    if not isinstance(deletes, list) or not deletes or not all(isinstance(value, str) for value in deletes):
        raise UsageError(f"{where}: operation's deletes must be a list of texts, not {shown(deletes)}.")
    never = [value for value in deletes if column.accepted_values is not None and value not in column.accepted_values]
    if never:
        raise UsageError(
            f"{where}: operation's deletes hold {shown(never[0])}, which is none of the accepted values of "
            f"{shown_name(name)}."
        )
    return column.name, frozenset(deletes)
