"""How people are reached and what tells them apart: addresses, telephone numbers, devices, names, days of birth."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, date, datetime, timedelta

import phonenumbers

from atlas.scan.match import Match
from atlas.scan.numbers import find_iban, find_payment_card

# Of the characters that a local part may have, those that addresses do have.
EMAIL = re.compile(
    r"(?<![\w.%+~@-])"
    r"([\w%+'~-]+(?:\.[\w%+'~-]+)*)"
    r"@((?:(?!-)[\w-]{1,63}(?<!-)\.)+([^\W\d_]{2,63}|xn--[a-z0-9-]{2,59}))(?![\w@-])"
)
# What follows an @ in the name of a picture or a package, and is no top-level domain.
NO_DOMAINS = frozenset(
    {"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "json", "html", "htm", "php", "py", "rb", "txt"}
    | {"pdf", "rc", "beta", "alpha", "tar", "gz"}
)
# A name, and perhaps a password, before the host of a URL.
IN_URL = re.compile(r"://[^\s/@]*$")
VERSION_DOMAIN = re.compile(r"[\d.]+(-|\.\D|$)")
INTERNATIONAL = re.compile(r"(?<![\w.+])(?:\+|00)[ ]?[1-9](?:[ ().\-/]{0,3}\d){6,14}(?!\d|[.,:]\d)")
RUN_OF_DIGITS = re.compile(r"(?<![\w.+:#/-])\(?\d[\d ().\-/]{5,22}\d(?![\w/-]|[.,:]\d)")
NATIONAL = re.compile(
    r"\(?0\d{1,5}\)?[ ./-]{1,3}\d(?:[ ./-]?\d){3,11}"  # 030 2403309, (0)6 12 34 56 78
    r"|\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]\d{2}[ .-]\d{4}"  # (415) 555-2671
    r"|[36-9]\d{2}(?: \d{2}){3}|[36-9]\d{2} \d{3} \d{3,4}"  # 612 34 56 78, 347 123 4567
)
DAY_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}")
PLAIN_PHONE = re.compile(r"\(?\d[\d ().\-/]{5,18}\d")
# Plans have shorter ones, which dates and prices are as well.
LEAST_DIGITS = 7
# The number plans that a number without a country code is held against.
REGIONS = ("US", "GB", "FR", "DE", "ES", "IT", "NL")
IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
# Four numbers or more: versions, object identifiers.
DOTTED = re.compile(r"(?<![\w.])v?\d+(?:\.\d+){3,}")
IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
BEFORE_VERSION = re.compile(r"(version|release|build|firmware|\bv)[ .:=]*$", re.IGNORECASE)
# Below this, four numbers are as often a version as an address.
LEAST_LARGEST_OCTET = 32
MAC = re.compile(
    r"(?<![0-9A-Za-z:.-])(?:[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:-]|\.[0-9A-Fa-f])"
)
DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%Y")
OLDEST_YEARS = 120
NAME_WORD = re.compile(r"[^\W\d_]+(?:['\u2019.-][^\W\d_]*)*\.?,?")
PARTICLES = frozenset(
    {"de", "da", "do", "dos", "del", "della", "di", "du", "des", "van", "von", "vom", "zu", "zur", "der", "den", "ter"}
    | {"ten", "la", "le", "el", "al", "bin", "ibn", "y", "e", "af", "av"}
)
POSTAL_CODE = re.compile(
    r"\d{4,6}|\d{5}-\d{4}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}"
    r"|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
)
WORD_AND_NUMBER = re.compile(r"(?=.*[^\W\d_]{3})(?=.*\d)")


def find_email(value: str, *, is_named: bool) -> Match | None:
    """An address with a domain that can be one; no package's version, no picture's density, no place to clone from."""
    for found in EMAIL.finditer(value):
        domain, top = found[2], found[3]
        is_url = IN_URL.search(value[: found.start()])
        is_repository = value[found.end() : found.end() + 1] == ":" and value[found.end() + 1 : found.end() + 2].strip()
        if top.lower() in NO_DOMAINS or VERSION_DOMAIN.match(domain) or is_url or is_repository:
            continue
        if len(found[1]) <= 64 and len(domain) <= 253:
            return Match(found[0], is_certain=True)
    return None


def find_phone(value: str, *, is_named: bool) -> Match | None:
    """A number of a country's plan: certain with a country code; without one, if it is written as numbers there are."""
    refuted = None
    for found in INTERNATIONAL.finditer(value):
        number = re.sub(r"^00", "+", found[0])
        if _is_number(number, None):
            return Match(found[0], is_certain=found[0].startswith("+") or is_named)
        refuted = Match(found[0], is_certain=False, is_refuted=True)
    for found in RUN_OF_DIGITS.finditer(value):
        if NATIONAL.fullmatch(found[0]) is None or DAY_FIRST.match(found[0]) or _is_part_of_other(found[0], value):
            continue
        if any(_is_number(found[0], region) for region in REGIONS):
            return Match(found[0], is_certain=False)
    whole = value.strip()
    if is_named and PLAIN_PHONE.fullmatch(whole) and not DAY_FIRST.match(whole):
        if any(_is_number(candidate, region) for candidate in (whole, f"0{whole}") for region in REGIONS):
            return Match(whole, is_certain=False)
        if _is_number(f"+{whole}", None):
            return Match(whole, is_certain=False)
    return refuted


