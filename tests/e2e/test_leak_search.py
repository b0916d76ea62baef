"""The search that finds no leak in a stack finds one where there is one."""

from __future__ import annotations

import base64
import json
import secrets
from urllib.parse import quote, quote_plus

import pytest
from leak_search import given_away

from atlas.stacks.certificates import new_authority

PASSWORDS = ("Kx9qTz71Kx9qTz71Kx9q", "a'b\"c\\d/e+f:g%h&i=j?k")


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("after", range(4))
def test_base64_is_seen_through(password: str, before: int, after: int) -> None:
    content = secrets.token_bytes(before) + password.encode() + secrets.token_bytes(after)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert given_away([password], f"Basic {encode(content).decode()}")


@pytest.mark.parametrize("password", PASSWORDS)
def test_other_spellings_are_seen_through(password: str) -> None:
    hexadecimal = password.encode().hex()
    for spelled in (password, json.dumps({"p": password}), quote(password, safe=""), quote_plus(password), hexadecimal):
        assert given_away([password], f"before {spelled} after")
    assert given_away([password], hexadecimal.upper())


def test_a_private_key_is_found_by_any_of_its_lines_and_as_bytes() -> None:
    key = new_authority("somebody").key
    lines = key.splitlines()[1:-1]
    assert len(lines) > 1
    for line in lines:
        assert given_away([key], json.dumps(line))
        assert given_away([key], base64.b64encode(f" {line}\n".encode()).decode())
    assert given_away([key], base64.b64decode("".join(lines)).hex())


def test_what_is_no_leak_is_none() -> None:
    key, other = new_authority("somebody"), new_authority("somebody")
    assert not given_away([key.key, *PASSWORDS], key.certificate + other.key + secrets.token_urlsafe(4000))


def test_the_finding_gives_nothing_away() -> None:
    (finding,) = given_away(PASSWORDS[:1], PASSWORDS[0])
    assert len(finding) < 6
