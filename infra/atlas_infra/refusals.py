"""What a value has to be, and what is wrong with one that isn't: a plain sentence for each.

The words come from the typed settings themselves, so that they can't differ from what is checked. What a person gave is
repeated where it helps to find the mistake, and never where it may be a secret.
"""

from __future__ import annotations

import difflib
import json
import re
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import msgspec
from msgspec import inspect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LONGEST_SHOWN = 60


def refusals(path: str, value: Any, kind: Any, *, hidden: bool = False) -> Iterator[str]:
    """Everything that is wrong with a value, a sentence each; none if msgspec would convert it.

    Args:
        path: the setting's name, such as ``atlas:redis.port``.
        value: what was given, as YAML or JSON has it.
        kind: the setting's type, as a struct declares it.
        hidden: whether the value may not be repeated.
    """
    kind = _chosen(kind, value)
    if value is None and NoneType in get_args(kind):
        return
    struct = next((option for option in _options(kind) if _is_struct(option)), None)
    if struct is not None and isinstance(value, dict):
        yield from _fields(path, value, struct, hidden=hidden)
    elif get_origin(kind) is dict and isinstance(value, dict):
        for name, item in value.items():
            # Build arguments may well hold what isn't for everyone's eyes.
            yield from refusals(f"{path}.{name}", item, get_args(kind)[1], hidden=True)
    elif not _fits(value, kind):
        yield f"{path} {_given(value, hidden=hidden or _is_private(kind))}; it has to be {allowed(kind)}."


def unknown(path: str, names: Iterable[str], also: Iterable[str] = (), where: str = "") -> str:
    """The sentence about a name that isn't a setting's.

    Args:
        path: the whole name.
        names: those that there are beside it.
        also: others that may have been meant, which aren't listed.
        where: what narrows the list down, to be read after "isn't a setting".
    """
    prefix, name = re.fullmatch(r"(?s)(.*[.:])(.*)", path).groups()  # type: ignore[union-attr]
    names = sorted(names)
    close = difflib.get_close_matches(name, [*names, *also], n=1)
    meant = f" Did you mean {prefix}{close[0]}?" if close else ""
    return f"{prefix}{_shortened(name)} isn't a setting{where}.{meant} There are: {', '.join(names)}."


def allowed(kind: Any) -> str:
    """What a setting of this type has to be, to be read after "it has to be"."""
    options = [option for option in _options(kind) if option is not NoneType]
    if any(_is_struct(option) for option in options):
        names = dict.fromkeys(field.encode_name for option in options for field in msgspec.structs.fields(option))
        return f"an object with settings of its own ({', '.join(names)})"
    info = inspect.type_info(options[0])
    extra: dict[str, str] = {}
    if isinstance(info, inspect.Metadata):
        extra, info = info.extra or {}, info.type
    match info:
        case inspect.IntType():
            words = f"a whole number from {info.ge} to {info.le}"
        case inspect.FloatType():
            words = f"a number from {info.ge:g} to {info.le:g}"
        case inspect.BoolType():
            words = "true or false"
        case inspect.LiteralType():
            words = "one of " + ", ".join(map(str, info.values))
        case inspect.StrType() if info.max_length is not None:
            words = f"a text of {info.min_length or 1} to {info.max_length} characters"
        case inspect.DictType():
            words = "an object of names and texts"
        case _:
            words = extra.get("form", "a text")
    return f"{words} ({extra['unit']})" if "unit" in extra else words


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _is_private(kind: Any) -> bool:
    return any(getattr(meta, "extra", None) and meta.extra.get("private") for meta in get_args(kind))


def _chosen(kind: Any, value: Any) -> Any:
    # Of two modes the one that was named.
    by_tag = {option.__struct_config__.tag: option for option in _options(kind) if _is_struct(option)}
    if len(by_tag) < 2 or not isinstance(value, dict):
        return kind
    mode = value.get("mode")
    return by_tag.get(mode, kind) if isinstance(mode, str) else kind


def _fields(path: str, value: dict[Any, Any], struct: Any, *, hidden: bool) -> Iterator[str]:
    config, fields = struct.__struct_config__, {field.encode_name: field for field in msgspec.structs.fields(struct)}
    where = ""
    if config.tag_field is not None:
        if value.get(config.tag_field) != config.tag:
            given = _given(value.get(config.tag_field), hidden=hidden)
            yield f"{path}.{config.tag_field} {given}; it has to be container or external."
            return
        where = f" of a service whose {config.tag_field} is {config.tag}"
    for name, item in value.items():
        if name in fields:
            yield from refusals(f"{path}.{name}", item, fields[name].type, hidden=hidden)
        elif name != config.tag_field:
            yield unknown(f"{path}.{name}", fields, where=where)
    for name, field in fields.items():
        if field.required and name not in value:
            yield f"{path}.{name} is missing; it has to be {allowed(field.type)}."


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def _given(value: Any, *, hidden: bool) -> str:
    if value is None:
        return "is empty"
    if isinstance(value, dict):
        return "is an object"
    if isinstance(value, list):
        return "is a list"
    if hidden:
        return "has a value that isn't shown, since it may be secret"
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return f'is "{_shortened(text)}"' if isinstance(value, str) else f"is {_shortened(text)}"


def _shortened(text: str) -> str:
    # A password may stand before the @ of an address.
    text = re.sub(r"//.*@", "//…@", text, flags=re.DOTALL)
    text = json.dumps(text, ensure_ascii=False)[1:-1]
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
