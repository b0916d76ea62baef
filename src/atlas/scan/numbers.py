"""Numbers with rules: cards, accounts, national identity numbers. Check digits are python-stdnum's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stdnum import iban as stdnum_iban
from stdnum import luhn
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.us import ssn

from atlas.scan.match import Match

if TYPE_CHECKING:
    from collections.abc import Callable

# Issuers' ranges by their first digits, and the lengths of their numbers (ISO/IEC 7812-1 and the issuers' own).
CARDS = (
    (re.compile(r"4"), (16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"30[0-5]|3095|36|3[89]"), (14, 16)),
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),
    (re.compile(r"35(2[89]|[3-8])"), (16,)),
    (re.compile(r"62|81"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-8]|6[37]"), (16, 18, 19)),
)
CARD = re.compile(r"(?<![\w.:/-])\d(?:[ -]?\d){12,18}(?![\w/-]|\.\d)")
# As it is printed: 4-4-4-4, 4-6-5, 4-6-4.
PRINTED_CARD = re.compile(r"\d{4}([ -])(?:\d{4}\1\d{4}\1\d{4}(?:\1?\d{3})?|\d{6}\1\d{4,5})")
NEAR_CARD = re.compile(r"card|visa|master|amex|maestro|cvv|cvc|expir|carte|karte|tarjeta", re.IGNORECASE)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])")
SSN = re.compile(r"(?<![\w-])(\d{3})([- ])(\d{2})\2(\d{4})(?![\w-])")
NEAR_SSN = re.compile(r"ssn|social.security", re.IGNORECASE)
NIR = re.compile(r"(?<![\w-])[1-478](?:[ .-]?[0-9ABab]){14}(?![\w-])")
MONTHS = frozenset(f"{month:02d}" for month in range(1, 13))
STEUER_ID = re.compile(r"(?<![\w.,+-])[1-9](?:[ /]?\d){10}(?![\w-]|[.,]\d)")
NEAR_STEUER_ID = re.compile(r"steuer|idnr|tax", re.IGNORECASE)
NINO = re.compile(
    r"(?<![A-Za-z0-9])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
    r"( ?)\d\d\1\d\d\1\d\d\1[A-D](?![A-Za-z0-9])",
    re.IGNORECASE,
)
NEAR_NINO = re.compile(r"\bni\b|nino|national insurance", re.IGNORECASE)
DNI = re.compile(r"(?<![A-Za-z0-9.-])(?:\d{8}|[XYZxyz]-?\d{7})-?[A-Za-z](?![A-Za-z0-9])")
NEAR_DNI = re.compile(r"\b(dni|nie|nif)\b", re.IGNORECASE)


def find_payment_card(value: str, *, is_named: bool) -> Match | None:
    """A number of an issuer's range and length that holds its Luhn digit; one in ten does that by chance."""
    best = None
    account = find_iban(value, is_named=False)
    for found in CARD.finditer(value):
        if account is not None and not account.is_refuted and found[0] in account.text:
            continue
        digits = re.sub(r"\D", "", found[0])
        if is_card_number(digits):
            is_printed = PRINTED_CARD.fullmatch(found[0]) is not None
            match = Match(found[0], is_printed or (found[0].isdigit() and bool(NEAR_CARD.search(value))))
            if match.is_certain or found[0].isdigit():
                best = match
            if best and best.is_certain:
                break
    return best


def is_card_number(digits: str) -> bool:
    """Whether digits are in an issuer's range, as long as that issuer's numbers, and hold the Luhn digit."""
    in_range = any(len(digits) in lengths and prefix.match(digits) for prefix, lengths in CARDS)
    return in_range and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def find_iban(value: str, *, is_named: bool) -> Match | None:
    """An account number of a country's structure that holds modulo 97."""
    refuted = None
    for found in IBAN.finditer(value):
        text = found[0]
        # Text may go on with a word that looks like a further group.
        while text:
            if stdnum_iban.is_valid(text, check_country=False):
                return Match(text, is_certain=True)
            text = text.rpartition(" ")[0]
        refuted = Match(found[0], is_certain=False, is_refuted=True)
    return refuted


def find_us_ssn(value: str, *, is_named: bool) -> Match | None:
    """A number with an area, a group and a serial that are given out; nearly nine in ten of that form have them."""
    if is_named and re.fullmatch(r"\d{9}", value.strip()):
        return Match(value.strip(), is_certain=False) if ssn.is_valid(value.strip()) else None
    for found in SSN.finditer(value):
        if ssn.is_valid("-".join(found.group(1, 3, 4))):
            return Match(found[0], is_certain=bool(NEAR_SSN.search(value)))
    return None


def find_fr_nir(value: str, *, is_named: bool) -> Match | None:
    """Fifteen digits with a key modulo 97, a sex and a month."""
    refuted = None
    for found in NIR.finditer(value):
        digits = re.sub(r"[ .-]", "", found[0]).upper()
        if nir.is_valid(digits):
            # Other months stand for births whose month isn't known, other first digits for passing numbers.
            return Match(found[0], is_certain=digits[0] in "12" and digits[3:5] in MONTHS)
        refuted = Match(found[0], is_certain=False, is_refuted=True)
    return refuted


def find_de_steuer_id(value: str, *, is_named: bool) -> Match | None:
    """Eleven digits with one that repeats and a check digit; a few of a hundred have both by chance."""
    return _found_near(value, STEUER_ID, NEAR_STEUER_ID, lambda text: bool(idnr.is_valid(re.sub(r"\D", "", text))))


def find_uk_nino(value: str, *, is_named: bool) -> Match | None:
    """Two letters that are given out, six digits and a suffix; as it is printed, with blanks, it is plain enough."""
    for found in NINO.finditer(value):
        return Match(found[0], is_certain=found[1] == " " or bool(NEAR_NINO.search(value)))
    return None


def find_es_dni(value: str, *, is_named: bool) -> Match | None:
    """Digits with the letter that follows from them; one in 23 has it by chance."""
    return _found_near(
        value, DNI, NEAR_DNI, lambda text: bool(dni.is_valid(text) or nie.is_valid(text.replace("-", "")))
    )


def _found_near(
    value: str, form: re.Pattern[str], near: re.Pattern[str], is_valid: Callable[[str], bool]
) -> Match | None:
    """The first valid part; it is certain if a word that goes with it is in the same value."""
    for found in form.finditer(value):
        if is_valid(found[0]):
            return Match(found[0], is_certain=bool(near.search(value)))
    return None
