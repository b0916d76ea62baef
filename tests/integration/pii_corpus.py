"""A labelled corpus: columns of several locales with personal data, beside columns that only look like it.

Everything follows from a seed. A column's name says nothing where the values have to do without it.
"""

from __future__ import annotations

import base64
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pii_numbers as numbers
from pii_numbers import digits, letters

ROWS = 300
Maker = Callable[[random.Random], tuple[str, frozenset[str]]]


@dataclass(frozen=True)
class LabelledColumn:
    """Values of a column, and the patterns that each one truly holds."""

    name: str
    values: list[str]
    labels: list[frozenset[str]]


FIRST = [
    "Anna",
    "Björn",
    "Chiara",
    "Dmitri",
    "Émile",
    "Fatima",
    "Grace",
    "Hiroshi",
    "Inés",
    "João",
    "Kenji",
    "Léa",
    "Mehmet",
    "Nkechi",
    "Olga",
    "Priya",
    "Søren",
    "Zoë",
]
LAST = [
    "Adeyemi",
    "Müller",
    "Dvořák",
    "Eriksson",
    "Fontaine",
    "García",
    "Horvat",
    "Ivanov",
    "Jansen",
    "Kowalska",
    "Lindqvist",
    "Moreau",
    "O'Brien",
    "Smith-Jones",
    "Þórsson",
    "Zhang",
]
DOMAINS = [
    "example.org",
    "mail.example.com",
    "firma.example.de",
    "exemple.fr",
    "correo.example.es",
    "example.co.uk",
    "münchen.example",
]
STREETS = (
    "Hauptstraße {n}",
    "{n} rue de la Paix",
    "Calle Mayor {n}",
    "{n}B Baker Street",
    "Via Roma, {n}",
    "ul. Długa {n}/4",
)
WORDS = [
    "the",
    "order",
    "was",
    "sent",
    "twice",
    "and",
    "the",
    "customer",
    "asked",
    "for",
    "a",
    "refund",
    "because",
    "of",
    "a",
    "late",
    "delivery",
    "on",
    "monday",
]
PHONES = (
    "+49 30 2######", "+49 (0)89 4######", "+33 6 12 ## ## ##", "+44 20 7### ####", "+44 7400 ######",
    "+1 415-2##-####", "+1 (212) 7##-####", "+34 612 ### ###", "+39 347 ### ####", "+48 512 ### ###",
    "+91 98### #####", "+81 90-1###-####", "+61 412 ### ###", "+3161234####", "+4915112######",
)  # fmt: skip
NATIONAL_PHONES = (
    "030 2######", "06 12 ## ## ##", "(415) 2##-####", "020 7### ####", "0151 1#######", "212-7##-####",
)  # fmt: skip
PLAIN_PHONES = ("0612######", "4152######", "07400######", "0301######")
HEX = "0123456789abcdef"


def fill(rng: random.Random, template: str) -> str:
    """A template with a digit for each #."""
    return "".join(digits(rng, 1) if character == "#" else character for character in template)


def hexes(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(HEX) for _ in range(count))


def email(rng: random.Random) -> str:
    first, last = rng.choice(FIRST), rng.choice(LAST).replace("'", "")
    local = rng.choice((f"{first}.{last}", f"{first[0]}{last}{rng.randint(1, 99)}", f"{last}+news", f"{first}_{last}"))
    return f"{local}@{rng.choice(DOMAINS)}" if rng.random() < 0.8 else f"{local}@{rng.choice(DOMAINS)}".upper()


def person(rng: random.Random) -> str:
    name = f"{rng.choice(FIRST)} {rng.choice(('', '', '', 'van der ', 'de '))}{rng.choice(LAST)}"
    return name.upper() if rng.random() < 0.1 else name


def street(rng: random.Random) -> str:
    return rng.choice(STREETS).format(n=rng.randint(1, 199))


def ipv4(rng: random.Random) -> str:
    return (
        f"{rng.choice((23, 84, 91, 145, 192, 203))}.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"
    )


def ipv6(rng: random.Random) -> str:
    groups = [f"{rng.randint(1, 0xFFFF):x}" for _ in range(4)]
    return f"2001:db8::{':'.join(groups[:3])}" if rng.random() < 0.5 else f"2a02:{':'.join(groups)}:1:2:{groups[0]}"


