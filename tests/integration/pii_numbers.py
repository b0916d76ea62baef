"""Numbers that hold their rules, with check digits worked out here: the scan's are a library's, and must agree."""

from __future__ import annotations

import random
from itertools import pairwise

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
NINO_FIRST, NINO_SECOND = "ABCEGHJKLMNOPRSTWXYZ", "ABCEGHJKLMNPRSTWXYZ"
NINO_NEVER = {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
CARD_PREFIXES = (
    ("4", 16),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("37", 15),
    ("6011", 16),
    ("3530", 16),
    ("36", 14),
)


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(count))


def with_luhn(payload: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(payload)):
        number = int(digit) * (2 if place % 2 == 0 else 1)
        total += number - 9 if number > 9 else number
    return payload + str(-total % 10)


def card(rng: random.Random) -> str:
    prefix, length = rng.choice(CARD_PREFIXES)
    return with_luhn(prefix + digits(rng, length - len(prefix) - 1))


def printed_card(rng: random.Random) -> str:
    number = card(rng)
    cuts = (0, 4, 10, len(number)) if len(number) < 16 else (0, 4, 8, 12, 16)
    return rng.choice(" -").join(number[a:b] for a, b in pairwise(cuts))


def iban(rng: random.Random) -> str:
    country, bban = rng.choice(
        (
            ("DE", digits(rng, 18)),
            ("FR", digits(rng, 10) + digits(rng, 11) + digits(rng, 2)),
            ("GB", letters(rng, 4) + digits(rng, 14)),
            ("ES", digits(rng, 20)),
            ("NL", letters(rng, 4) + digits(rng, 10)),
            ("IT", letters(rng, 1) + digits(rng, 22)),
            ("PL", digits(rng, 24)),
        )
    )
    number = "".join(str(int(character, 36)) for character in f"{bban}{country}00")
    whole = f"{country}{98 - int(number) % 97:02d}{bban}"
    if rng.random() < 0.5:
        return " ".join(whole[place : place + 4] for place in range(0, len(whole), 4))
    return whole


def ssn(rng: random.Random) -> str:
    area = rng.choice([number for number in range(1, 900) if number != 666])
    return f"{area:03d}-{rng.randint(1, 99):02d}-{rng.randint(1, 9999):04d}"


def nir(rng: random.Random) -> str:
    month, department = rng.randint(1, 12), rng.choice([n for n in range(1, 96) if n != 20])
    body = f"{rng.choice('12')}{rng.randint(0, 99):02d}{month:02d}{department:02d}{rng.randint(1, 989):03d}"
    body += f"{rng.randint(1, 999):03d}"
    whole = f"{body}{97 - int(body) % 97:02d}"
    if rng.random() < 0.5:
        return f"{whole[0]} {whole[1:3]} {whole[3:5]} {whole[5:7]} {whole[7:10]} {whole[10:13]} {whole[13:]}"
    return whole


def steuer_id(rng: random.Random) -> str:
    """Ten digits of which one is there twice and one never, the first not 0, and the check digit of MOD 11,10."""
    while True:
        kept = rng.sample("0123456789", 9)
        body = [*kept, rng.choice(kept)]
        rng.shuffle(body)
        if body[0] != "0":
            break
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    whole = "".join(body) + str((11 - product) % 10)
    return f"{whole[:2]} {whole[2:5]} {whole[5:8]} {whole[8:]}" if rng.random() < 0.3 else whole


def nino(rng: random.Random) -> str:
    prefix = next(
        pair
        for pair in iter(lambda: rng.choice(NINO_FIRST) + rng.choice(NINO_SECOND.replace("O", "")), None)
        if pair not in NINO_NEVER
    )
    number = digits(rng, 6)
    if rng.random() < 0.5:
        return f"{prefix} {number[:2]} {number[2:4]} {number[4:]} {rng.choice('ABCD')}"
    return f"{prefix}{number}{rng.choice('ABCD')}"


def dni(rng: random.Random) -> str:
    if rng.random() < 0.3:
        first, number = rng.choice(("X0", "Y1", "Z2")), digits(rng, 7)
        return f"{first[0]}{number}{DNI_LETTERS[int(first[1] + number) % 23]}"
    number = digits(rng, 8)
    return f"{number}{'-' if rng.random() < 0.2 else ''}{DNI_LETTERS[int(number) % 23]}"
