"""Reading declarations from YAML, with messages that say where and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def read_yaml(path: Path) -> Any:
    """The file's YAML, or None if no source can be in it.

    Raises:
        UsageError: it can't be read, or isn't YAML.
    """
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


def check_known(declared: dict[Any, Any], known: tuple[str, ...], what: str) -> None:
    """Refuse keys that mean nothing, which are mostly misspelt.

    Raises:
        UsageError: there is one; names it, and those that are known.
    """
    unknown = ", ".join(sorted(shown_name(key) for key in declared.keys() - set(known)))
    if unknown:
        raise UsageError(f"{what} doesn't know {unknown}, only {', '.join(known)}.")


def meta_of(node: dict[str, Any], where: str) -> dict[str, Any]:
    """The mapping ``config.meta`` of a table or a column; empty if there is none.

    Raises:
        UsageError: it is no mapping.
    """
    found = node
    for key in ("config", "meta"):
        inner = found.get(key)
        if inner is None:
            return {}
        if not isinstance(inner, dict):
            raise UsageError(f"{where}: '{key}' must be a mapping, not {shown(inner)}.")
        found = inner
    return found


def dictionaries(node: Any, key: str, where: str) -> list[dict[str, Any]]:
    """The list of mappings under ``key``; empty if there is none.

    Raises:
        UsageError: it is something else.
    """
    found = node.get(key) if isinstance(node, dict) else None
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise UsageError(f"{where}: '{key}' must be a list of mappings.")
    return found


def shown(value: Any) -> str:
    """A value for a message: on one line, and not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in lists
        return f"such a long {type(value).__name__}"
    return text if len(text) <= 100 else f"{text[:99]}…"


def shown_name(name: Any) -> str:
    """A name for a message: as it is, if it can be printed."""
    return name if isinstance(name, str) and name.isprintable() and len(name) <= 100 else shown(name)
