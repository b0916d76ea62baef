"""Make samples/crm.customers: five days of a customer feed, with what real feeds do to those who read them.

Synthetic throughout, and the same bytes each time: only the generator's own random() is used, which Python keeps
stable. Run it from anywhere: python samples/make_customers.py
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "crm.customers"
FIRST_DAY = datetime(2025, 3, 3, tzinfo=UTC)
FIRST_NAMES = [
    "Ada",
    "Björn",
    "Chiara",
    "Dmitri",
    "Elif",
    "Fatou",
    "Grzegorz",
    "Hana",
    "Inés",
    "Jürgen",
    "Kenji",
    "Léa",
    "Mehmet",
    "Nkechi",
    "Oskar",
    "Priya",
]
LAST_NAMES = [
    "Adeyemi",
    "Bauer",
    "Costa",
    "Dvořák",
    "Eriksson",
    "Fontaine",
    "García",
    "Horvat",
    "Ivanov",
    "Jansen",
    "Kowalski",
    "Lindqvist",
    "Müller",
]
CITIES = [("Lisboa", "PT"), ("Köln", "DE"), ("Lyon", "FR"), ("Gdańsk", "PL"), ("Torino", "IT"), ("Malmö", "SE")]
SEGMENTS = ["consumer", "consumer", "consumer", "small_business", "small_business", "enterprise", "public_sector"]
TAGS = ["newsletter", "vip", "trade fair", "referred", "slow payer"]

rng = random.Random(20250303)  # noqa: S311 - samples, not secrets


def pick(items: list[Any]) -> Any:
    """One of ``items``."""
    return items[int(rng.random() * len(items))]


def moment(day: int) -> datetime:
    """A second of working hours of day ``day``, from 0."""
    return FIRST_DAY + timedelta(days=day, hours=7, seconds=int(rng.random() * 10 * 3600))


def stamp(at: datetime) -> str:
    """RFC 3339 in one of the forms that systems write it in."""
    form = rng.random()
    if form < 0.8:
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")
    if form < 0.9:
        return (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.000+01:00")
    return at.strftime("%Y-%m-%dt%H:%M:%Sz")


def created(number: int, at: datetime) -> dict[str, Any]:
    """A new customer."""
    first, last = pick(FIRST_NAMES), pick(LAST_NAMES)
    city, country = pick(CITIES)
    address = f"{first}.{last}{number}@Example.org"
    return {
        "customer_id": f"C-{number:05d}",
        "name": f"{first}  {last} " if rng.random() < 0.1 else f"{first} {last}",
        "email": None if rng.random() < 0.05 else f" {address}" if rng.random() < 0.1 else address,
        "phone": f"+49 (0)30 {int(rng.random() * 9_000_000) + 1_000_000}" if rng.random() < 0.7 else None,
        "city": city,
        "country": country.lower() if rng.random() < 0.1 else country,
        "segment": pick(SEGMENTS),
        "credit_limit": int(rng.random() * 200) * 250 + (0.5 if rng.random() < 0.1 else 0),
        "is_active": rng.random() < 0.9,
        "signed_up_on": at.date().isoformat(),
        "tags": [tag for tag in TAGS if rng.random() < 0.2],
        "updated_at": stamp(at),
        "op": "create",
    }


def updated(before: dict[str, Any], at: datetime) -> dict[str, Any]:
    """One or more facts of a customer change."""
    change: dict[str, Any] = {"updated_at": stamp(at), "op": "update"}
    what = rng.random()
    if what < 0.35:
        change["credit_limit"] = int(rng.random() * 400) * 250
    elif what < 0.6:
        change["city"], change["country"] = pick(CITIES)
    elif what < 0.8:
        change["is_active"] = not before["is_active"]
    else:
        change["segment"] = pick(SEGMENTS)
    return before | change


def deleted(customer_id: str, at: datetime) -> dict[str, Any]:
    """A delete says no more than which and when."""
    return {"customer_id": customer_id, "updated_at": stamp(at), "op": "delete"}


def shuffled(lines: list[str]) -> list[str]:
    """The lines in an order that has nothing to do with time."""
    return [line for _, line in sorted((rng.random(), line) for line in lines)]


def malformed(good: dict[str, Any]) -> list[list[str]]:
    """For each day the records that have to be refused."""

    def line(**changed: Any) -> str:
        return json.dumps(good | changed, ensure_ascii=False)

    whole = line()
    keyless = json.dumps({name: value for name, value in good.items() if name != "customer_id"})
    return [
        [whole[: len(whole) // 2], line(is_active="yes")],
        [keyless, line(customer_id="4711")],
        [whole[:-1] + ', "segment": "enterprise"}', line(segment="whale")],
        [line(city="Wien\u0000").replace("\x00", "\\u0000"), line(credit_limit=7).replace(": 7,", ": 1e999999,")],
        [line(updated_at="2025-03-07T09:00:00"), line(credit_limit=-250), "not JSON at all"],
    ]


def main() -> None:
    """Write the five files and say how many records of them ought to be accepted, doubled and refused."""
    state: dict[str, dict[str, Any]] = {}
    gone: list[str] = []
    days: list[list[str]] = []

    def record(change: dict[str, Any]) -> str:
        return json.dumps(change, ensure_ascii=False)

    number = 0
    for day in range(5):
        lines: list[str] = []
        for _ in range(150 if day == 0 else 14):
            number += 1
            change = created(number, moment(day))
            if number in {17, 88, 163}:
                change["email"] = f"{change['name'].split()[0]} at example.org"
            state[change["customer_id"]] = change
            lines.append(record(change))
        if day > 0:
            for _ in range(24):
                customer_id = pick(sorted(state))
                state[customer_id] = updated(state[customer_id], moment(day))
                lines.append(record(state[customer_id]))
            for _ in range(4):
                customer_id = pick(sorted(state))
                del state[customer_id]
                gone.append(customer_id)
                lines.append(record(deleted(customer_id, moment(day) + timedelta(hours=11))))
        days.append(lines)

    # Two who left come back, under their old numbers.
    for day, customer_id in ((3, gone[0]), (4, gone[5])):
        days[day].append(record(created(int(customer_id[2:]), FIRST_DAY + timedelta(days=day, hours=6))))
    # Late: this happened on the second day, and the third day's change of the same customer has long arrived.
    stayed = [customer_id for customer_id in sorted(state) if customer_id < "C-00150"]
    for customer_id in stayed[:3]:
        early = updated(state[customer_id], FIRST_DAY + timedelta(days=1, hours=12)) | {
            "city": "Zagreb",
            "country": "HR",
        }
        later = early | {
            "city": "Sevilla",
            "country": "ES",
            "updated_at": stamp(FIRST_DAY + timedelta(days=2, hours=12)),
        }
        days[2].append(record(later))
        days[4].append(record(early))
    # A delete that arrives before the update that it follows.
    days[2].append(record(deleted(stayed[5], FIRST_DAY + timedelta(days=2, hours=20))))
    days[3].append(record(updated(state[stayed[5]], FIRST_DAY + timedelta(days=2, hours=19))))
    # Two changes of one customer in one file, and two at the same instant.
    for minutes, limit in ((0, 1000), (5, 2000)):
        at = FIRST_DAY + timedelta(days=1, hours=15, minutes=minutes)
        days[1].append(record(updated(state[stayed[7]], at) | {"credit_limit": limit}))
    at_once = "2025-03-06T10:00:00Z"
    for city in ("Tartu", "Pärnu"):
        days[3].append(
            record(state[stayed[9]] | {"op": "update", "updated_at": at_once, "city": city, "country": "EE"})
        )
    # A field that nobody declared.
    for customer_id in stayed[20:25]:
        days[2].append(record(updated(state[customer_id], moment(2)) | {"loyalty_points": int(rng.random() * 900)}))
    # The same change once more: within a file, and in the next one with its fields in another order.
    days[1].append(days[1][0])
    days[2].append(json.dumps(dict(sorted(json.loads(days[1][3]).items())), ensure_ascii=False))
    days[4] += days[3][1:4]

    refused = malformed(json.loads(days[0][0]))
    FOLDER.mkdir(exist_ok=True)
    seen: set[str] = set()
    for day, lines in enumerate(days):
        canonical = [json.dumps(json.loads(line), sort_keys=True) for line in lines]
        accepted = len(set(canonical) - seen)
        seen.update(canonical)
        date = (FIRST_DAY + timedelta(days=day)).date()
        text = "".join(f"{line}\n" for line in shuffled(lines + refused[day]))
        (FOLDER / f"{date}.ndjson").write_text(text, encoding="utf-8", newline="\n")
        bad = len(refused[day])
        print(f"| {date} | {len(lines) + bad} | {accepted} | {len(lines) - accepted} | {bad} |")  # noqa: T201


if __name__ == "__main__":
    main()
