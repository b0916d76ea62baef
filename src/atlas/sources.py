"""Sources as the dbt project declares them: what a system delivers, and what each record must look like."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
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
# Others of a column's meta are Atlas's too, and say nothing of what a record may hold.
KNOWN_META = ("required", *RULES_BY_TYPE, "classification", "pii", "mask", "subject_key")
KNOWN_LANDING = ("delivery", "key", "event_at", "operation", "unknown_fields", "max_record_bytes")
KEY_TYPES = ("text", "integer", "uuid", "date")
# Postgres cuts longer names without a word, and two columns could become one.
LONGEST_NAME_BYTES = 63
DEFAULT_MAX_RECORD_BYTES = 16 * 1024 * 1024
LARGEST_MAX_RECORD_BYTES = 64 * 1024 * 1024
BIGINT_MIN, BIGINT_MAX = -(2**63), 2**63 - 1
NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    rf"{DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?([Zz]|[+-][0-9]{{2}}:[0-9]{{2}})"
)
LIMITS = {
    "integer": "a whole number of 64 bits",
    "numeric": "a number",
    "date": "a date like 2024-01-31",
    "timestamptz": "a timestamptz with its zone, like 2024-01-31T12:00:00Z",
}


@dataclass(frozen=True)
class Field:
    """One declared field of a record.

    ``minimum`` and ``maximum`` are inclusive; ``load_sources`` gives them as ``limits`` does.
    """

    name: str
    type: str
    required: bool = False
    accepted_values: tuple[str | int, ...] | None = None
    pattern: str | None = None
    minimum: Any = None
    maximum: Any = None

    @property
    def limits(self) -> tuple[Any, Any]:
        """``minimum`` and ``maximum`` as the type has them: int, Decimal, date, or datetime in UTC; None for no limit.

        Raises:
            UsageError: a limit isn't of the type, or the minimum is above the maximum.
        """
        lowest, highest = (
            None if limit is None else self._limit(rule, limit)
            for rule, limit in (("min", self.minimum), ("max", self.maximum))
        )
        if lowest is not None and highest is not None and lowest > highest:
            raise UsageError(f"Column {_shown_name(self.name)}: min {lowest} is above max {highest}.")
        return lowest, highest

    def _limit(self, rule: str, limit: Any) -> Any:
        kind = self.type.removesuffix("[]")
        try:
            found = _typed_limit(kind, limit)
        except (ValueError, ArithmeticError):  # a day that isn't, or a time that in UTC is outside of the years
            found = None
        if found is None:
            must = LIMITS.get(kind, "left out")
            raise UsageError(f"Column {_shown_name(self.name)}: {rule} must be {must}, not {_shown(limit)}.")
        return found


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
    def fields_of_deletes(self) -> tuple[Field, ...]:
        """The fields as a delete must have them: it says which and when; few systems know more of what is gone."""
        always = {*self.key, self.event_at, self.operation}
        return tuple(replace(field, required=field.name in always) for field in self.fields)

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
    sources: dict[str, Source] = {}
    for path in sorted(p for suffix in ("yml", "yaml") for p in (project / "models").rglob(f"*.{suffix}")):
        if path.is_dir():
            continue
        for declared in _dictionaries(_read(path), "sources", f"{path}"):
            system = _shown_name(declared.get("name"))
            for table in _dictionaries(declared, "tables", f"{path}, source {system}"):
                where = f"{path}, {system}.{_shown_name(table.get('name'))}"
                meta = _meta(table, where)
                if "landing" not in meta:
                    continue
                source = _source(declared, table, meta["landing"], where)
                if source.name in sources:
                    raise UsageError(f"{where} is declared twice.")
                sources[source.name] = source
    return sources


def _read(path: Path) -> Any:
    """The file's YAML, or None if no source can be in it."""
    import yaml  # noqa: PLC0415

    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} isn't UTF-8, at byte {error.start}.") from error
    if "landing" not in text:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
    # PyYAML lets through what its own conversions raise: of a 13th month, or a tag on what it doesn't fit.
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UsageError(f"{path} isn't YAML: {' '.join(str(error).split())}") from error


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
    _check_known(landing, KNOWN_LANDING, f"{where}: landing")
    identifier = table.get("identifier")
    if identifier != f"raw_{system}__{entity}":
        raise UsageError(f"{where}: its identifier must be raw_{system}__{entity}, where landing writes.")

    columns = _dictionaries(table, "columns", where)
    if not columns:
        raise UsageError(f"{where}: 'columns' must declare what a record holds.")
    fields = tuple(_field(column, number, where) for number, column in enumerate(columns, start=1))
    by_name = {f.name: f for f in fields}
    if len(by_name) != len(fields):
        names = [f.name for f in fields]
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"{where}: the column {_shown_name(twice)} is declared twice.")

    delivery, event_at = _delivery(landing, by_name, where)
    operation, deletes = _operation(landing.get("operation"), by_name, where)
    key = landing.get("key")
    if not isinstance(key, list) or not key or not all(isinstance(k, str) and k in by_name for k in key):
        raise UsageError(f"{where}: key must be a list of declared columns, not {_shown(key)}.")
    if len(set(key)) != len(key):
        raise UsageError(f"{where}: key names a column twice: {_shown(key)}.")
    if not all(by_name[k].required and by_name[k].type in KEY_TYPES for k in key):
        raise UsageError(f"{where}: key columns must be required, and one of {', '.join(KEY_TYPES)}.")
    unknown_fields = landing.get("unknown_fields", "keep")
    if unknown_fields not in ("keep", "refuse"):
        raise UsageError(f"{where}: unknown_fields must be 'keep' or 'refuse', not {_shown(unknown_fields)}.")
    largest = landing.get("max_record_bytes", DEFAULT_MAX_RECORD_BYTES)
    if type(largest) is not int or not 1 <= largest <= LARGEST_MAX_RECORD_BYTES:
        raise UsageError(
            f"{where}: max_record_bytes must be between 1 and {LARGEST_MAX_RECORD_BYTES}, not {_shown(largest)}."
        )

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
        raise UsageError(f"{where}: delivery must be 'changes' or 'snapshot', not {_shown(delivery)}.")
    if delivery == "snapshot":
        if event_at is not None or "operation" in landing:
            raise UsageError(
                f"{where}: a snapshot has neither event_at nor operation; its time comes with each delivery."
            )
        return delivery, None
    column = by_name.get(event_at) if isinstance(event_at, str) else None
    if column is None or column.type != "timestamptz" or not column.required:
        raise UsageError(f"{where}: event_at must name a required timestamptz column, not {_shown(event_at)}.")
    return delivery, column.name


