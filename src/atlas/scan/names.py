"""What a column's or a field's name says of its values."""

from __future__ import annotations

import json
import re
from functools import cache

_BEGIN, _END = "(^|[^a-z])", "([^a-z]|$)"


def _word(*words: str) -> str:
    return f"{_BEGIN}({'|'.join(words)}){_END}"


NAMES: dict[str, str] = {
    "email": "e[-_ ]?mail|courriel|correo",
    "phone": "phone|telefon|teléfono|telefoon|msisdn|" + _word("tel", "mobile", "cell", "fax", "handy", "gsm", "móvil"),
    "payment_card": (
        "(card|karten?)[-_ ]?(no|nr|num)|credit[-_ ]?card|kreditkarte|carte[-_ ]?bancaire|" + _word("pan", "cc", "card")
    ),
    "iban": "iban|bank[-_ ]?(account|konto)|kontonummer",
    "us_ssn": "social[-_ ]?security|" + _word("ssn", "itin"),
    "fr_nir": "s[eé]curit[eé][-_ ]?sociale|insee|" + _word("nir", "num[-_ ]?secu"),
    "de_steuer_id": "steuer|tax[-_ ]?(id|no|num)|" + _word("tin", "idnr"),
    "uk_nino": "national[-_ ]?insurance|" + _word("nino", "ni[-_ ]?(no|number)"),
    "es_dni": _word("dni", "nie", "nif"),
    "ip_address": "remote[-_ ]?(addr|host)|forwarded|" + _word("ip", "ipv4", "ipv6", "client[-_ ]?addr(ess)?"),
    "mac_address": "hw[-_ ]?addr|bssid|" + _word("mac", "mac[-_ ]?addr(ess)?"),
    "date_of_birth": (
        "birth|geburt|geboren|naissance|nacimiento|nascita|nascimento|geboorte|urodzenia|" + _word("dob", "born")
    ),
    "person_name": (
        "(first|last|middle|given|family|full|maiden|nick|sur|birth|contact|customer|client|patient|employee|author|"
        "committer|sender|recipient|holder|user|person|member|passenger|guest|driver|student|buyer|doctor|display)"
        "[-_ ]?name|vorname|nachname|familienname|geburtsname|pr[eé]nom|nom[-_ ]?(de[-_ ]?famille|complet)|apellido|"
        "nombre|cognome|achternaam|voornaam|nazwisko|" + _word("fname", "lname", "forename", "imię", "imie")
    ),
    "postal_address": (
        "street|stra(ss|ß)e|postal|post[-_ ]?code|postleitzahl|adres|direcci[oó]n|indirizzo|address|zip[-_ ]?code|"
        + _word("plz", "zip", "rue", "calle")
    ),
    "api_key": (
        "passw|secret|api[-_ ]?key|(access|private|auth|signing)[-_ ]?(key|token)|credential|" + _word("token", "pwd")
    ),
}
# Names that look like it and say something else.
OTHERWISE: dict[str, str] = {
    "phone": "type|count|status|verified|model|brand|_id$",
    "payment_card": "type|brand|count|status|expir|discard",
    "date_of_birth": "place|city|country|ort|lieu|name|weight",
    "person_name": "file|host|domain|path|product|brand|company|firm|table|column|schema|type",
    "postal_address": r"e[-_ ]?mail|url|web|wallet|hash|memory|remote|hw[-_ ]?|addressee|count|" + _word("ip", "mac"),
    "ip_address": "version|release|build|firmware|zip|ship",
    "api_key": "hash|count|type|_id$|expir|_at$|usage",
}
# A name that people have as well as products and machines: the table, or what stands beside it, has to tell.
AMBIGUOUS_PERSON = _word(
    "name", "nom", "naam", "author", "committer", "assignee", "contact", "person", "owner", "tagger"
)
PEOPLE = re.compile(
    "customer|client|person|people|employee|staff|user|member|patient|contact|author|developer|student|passenger|guest|"
    "kunde|mitarbeiter|salari|visitor|subscriber|lead|applicant|candidate|commit"
)
_NAMED = {code: re.compile(expression) for code, expression in NAMES.items()}
_OTHERWISE = {code: re.compile(expression) for code, expression in OTHERWISE.items()}
_AMBIGUOUS = re.compile(AMBIGUOUS_PERSON)
_STEPS = re.compile(r"(\"(?:[^\"\\]|\\.)*\")|([^.\[\]]+)(?=\.|\[\*\]|$)")


@cache
def last_key(column: str, path: str) -> str:
    """The name that is nearest to the value: of ``items[*].email`` it is ``email``, without a path the column's own.

    A key that stands for data (``{*}``) is no name; what is above it is.
    """
    keys = [quoted or plain for quoted, plain in _STEPS.findall(path)]
    names = [key for key in keys if key not in ("{*}", "{key}")]
    return json.loads(names[-1]) if names and names[-1].startswith('"') else names[-1] if names else column


@cache
def speaks_for(pattern: str, name: str) -> bool:
    """Whether a column of this name is expected to hold the pattern."""
    lower = _words(name)
    otherwise = _OTHERWISE.get(pattern)
    return bool(_NAMED[pattern].search(lower)) and not (otherwise and otherwise.search(lower))


def speaks_against(pattern: str, name: str) -> bool:
    """Whether a column of this name is expected to hold something that only looks like the pattern."""
    otherwise = _OTHERWISE.get(pattern)
    return bool(otherwise and otherwise.search(_words(name)))


def may_name_people(name: str) -> bool:
    """Whether it is a name that people have as well as things."""
    lower = _words(name)
    return bool(_AMBIGUOUS.search(lower)) and not speaks_against("person_name", lower)


def is_about_people(table: str) -> bool:
    """Whether a table of this name is about people."""
    return bool(PEOPLE.search(_words(table)))


def _words(name: str) -> str:
    """In lower case, with the humps of a camel apart."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
