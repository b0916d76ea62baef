"""The patterns: how PostgreSQL finds values in their shape, and what Python then asks of these."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString, Protocol

from atlas.errors import UsageError
from atlas.scan import contacts, credentials, numbers

if TYPE_CHECKING:
    from atlas.scan.match import Match

VOCABULARY = Path("seeds") / "pii_patterns.csv"
LEVELS = Path("seeds") / "classification_levels.csv"


class Validator(Protocol):
    """Finds a pattern in a value; ``is_named`` says that the column's name speaks for it."""

    def __call__(self, value: str, *, is_named: bool) -> Match | None:  # noqa: D102 - the class says it
        ...


@dataclass(frozen=True)
class Pattern:
    """One kind of personal data.

    Attributes:
        code: of ``seeds/pii_patterns.csv``.
        shape: SQL condition on a cell ``c``, true of every value that the validator could accept. A cell has a
            ``value``, a ``form`` (the value with a 9 for each digit), ``digits`` (how many are in it), ``has_run``
            (eleven, but for separators) and ``has_letters`` (of ASCII, if it has six digits); ``is_named`` is whether
            its name speaks for the pattern. PostgreSQL builds an expression's automaton anew for each value, so what
            is cheap stands first, and repetitions are few.
        find: the validator.
        because: what it means that the validator accepted a value, as the end of a sentence.
        by_chance: if no more of the values that are written like it hold its rule, they do so by chance.
        least_share: share of the values in its shape that have to be accepted for a column to be believed without
            a name.
        least_distinct: different values that this takes.
        by_name: whether nothing is looked for unless the column's name speaks for it.
    """

    code: str
    shape: LiteralString
    find: Validator
    because: str
    by_chance: float
    least_share: float
    least_distinct: int = 5
    by_name: bool = False