def _operation(declared: Any, by_name: dict[str, Field], where: str) -> tuple[str | None, frozenset[str]]:
    if declared is None:
        return None, frozenset()
    if not isinstance(declared, dict) or declared.keys() != {"field", "deletes"}:
        raise UsageError(f"{where}: operation must be {{field: …, deletes: […]}}, not {_shown(declared)}.")
    name, deletes = declared["field"], declared["deletes"]
    column = by_name.get(name) if isinstance(name, str) else None
    if column is None or column.type != "text" or not column.required:
        raise UsageError(f"{where}: operation's field must be a required text column, not {_shown(name)}.")
    if not isinstance(deletes, list) or not deletes or not all(isinstance(value, str) for value in deletes):
        raise UsageError(f"{where}: operation's deletes must be a list of texts, not {_shown(deletes)}.")
    return column.name, frozenset(deletes)


def _field(column: dict[str, Any], number: int, where: str) -> Field:
    name = column.get("name")
    if not isinstance(name, str) or not name or "\x00" in name:
        raise UsageError(f"{where}, column {number}: a column's name must be text, not {_shown(name)}.")
    place, where = where, f"{where}, column {_shown_name(name)}"
    if len(name.encode(errors="surrogatepass")) > LONGEST_NAME_BYTES:
        raise UsageError(f"{where}: the name is longer than {LONGEST_NAME_BYTES} bytes.")
    type_name = column.get("data_type")
    if not isinstance(type_name, str) or type_name not in FIELD_TYPES:
        raise UsageError(
            f"{where}: data_type must be one of {', '.join(SCALAR_TYPES)}, or one of these with [], "
            f"not {_shown(type_name)}."
        )
    meta = _meta(column, where)
    _check_known(meta, KNOWN_META, f"{where}: meta")
    for rule, types in RULES_BY_TYPE.items():
        if rule in meta and type_name not in types:
            raise UsageError(f"{where}: {rule} is for {', '.join(sorted(types))}, not for {type_name}.")
        if rule in meta and meta[rule] is None:
            raise UsageError(f"{where}: {rule} says nothing.")
    required = meta.get("required", False)
    if not isinstance(required, bool):
        raise UsageError(f"{where}: required must be true or false, not {_shown(required)}.")
    accepted = _accepted_values(meta, type_name, where)
    if accepted is not None and not meta.keys().isdisjoint({"pattern", "min", "max"}):
        raise UsageError(f"{where}: accepted_values leaves nothing for pattern, min or max to say.")
    declared = Field(name, type_name, required, accepted, _pattern(meta, where), meta.get("min"), meta.get("max"))
    try:
        lowest, highest = declared.limits
    except UsageError as error:
        raise UsageError(f"{place}, column{str(error).removeprefix('Column')}") from error
    return replace(declared, minimum=lowest, maximum=highest)


