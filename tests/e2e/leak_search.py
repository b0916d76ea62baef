"""Find a secret in a text, however it is spelled there."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BITS_OF_A_CHARACTER = 6
FRAME = "-----"


def given_away(secrets: Iterable[str], text: str) -> set[str]:
    """Those of the secrets that a text gives away, named by their first characters alone."""
    return {f"{secret.splitlines()[0][:4]}…" for secret in secrets if any(one in text for one in spellings(secret))}


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, in JSON, in a URL, in hex, in base64 with anything before and after.

    A private key is looked for line by line without its frame, and as the bytes that those lines stand for.
    """
    lines = [line for line in secret.splitlines() if line and not line.startswith(FRAME)]
    found = {spelling for line in lines for spelling in _of_text(line)}
    if secret.startswith(FRAME):
        der = base64.b64decode("".join(lines))
        found |= {der.hex(), der.hex().upper(), "".join(lines)}
    return found


def _of_text(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield quote(text, safe="")
    yield quote(text)
    yield quote_plus(text)
    hexadecimal = text.encode().hex()
    yield hexadecimal
    yield hexadecimal.upper()
    for bytes_before in range(3):
        aligned = _in_base64(text.encode(), bytes_before)
        yield aligned
        yield aligned.replace("+", "-").replace("/", "_")


def _in_base64(content: bytes, bytes_before: int) -> str:
    """The characters that depend on the content alone where so many bytes stand before it in its group of three."""
    encoded = base64.b64encode(bytes(bytes_before) + content).decode()
    start = -(-bytes_before * 8 // BITS_OF_A_CHARACTER)
    end = (bytes_before + len(content)) * 8 // BITS_OF_A_CHARACTER
    return encoded[start:end]