# More than all values: a share that is never reached.
NEVER = 2.0
# In the order of their bits.
PATTERNS = (
    Pattern(
        "email",
        r"strpos(c.value, '@') > 0 and c.value ~ '[^[:space:]@]@[^[:space:]@]+\.[^[:space:]@.]{2}'",
        contacts.find_email,
        "an address with a domain",
        0.0,
        NEVER,
    ),
    Pattern(
        "phone",
        r"""c.digits >= 7 and (
            strpos(c.value, '+') > 0 and c.value ~ '\+ ?[1-9][ ()./-]{0,3}[0-9]'
            or strpos(c.value, '00') > 0 and c.value ~ '(^|[^0-9A-Za-z.])00 ?[1-9]'
            or c.value ~ '[0-9)][ ./-]' and (
                c.value ~ '(^|[^0-9A-Za-z./:-])\(?0[0-9]+\)?[ ./-]+[0-9]'
                or c.value ~ '(^|[^0-9A-Za-z./:-])\(?[2-9][0-9][0-9]\)?[ .-]+[0-9][0-9]+[ .-][0-9]'
            )
            or {is_named} and c.value ~ '^ *\(?[0-9][0-9 ()./-]+[0-9] *$'
        )""",
        contacts.find_phone,
        "a number of a country's plan",
        0.5,
        0.95,
        least_distinct=20,
    ),
    Pattern(
        "payment_card",
        r"c.digits >= 14 and c.has_run and c.value ~ '(^|[^0-9A-Za-z])[0-9]([ -]?[0-9]){13}'",
        numbers.find_payment_card,
        "an issuer's range and length, and the Luhn digit",
        0.0,
        0.5,
    ),
    Pattern(
        "iban",
        r"""c.digits >= 10 and length(c.value) >= 15 and c.has_letters
            and c.value ~ '(^|[^0-9A-Za-z])[A-Za-z][A-Za-z][0-9][0-9] ?[0-9A-Za-z]{4} ?[0-9A-Za-z]{4}'""",
        numbers.find_iban,
        "the country's structure and the check digits modulo 97",
        0.03,
        NEVER,
    ),
    Pattern(
        "us_ssn",
        r"""c.digits >= 9 and (
            (strpos(c.form, '999-99-9999') > 0 or strpos(c.form, '999 99 9999') > 0)
            and c.value ~ '(^|[^0-9A-Za-z])[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}'
            or {is_named} and c.value ~ '^ *[0-9]{9} *$'
        )""",
        numbers.find_us_ssn,
        "area, group and serial are given out",
        0.0,
        0.97,
        least_distinct=20,
    ),
    Pattern(
        "fr_nir",
        r"c.digits >= 14 and c.has_run and c.value ~ '(^|[^0-9A-Za-z])[1-478]([ .-]?[0-9ABab]){14}'",
        numbers.find_fr_nir,
        "the key modulo 97",
        0.03,
        NEVER,
    ),
    Pattern(
        "de_steuer_id",
        r"c.digits >= 11 and c.has_run and c.value ~ '(^|[^0-9A-Za-z])[1-9]([ /]?[0-9]){10}($|[^0-9A-Za-z])'",
        numbers.find_de_steuer_id,
        "one digit repeats, and the check digit of ISO 7064",
        0.0,
        0.5,
    ),
    Pattern(
        "uk_nino",
        r"""c.digits >= 6 and c.has_letters and (strpos(c.form, '999999') > 0 or strpos(c.form, '99 99 99') > 0)
            and c.value ~ '(^|[^0-9A-Za-z])[A-Za-z]{2}( ?[0-9]{2}){3} ?[A-Za-z]($|[^0-9A-Za-z])'""",
        numbers.find_uk_nino,
        "letters that are given out, six digits and a suffix",
        0.0,
        0.6,
    ),
    Pattern(
        "es_dni",
        r"""c.digits >= 7 and c.has_letters and strpos(c.form, '9999999') > 0
            and c.value ~ '(^|[^0-9A-Za-z])([0-9]{8}|[XYZxyz]-?[0-9]{7})-?[A-Za-z]($|[^0-9A-Za-z])'""",
        numbers.find_es_dni,
        "the letter that follows from the number",
        0.0,
        0.5,
    ),
    Pattern(
        "ip_address",
        r"""c.digits >= 4 and c.value like '%_.%_.%_.%_' and c.value ~ '[0-9]\.[0-9]+\.[0-9]+\.[0-9]'
            or c.value like '%_:%:%_' and c.value ~ '[0-9A-Fa-f]:([0-9A-Fa-f]*:)+[0-9A-Fa-f]'""",
        contacts.find_ip_address,
        "an address that one host can have",
        0.5,
        0.6,
    ),
    Pattern(
        "mac_address",
        r"""(
                c.value like '%__:__:__:__:__:__%' or c.value like '%__-__-__-__-__-__%'
                or c.value like '%____.____.____%'
            )
            and c.value ~ '[0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]|[0-9A-Fa-f]{4}[.][0-9A-Fa-f]{4}[.]'""",
        contacts.find_mac_address,
        "48 bits that one interface can have",
        0.0,
        NEVER,
    ),
    Pattern(
        "date_of_birth",
        r"{is_named} and c.digits >= 4",
        contacts.find_date_of_birth,
        "a day on which somebody alive can be born",
        0.0,
        NEVER,
        by_name=True,
    ),
    Pattern(
        "person_name",
        r"{is_named} and c.digits = 0 and length(c.value) <= 80",
        contacts.find_person_name,
        "words as names are written",
        0.0,
        NEVER,
        by_name=True,
    ),
    Pattern(
        "postal_address",
        r"{is_named} and c.digits >= 1 and length(c.value) <= 200",
        contacts.find_postal_address,
        "a postal code, or words with a number",
        0.0,
        NEVER,
        by_name=True,
    ),
    Pattern(
        "api_key",
        r"""length(c.value) >= 8 and (
            {is_named} and c.value !~ '[[:space:]]'
            or octet_length(c.value) >= 15 and (
                strpos(c.value, 'AKIA') > 0 or strpos(c.value, 'ASIA') > 0 or strpos(c.value, 'AIza') > 0
                or strpos(c.value, 'SG.') > 0 or strpos(c.value, 'eyJ') > 0
                or strpos(c.value, '_') > 0
                and c.value ~ 'gh[pousr]_|github_pat_|[sr]k_(live|test)_|whsec_|npm_|dop_v1_'
                or strpos(c.value, '-') > 0 and c.value ~ 'glpat-|xox[abeprs]-|pypi-|sk-ant-|-----BEGIN '
            )
            or strpos(c.value, '://') > 0 and c.value ~ '://[^[:space:]:@/]+:[^[:space:]:@/]+@'
        )""",
        credentials.find_api_key,
        "an issuer's form, or random text",
        0.0,
        NEVER,
    ),
)
BY_CODE = {pattern.code: pattern for pattern in PATTERNS}
BITS = {pattern.code: bit for bit, pattern in enumerate(PATTERNS)}


@dataclass(frozen=True)
class Term:
    """What the vocabulary says of a pattern.

    Attributes:
        name: as people call it.
        least_level: the lowest classification that a column with it may declare.
    """

    name: str
    least_level: str


def read_vocabulary(project: Path) -> dict[str, Term]:
    """The patterns of ``seeds/pii_patterns.csv``, by code.

    Raises:
        UsageError: the file can't be read, or doesn't hold just the patterns that the scan knows.
    """
    terms = {row["code"]: Term(row["name"], row["least_level"]) for row in _read_csv(project / VOCABULARY)}
    if terms.keys() != BY_CODE.keys():
        odd = ", ".join(sorted(terms.keys() ^ BY_CODE.keys()))
        raise UsageError(f"{project / VOCABULARY} and the scan don't know the same patterns: {odd}.")
    return terms


def read_levels(project: Path) -> dict[str, int]:
    """The ranks of ``seeds/classification_levels.csv``, by level.

    Raises:
        UsageError: the file can't be read.
    """
    return {row["level"]: int(row["rank"]) for row in _read_csv(project / LEVELS)}


def _read_csv(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}.") from error


@cache
def code_fingerprint() -> str:
    """Identifies what looks: this package, and the libraries that know the number plans."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for library in ("phonenumbers", "python-stdnum"):
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]
