"""The patterns and their vocabulary; what validators say of odd values; what names are taken to mean."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.scan.contacts import find_email, find_ip_address, find_phone
from atlas.scan.match import shape_of
from atlas.scan.names import last_key, may_name_people, speaks_for
from atlas.scan.numbers import find_payment_card
from atlas.scan.patterns import BY_CODE, LEVELS, PATTERNS, VOCABULARY, read_levels, read_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

MASKS = {"null", "redact", "email", "email_hidden", "last4", "year", "pseudonym"}


def test_the_vocabulary_and_the_scan_know_the_same_patterns(project: Path) -> None:
    terms, levels = read_vocabulary(project), read_levels(project)
    assert len(terms) >= 12
    assert levels == {"public": 0, "internal": 1, "confidential": 2, "restricted": 3, "secret": 4}
    assert all(levels[term.least_level] >= levels["confidential"] for term in terms.values())
    with (project / VOCABULARY).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["default_mask"] for row in rows} <= MASKS
    assert all(all(row.values()) for row in rows), "every row says all there is to say, its source included"
    by_name = {row["code"] for row in rows if row["evidence"] == "column name"}
    assert by_name == {pattern.code for pattern in PATTERNS if pattern.by_name}


def test_a_vocabulary_with_another_pattern_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_vocabulary(tmp_path)
    (tmp_path / "seeds").mkdir()
    (tmp_path / LEVELS).write_text((project / LEVELS).read_text())
    (tmp_path / VOCABULARY).write_text((project / VOCABULARY).read_text().replace("es_dni,", "pt_nif,"))
    with pytest.raises(UsageError, match="don't know the same patterns: es_dni, pt_nif"):
        read_vocabulary(tmp_path)


ODD = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="0123456789 ()+-./:@abcxyzABCXYZ\u0663\uff19\u0000\n", max_size=60),
    st.from_regex(r"\A[+(]?[0-9A-F]{1,4}([ .:/-][0-9a-zA-Z@]{0,6}){0,9}\Z"),
)


@pytest.mark.parametrize("code", BY_CODE)
@given(value=ODD)
def test_no_value_makes_a_validator_fail(code: str, value: str) -> None:
    for is_named in (False, True):
        match = BY_CODE[code].find(value, is_named=is_named)
        assert match is None or match.text.strip() in value


@given(st.text())
def test_a_shape_tells_nothing_but_punctuation(value: str) -> None:
    shape = shape_of(value)
    assert len(shape) <= 41
    assert not any(character.isalnum() for character in shape)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Ann <ann@example.org>", "ann@example.org"),
        ("a.b+c@mail.example.co.uk.", "a.b+c@mail.example.co.uk"),
        ("jörg@münchen.example", "jörg@münchen.example"),
        ("git@example.org:team/x.git", None),
        ("ssh://git@example.org/x", None),
        ("https://user:pw@example.org/", None),
        ("icon@2x.png", None),
        ("left-pad@1.3.0-rc.beta", None),
        ("a@b", None),
        ("@mention of b.com", None),
    ],
)
def test_email_addresses(value: str, found: str | None) -> None:
    match = find_email(value, is_named=False)
    assert (match.text if match else None) == found


@pytest.mark.parametrize(
    ("value", "named", "certain"),
    [
        ("+49 (0)30 2403309", False, True),
        ("tel:+33612345678", False, True),
        ("0033 6 12 34 56 78", False, False),
        ("(415) 555-2671", False, False),
        ("4155552671", False, None),
        ("4155552671", True, False),
        ("2025-03-05", True, None),
        ("03.05.2025", True, None),
        ("DE89 3704 0044 0532 0130 00", False, None),
        ("4111 1111 1111 1111", False, None),
    ],
)
def test_telephone_numbers(value: str, named: bool, certain: bool | None) -> None:
    match = find_phone(value, is_named=named)
    assert (None if match is None or match.is_refuted else match.is_certain) is certain


@pytest.mark.parametrize(
    ("value", "certain"),
    [
        ("203.0.113.9", True),
        ("2001:db8::7:1", True),
        ("10.0.0.1", False),
        ("v10.2.0.77", None),
        ("version 10.2.0.77", None),
        ("127.0.0.1", None),
        ("255.255.255.255", None),
        ("1.2.3.4.5", None),
        ("12:34:56", None),
        ("abc::def", None),
        ("::1", None),
    ],
)
def test_ip_addresses(value: str, certain: bool | None) -> None:
    match = find_ip_address(value, is_named=False)
    assert (None if match is None or match.is_refuted else match.is_certain) is certain


@pytest.mark.parametrize(
    ("value", "certain"),
    [
        ("4111 1111 1111 1111", True),
        ("4111111111111111", False),
        ("my visa: 4111111111111111", True),
        ("4111111111111112", None),
        ("0000000000000000", None),
        ("9780143007234", None),
        ("5500005555555559", False),
        ("3782 822463 10005", True),
        ("4111.1111.1111.1111", None),
        ("https://example.org/4111111111111111", None),
    ],
)
def test_card_numbers(value: str, certain: bool | None) -> None:
    match = find_payment_card(value, is_named=False)
    assert (match.is_certain if match else None) is certain


@pytest.mark.parametrize(
    ("column", "path", "name"),
    [
        ("payload", "", "payload"),
        ("payload", "email", "email"),
        ("payload", "items[*].e_mail", "e_mail"),
        ("payload", "items[*]", "items"),
        ("payload", "phones.{*}", "phones"),
        ("payload", "{key}", "payload"),
        ("payload", '"first.name"', "first.name"),
        ("payload", 'a."b[*] \\"c"[*]', 'b[*] "c'),
        ("tags", "[*]", "tags"),
    ],
)
def test_the_name_that_is_nearest_to_a_value(column: str, path: str, name: str) -> None:
    assert last_key(column, path) == name


def test_what_names_speak_for() -> None:
    for pattern, names in {
        "email": ("email", "E-Mail", "customerEmail", "reply_email_address"),
        "phone": ("phone", "Mobile", "tel", "homePhone", "telefon"),
        "date_of_birth": ("birthDate", "dob", "geburtsdatum", "born_on"),
        "person_name": ("first_name", "LastName", "customer_name", "nachname", "prénom"),
        "postal_address": ("street", "zip", "shippingAddress", "adresse"),
        "ip_address": ("ip", "clientIp", "remote_addr"),
    }.items():
        assert [name for name in names if not speaks_for(pattern, name)] == [], pattern
    for pattern, names in {
        "phone": ("phone_type", "microphones_count", "telemetry"),
        "person_name": ("file_name", "hostname", "name", "table_name", "product_name"),
        "postal_address": ("email_address", "ip_address", "mac_address", "address_count"),
        "date_of_birth": ("birth_place", "updated_on"),
        "ip_address": ("zip", "ship_to", "description"),
    }.items():
        assert [name for name in names if speaks_for(pattern, name)] == [], pattern
    assert may_name_people("name")
    assert not may_name_people("filename")