def _accepted_values(meta: dict[str, Any], type_name: str, where: str) -> tuple[str | int, ...] | None:
    if "accepted_values" not in meta:
        return None
    accepted = meta["accepted_values"]
    kind = int if type_name == "integer" else str
    # A boolean is an int to isinstance.
    if not isinstance(accepted, list) or not accepted or not all(type(value) is kind for value in accepted):
        words = "whole numbers" if kind is int else "texts; quote what YAML takes for something else"
        raise UsageError(f"{where}: accepted_values must be a list of {words}, not {_shown(accepted)}.")
    if len(set(accepted)) != len(accepted):
        raise UsageError(f"{where}: accepted_values names a value twice: {_shown(accepted)}.")
    if kind is int and not all(BIGINT_MIN <= value <= BIGINT_MAX for value in accepted):
        raise UsageError(f"{where}: accepted_values must have at most 64 bits, not {_shown(accepted)}.")
    return tuple(accepted)


def _pattern(meta: dict[str, Any], where: str) -> str | None:
    pattern = meta.get("pattern")
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise UsageError(f"{where}: pattern must be text, not {_shown(pattern)}.")
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"{where}: pattern {_shown(pattern)} isn't a regular expression: {error}.") from error
    return pattern


def _typed_limit(kind: str, limit: Any) -> int | Decimal | date | None:
    """The limit of an ``integer``, ``numeric``, ``date`` or ``timestamptz``, which YAML may have read already.

    Returns:
        None if it is of another type. May raise ValueError or ArithmeticError for the same reason.
    """
    found: int | Decimal | date | None = None
    is_text = isinstance(limit, str)
    if kind == "integer" and type(limit) is int and BIGINT_MIN <= limit <= BIGINT_MAX:
        found = limit
    elif kind == "numeric" and (type(limit) in (int, float, Decimal) or (is_text and NUMBER.fullmatch(limit))):
        number = Decimal(str(limit))
        found = number if number.is_finite() else None
    elif kind == "date" and is_text and DAY.fullmatch(limit):
        found = date.fromisoformat(limit)
    elif kind == "date" and type(limit) is date:
        found = limit
    elif kind == "timestamptz" and is_text and MOMENT.fullmatch(limit):
        found = datetime.fromisoformat(limit.upper()).astimezone(UTC)
    elif kind == "timestamptz" and isinstance(limit, datetime) and limit.tzinfo is not None:
        found = limit.astimezone(UTC)
    return found


def _check_known(declared: dict[Any, Any], known: tuple[str, ...], what: str) -> None:
    unknown = ", ".join(sorted(_shown_name(key) for key in declared.keys() - set(known)))
    if unknown:
        raise UsageError(f"{what} doesn't know {unknown}, only {', '.join(known)}.")


def _meta(node: dict[str, Any], where: str) -> dict[str, Any]:
    found = node
    for key in ("config", "meta"):
        inner = found.get(key)
        if inner is None:
            return {}
        if not isinstance(inner, dict):
            raise UsageError(f"{where}: '{key}' must be a mapping, not {_shown(inner)}.")
        found = inner
    return found


def _dictionaries(node: Any, key: str, where: str) -> list[dict[str, Any]]:
    found = node.get(key) if isinstance(node, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UsageError(f"{where}: '{key}' must be a list of mappings.")
    return found


def _shown(value: Any) -> str:
    """A value for a message: on one line, and not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in lists
        return f"such a long {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:99]}…"


def _shown_name(name: Any) -> str:
    return name if isinstance(name, str) and name.isprintable() and len(name) <= 100 else _shown(name)