def _is_part_of_other(text: str, value: str) -> bool:
    """Whether it is a part of an account's or a card's number that is written in groups."""
    others = (find_iban(value, is_named=False), find_payment_card(value, is_named=False))
    return any(other is not None and not other.is_refuted and text in other.text for other in others)


def _is_number(text: str, region: str | None) -> bool:
    if sum(character.isdigit() for character in text) < LEAST_DIGITS:
        return False
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, region)))
    except phonenumbers.NumberParseException:
        return False


def find_ip_address(value: str, *, is_named: bool) -> Match | None:
    """An address that one host can have. Four small numbers may be a version: the column has to speak for them."""
    best = None
    for found in IPV4.finditer(value):
        if not _is_host(found[0]) or BEFORE_VERSION.search(value[: found.start()]):
            continue
        if is_named or max(map(int, found[0].split("."))) >= LEAST_LARGEST_OCTET:
            return Match(found[0], is_certain=True)
        best = Match(found[0], is_certain=False)
    for found in IPV6.finditer(value):
        groups = [group for group in found[0].split(":") if group]
        # Words of a to f with two colons between them are C++.
        if len(groups) >= 3 and any(c.isdigit() for c in found[0]) and _is_host(found[0]):
            return Match(found[0], is_certain=True)
    refuted = DOTTED.search(value)
    return best or (Match(refuted[0], is_certain=False, is_refuted=True) if refuted else None)


def _is_host(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified or address.is_multicast or address.is_reserved:
        return False
    return text != "255.255.255.255" and not text.startswith("0.")


def find_mac_address(value: str, *, is_named: bool) -> Match | None:
    """48 bits that one interface can have."""
    for found in MAC.finditer(value):
        bits = re.sub(r"[^0-9A-Fa-f]", "", found[0]).lower()
        if len(set(bits)) > 1:
            return Match(found[0], is_certain=True)
    return None


def find_date_of_birth(value: str, *, is_named: bool) -> Match | None:
    """A day on which somebody alive can have been born."""
    text = re.split(r"[T ]", value.strip(), maxsplit=1)[0]
    today = datetime.now(UTC).date()
    for form in DAYS:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
        if date(today.year - OLDEST_YEARS, 1, 1) <= found <= today + timedelta(days=1):
            return Match(text, is_certain=False)
    return None


def find_person_name(value: str, *, is_named: bool) -> Match | None:
    """Up to six words as names are written: capitals in front, no digits."""
    words = value.split()
    if not 1 <= len(words) <= 6 or len(value) > 80:
        return None
    own = [word for word in words if word.lower() not in PARTICLES]
    if not own or not all(NAME_WORD.fullmatch(word) for word in own):
        return None
    # Scripts without capitals have no lower case either.
    if any(word[0].islower() for word in own) or (len(own) == 1 and not is_named):
        return None
    return Match(value.strip(), is_certain=False)


def find_postal_address(value: str, *, is_named: bool) -> Match | None:
    """A postal code, or words with a number among them."""
    text = value.strip()
    if len(text) <= 200 and (POSTAL_CODE.fullmatch(text.upper()) or WORD_AND_NUMBER.match(text.replace("\n", " "))):
        return Match(text, is_certain=False)
    return None
