"""Text out of the bytes that git keeps, in which it says, or doesn't, how they are encoded."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Python offers these as text encodings, but no commit was ever written in them.
NOT_ENCODINGS = frozenset({"idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})

_SURROGATE = re.compile("[\ud800-\udfff]")


def decode(raw: bytes, encoding: bytes | None) -> tuple[str, bool]:
    """Text in the declared encoding (UTF-8 if none is declared, or none that is known).

    Returns:
        The text, and whether something in it had to be replaced by U+FFFD: bytes that aren't valid in the encoding,
        or the character U+0000, which Postgres can't store.
    """
    codec = "utf-8" if encoding is None else _codec(encoding)
    repaired = False
    try:
        text = raw.decode(codec)
    except ValueError:
        text, repaired = raw.decode("utf-8", "replace"), True
    if "\x00" in text:
        text, repaired = text.replace("\x00", "\ufffd"), True
    # Some encodings (UTF-7) spell lone surrogates, which no JSON text can hold.
    if not text.isascii() and _SURROGATE.search(text):
        text, repaired = _SURROGATE.sub("\ufffd", text), True
    return text, repaired


@lru_cache(maxsize=256)
def _codec(encoding: bytes) -> str:
    try:
        found = codecs.lookup(encoding.decode("ascii").strip()).name
    except (LookupError, ValueError):
        return "utf-8"
    try:
        # Of what isn't a text encoding (rot13, zip), Python says so only when there is something to decode.
        b"x".decode(found)
    except LookupError:
        return "utf-8"
    except ValueError:
        pass  # such as UTF-16, of which one byte is none
    return "utf-8" if found in NOT_ENCODINGS else found