def mac(rng: random.Random) -> str:
    pairs = [f"0{rng.choice('26ae')}", *(hexes(rng, 2) for _ in range(5))]
    whole = (
        rng.choice(":-").join(pairs) if rng.random() < 0.8 else ".".join(("".join(pairs)[i : i + 4]) for i in (0, 4, 8))
    )
    return whole.upper() if rng.random() < 0.3 else whole


def birthday(rng: random.Random) -> str:
    year, month, day = rng.randint(1930, 2015), rng.randint(1, 12), rng.randint(1, 28)
    return rng.choice(
        (f"{year}-{month:02d}-{day:02d}", f"{day:02d}.{month:02d}.{year}", f"{day:02d}/{month:02d}/{year}")
    )


def key(rng: random.Random) -> str:
    token = base64.urlsafe_b64encode(rng.randbytes(48)).decode().replace("-", "x").replace("_", "y")
    return rng.choice(
        (
            f"AKIA{letters(rng, 16)}",
            f"ghp_{token[:36]}",
            f"sk_live_{token[:24]}",
            f"xoxb-{digits(rng, 11)}-{token[:24]}",
            f"AIza{token[:35]}",
            f"eyJ{token[:20]}.eyJ{token[10:40]}.{token[:43]}",
            f"postgresql://app:{token[:12]}@db.example.org/app",
        )
    )


def words(rng: random.Random, count: int) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(count))


def fragment(rng: random.Random) -> str:
    """What stands in texts beside personal data, and isn't any."""
    return rng.choice(
        (
            f"order {digits(rng, 16)}",
            f"on 20{rng.randint(10, 26)}-{rng.randint(10, 12)}-{rng.randint(10, 28)}",
            f"am {rng.randint(10, 28)}.0{rng.randint(1, 9)}.2025",
            f"at {rng.randint(10, 23)}:{rng.randint(10, 59)}:07",
            f"EUR {rng.uniform(1, 99999):,.2f}",
            f"INV-2024-{digits(rng, 6)}",
            f"app {rng.randint(1, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 400)}",
            f"commit {hexes(rng, 40)}",
            f"see https://example.org/{hexes(rng, 8)}?v=2.0.1",
            f"{rng.randint(1, 90)} % of {rng.randint(1, 9)},000",
        )
    )


def among_words(maker: Callable[[random.Random], str], pattern: str, share: float = 0.3) -> Maker:
    """Text in which a share of the values holds one."""

    def make(rng: random.Random) -> tuple[str, frozenset[str]]:
        if rng.random() >= share:
            return f"{words(rng, 3)} {fragment(rng)}, {fragment(rng)}.", frozenset()
        return f"{words(rng, 2)} {fragment(rng)}, {maker(rng)}, {words(rng, 2)}", frozenset({pattern})

    return make


def holds(maker: Callable[[random.Random], str], *patterns: str) -> Maker:
    return lambda rng: (maker(rng), frozenset(patterns))


def either(*makers: Maker) -> Maker:
    return lambda rng: rng.choice(makers)(rng)


POSITIVE: dict[str, Maker] = {
    "reply_to": holds(email, "email"),
    "remark": among_words(email, "email"),
    "header_from": holds(lambda rng: f'"{person(rng)}" <{email(rng)}>', "email"),
    "link": either(
        holds(lambda rng: f"mailto:{email(rng)}?subject=hello", "email"),
        holds(lambda rng: f"https://example.org/unsubscribe?to={email(rng)}&list={rng.randint(1, 9)}", "email"),
        holds(lambda rng: f"https://example.org/{rng.choice(WORDS)}?id={digits(rng, 8)}&v=1.2.3"),
    ),
    "either_way": either(holds(email, "email"), holds(lambda rng: fill(rng, rng.choice(PHONES)), "phone")),
    "dialled": holds(
        lambda rng: rng.choice(("tel:{}", "{} ext. 12", "{} (home)")).format(fill(rng, PHONES[0])), "phone"
    ),
    "reach_at": holds(lambda rng: fill(rng, rng.choice(PHONES)), "phone"),
    "callback_number": holds(lambda rng: fill(rng, rng.choice(NATIONAL_PHONES)), "phone"),
    "mobile": holds(lambda rng: fill(rng, rng.choice(PLAIN_PHONES)), "phone"),
    "call_notes": among_words(lambda rng: fill(rng, rng.choice(PHONES)), "phone"),
    "instrument": holds(numbers.card, "payment_card"),
    "instrument_as_printed": holds(numbers.printed_card, "payment_card"),
    "payment_notes": among_words(numbers.printed_card, "payment_card"),
    "chat": among_words(lambda rng: f"my visa is {numbers.card(rng)}", "payment_card"),
    "settlement": holds(numbers.iban, "iban"),
    "transfer_text": among_words(numbers.iban, "iban"),
    "settlement_lower": holds(lambda rng: numbers.iban(rng).lower(), "iban"),
    "reference_us": holds(numbers.ssn, "us_ssn"),
    "hr_note": among_words(lambda rng: f"SSN {numbers.ssn(rng)}", "us_ssn"),
    "reference_fr": holds(numbers.nir, "fr_nir"),
    "dossier": among_words(numbers.nir, "fr_nir"),
    "reference_de": holds(numbers.steuer_id, "de_steuer_id"),
    "vermerk": among_words(lambda rng: f"Steuer-ID {numbers.steuer_id(rng)}", "de_steuer_id"),
    "reference_uk": holds(numbers.nino, "uk_nino"),
    "reference_es": holds(numbers.dni, "es_dni"),
    "nota": among_words(lambda rng: f"DNI {numbers.dni(rng)}", "es_dni"),
    "peer": either(holds(ipv4, "ip_address"), holds(ipv6, "ip_address")),
    "log_line": among_words(lambda rng: f"from {ipv4(rng)} port {rng.randint(1024, 9999)}", "ip_address"),
    "access_log": holds(
        lambda rng: f'{ipv4(rng)} - - [10/Oct/2025:13:55:36 +0000] "GET /v{rng.randint(1, 9)}.0.1 HTTP/1.1" 200',
        "ip_address",
    ),
    "forwarded": holds(lambda rng: f"{ipv4(rng)}:{rng.randint(1024, 65535)}, 10.0.0.{rng.randint(1, 9)}", "ip_address"),
    "interface": holds(mac, "mac_address"),
    "device_log": among_words(mac, "mac_address"),
    "born_on": holds(birthday, "date_of_birth"),
    "full_name": holds(person, "person_name"),
    "last_name": holds(lambda rng: rng.choice(LAST), "person_name"),
    "street": holds(street, "postal_address"),
    "post_code": holds(
        lambda rng: rng.choice((digits(rng, 5), f"SW{rng.randint(1, 9)}A 1AA", "75008")), "postal_address"
    ),
    "setting": holds(key, "api_key"),
    "commit_text": among_words(key, "api_key"),
    "client_secret": holds(lambda rng: base64.b64encode(rng.randbytes(18)).decode(), "api_key"),
}
# Each of these looks like something above, and is nothing.
NEGATIVE: dict[str, Callable[[random.Random], str]] = {
    "order_number": lambda rng: digits(rng, 16),
    "order_number_with_luhn": lambda rng: numbers.with_luhn(digits(rng, 15)),
    "grouped_reference": lambda rng: "-".join(digits(rng, 4) for _ in range(3)),
    "imei": lambda rng: numbers.with_luhn("35" + digits(rng, 12)),
    "isbn": lambda rng: f"978{digits(rng, 10)}",
    "account_code": lambda rng: f"{letters(rng, 2)}{digits(rng, 20)}",
    "long_id": lambda rng: digits(rng, 15),
    "snowflake": lambda rng: f"1{digits(rng, 17)}",
    "part_number": lambda rng: f"{digits(rng, 3)}-{digits(rng, 2)}-{digits(rng, 4)}",
    "nine_digits": lambda rng: digits(rng, 9),
    "eleven_digits": lambda rng: str(rng.randint(1, 9)) + digits(rng, 10),
    "ticket": lambda rng: f"{letters(rng, 2)}{digits(rng, 6)}{letters(rng, 1)}",
    "batch_code": lambda rng: f"{digits(rng, 8)}{letters(rng, 1)}",
    "dial_reference": lambda rng: f"{digits(rng, 4)}-{digits(rng, 3)}-{digits(rng, 5)}",
    "invoice": lambda rng: f"INV-{rng.randint(2015, 2026)}-{digits(rng, 6)}",
    "ten_digits": lambda rng: digits(rng, 10),
    "epoch_ms": lambda rng: str(1_600_000_000_000 + rng.randint(0, 10**11)),
    "epoch_us": lambda rng: str(1_600_000_000_000_000 + rng.randint(0, 10**14)),
    "seen_at": lambda rng: (
        f"20{rng.randint(10, 26)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}T{rng.randint(0, 23):02d}:"
        f"{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}Z"
    ),
    "day_de": lambda rng: f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.20{rng.randint(10, 26)}",
    "time_of_day": lambda rng: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:{rng.randint(0, 59):02d}",
    "year": lambda rng: str(rng.randint(1950, 2026)),
    "coordinates": lambda rng: f"{rng.uniform(-90, 90):.7f}, {rng.uniform(-180, 180):.7f}",
    "price": lambda rng: f"{rng.uniform(1, 99999):,.2f}",
    "app_version": lambda rng: ".".join(str(rng.randint(0, 30)) for _ in range(rng.choice((3, 4)))),
    "runtime": lambda rng: ".".join(str(rng.choice((rng.randint(0, 12), rng.randint(0, 9999)))) for _ in range(4)),
    "object_id": lambda rng: "1.3.6.1." + ".".join(str(rng.randint(1, 99)) for _ in range(rng.randint(3, 6))),
    "build_log": lambda rng: (
        f"upgraded to v{rng.randint(1, 99)}.{rng.randint(0, 99)}.{rng.randint(0, 99)}.{rng.randint(0, 99)}"
    ),
    "md5": lambda rng: hexes(rng, 32),
    "sha1": lambda rng: hexes(rng, 40),
    "sha256": lambda rng: hexes(rng, 64),
    "certificate": lambda rng: ":".join(hexes(rng, 2) for _ in range(20)),
    "uuid": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "uuid_of_digits": lambda rng: "-".join(digits(rng, n) for n in (8, 4, 4, 4, 12)),
    "package": lambda rng: rng.choice(
        (f"left-pad@{rng.randint(1, 9)}.{rng.randint(0, 9)}.0", "@scope/ui@2.0.0-rc.1", "a@b")
    ),
    "picture": lambda rng: f"icon{rng.randint(1, 99)}@{rng.choice('23')}x.png",
    "remote_repository": lambda rng: f"git@example.org:team/{rng.choice(WORDS)}.git",
    "mention": lambda rng: f"@{rng.choice(WORDS)} {words(rng, 3)}",
    "cpp": lambda rng: rng.choice(("std::string", "abc::def", "face::add", "a::b::c")),
    "tracking": lambda rng: f"1Z{letters(rng, 3)}{digits(rng, 13)}",
    "colour": lambda rng: f"#{hexes(rng, 6)}",
    "product": lambda rng: f"{rng.choice(('Blue', 'Large', 'Steel'))} {rng.choice(('Widget', 'Bracket', 'Lamp'))}",
    "city": lambda rng: rng.choice(("Lisboa", "Gdańsk", "Malmö", "Köln")),
    "branch": lambda rng: rng.choice(("main", "feature/login-2", "release/1.2.3.4", "v10.2.0.7")),
    "sql_text": lambda rng: f"select {rng.choice(WORDS)} from t where id = {digits(rng, 7)}",
    "dimension": lambda rng: f"{rng.randint(10, 999)} x {rng.randint(10, 999)} x {rng.randint(10, 999)} mm",
    "trace": lambda rng: (
        f"at {rng.choice(WORDS)}.go:{rng.randint(1, 999)} +0x{hexes(rng, 3)} in {rng.randint(100, 99999)} ms"
    ),
    "amounts": lambda rng: f"{digits(rng, 3)} {digits(rng, 3)} {digits(rng, 3)}",
    "dashed_numbers": lambda rng: f"{rng.randint(100, 999)}-{rng.randint(100, 999)}-{digits(rng, 4)}",
    "range": lambda rng: f"{rng.randint(1, 500)}-{rng.randint(501, 1000)}",
    "decimal": lambda rng: f"{rng.uniform(0, 1):.16f}",
    "signed": lambda rng: f"+{rng.uniform(0, 10**10):.2f}",
    "measured": lambda rng: f"+{digits(rng, 11)}",
    "blob": lambda rng: base64.b64encode(rng.randbytes(24)).decode(),
}


# What people type where they have nothing to say.
FILLERS = ("n/a", "unknown", "-", "see notes", "0", "TBD")
FILLED = 0.08


def make_corpus(seed: int) -> list[LabelledColumn]:
    """Every column, with ``ROWS`` labelled values each."""
    corpus = []
    for name, maker in [*POSITIVE.items(), *((name, holds(maker)) for name, maker in NEGATIVE.items())]:
        rng = random.Random(f"{seed} {name}")  # noqa: S311 - it has to be the same every time
        made = [maker(rng) if rng.random() >= FILLED else (rng.choice(FILLERS), frozenset()) for _ in range(ROWS)]
        corpus.append(LabelledColumn(name, [value for value, _ in made], [labels for _, labels in made]))
    return corpus
