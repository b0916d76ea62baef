"""From what was counted to what is believed, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlas.scan.names import is_about_people, last_key, may_name_people, speaks_against, speaks_for
from atlas.scan.patterns import BY_CODE, Pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlas.scan.reading import Place, Tally

CERTAIN, CERTAIN_AND_NAMED, NAMED, BY_SHARE, AMBIGUOUS = 0.95, 0.99, 0.85, 0.75, 0.6
# Of a column that is believed for its name, this share of the values has to be what the name says.
LEAST_OF_NAMED = 0.4
# Where the values may be it and no name says so, the column has to be of that kind as a whole.
LEAST_OF_COLUMN = 0.5
# What people have, so that a column called name beside it is likely a person's.
SIBLINGS = frozenset({"email", "phone", "date_of_birth", "us_ssn", "fr_nir", "de_steuer_id", "uk_nino", "es_dni"})
ENOUGH_FOR_CHANCE = 20
SHOWN_SHAPES = 3


@dataclass(frozen=True)
class Detection:
    """Personal data at one place of a table.

    Attributes:
        path: within a document or an array; else empty.
        matched: values that are it, of ``looked_at``.
        is_estimate: whether ``matched`` was reckoned from a part of the candidates or of the rows.
        confidence: from 0.5 to 1.
        reasons: why, a sentence each.
        evidence: shapes, the most frequent first; never a value.
        counts_likely: whether values that may be it are among the matched, not only those that surely are.
    """

    column: str
    path: str
    pattern: str
    matched: int
    looked_at: int
    is_estimate: bool
    confidence: float
    reasons: tuple[str, ...]
    evidence: tuple[str, ...]
    counts_likely: bool

    @property
    def share(self) -> float:
        """Share of the values that are it."""
        return self.matched / self.looked_at


@dataclass(frozen=True)
class _Verdict:
    accepted: int
    confidence: float
    reasons: tuple[str, ...]


def judge(table: str, places: Mapping[tuple[str, str], Place], *, is_sample: bool = False) -> list[Detection]:
    """What the places of a table hold, as far as that can be believed.

    Args:
        table: its name, which may be evidence.
        places: what was counted, by column and path.
        is_sample: whether not all rows were read.
    """
    found = _judge(table, places, frozenset(), is_sample=is_sample)
    beside = frozenset(one.pattern for one in found)
    # A second look, now that it is known what stands beside.
    return _judge(table, places, beside, is_sample=is_sample) if beside & SIBLINGS else found


def _judge(
    table: str, places: Mapping[tuple[str, str], Place], beside: frozenset[str], *, is_sample: bool
) -> list[Detection]:
    found = []
    for (column, path), place in sorted(places.items()):
        for code, tally in sorted(place.tallies.items()):
            verdict = _verdict(BY_CODE[code], tally, place.looked_at, last_key(column, path), table, beside)
            if verdict is None:
                continue
            is_part = tally.checked < tally.candidates
            matched = min(place.looked_at, max(1, round(verdict.accepted * tally.candidates / tally.checked)))
            reasons = [f"{matched:,} of {place.looked_at:,} values fit: {BY_CODE[code].because}.", *verdict.reasons]
            if is_part:
                reasons.append(f"Reckoned from {tally.checked:,} of {tally.candidates:,} values in this shape.")
            if is_sample:
                reasons.append("Not all rows were read.")
            found.append(
                Detection(
                    column=column,
                    path=path,
                    pattern=code,
                    matched=matched,
                    looked_at=place.looked_at,
                    is_estimate=is_part or is_sample,
                    confidence=verdict.confidence,
                    reasons=tuple(reasons),
                    evidence=tuple(shape for shape, _ in tally.shapes.most_common(SHOWN_SHAPES)),
                    counts_likely=verdict.accepted > tally.certain,
                )
            )
    return found


def _verdict(
    pattern: Pattern, tally: Tally, looked_at: int, name: str, table: str, beside: frozenset[str]
) -> _Verdict | None:
    if tally.checked == 0 or tally.accepted == 0:
        return None
    if pattern.by_name:
        return _verdict_by_name(pattern, tally, looked_at, name, table, beside)
    is_named = speaks_for(pattern.code, name)
    is_something_else = pattern.code == "ip_address" and speaks_against(pattern.code, name)
    if is_something_else or (not is_named and _is_by_chance(pattern, tally)):
        return None
    accepted, share = tally.certain + tally.likely, tally.accepted / tally.distinct
    of_column = accepted * tally.candidates / tally.checked / looked_at
    verdict = None
    if is_named and share >= min(pattern.least_share, 1) / 2:
        confidence = CERTAIN_AND_NAMED if tally.certain else NAMED
        verdict = _Verdict(accepted, confidence, (f"Its name, {name}, speaks for it.",))
    elif tally.distinct >= pattern.least_distinct and share >= pattern.least_share and of_column >= LEAST_OF_COLUMN:
        confidence = CERTAIN if tally.certain else BY_SHARE
        shown = f"{tally.accepted:,} of {tally.distinct:,} different values in this shape are valid, beyond chance."
        verdict = _Verdict(accepted, confidence, (shown,))
    elif tally.certain:
        verdict = _Verdict(tally.certain, CERTAIN, ("They say themselves what they are.",))
    return verdict


def _is_by_chance(pattern: Pattern, tally: Tally) -> bool:
    """Whether no more values hold the rule than of numbers that are only written like it."""
    tried = tally.accepted + tally.refuted
    return tried >= ENOUGH_FOR_CHANCE and tally.accepted <= pattern.by_chance * tried


def _verdict_by_name(
    pattern: Pattern, tally: Tally, looked_at: int, name: str, table: str, beside: frozenset[str]
) -> _Verdict | None:
    accepted = tally.likely * tally.candidates / tally.checked
    if accepted < LEAST_OF_NAMED * looked_at:
        return None
    if speaks_for(pattern.code, name):
        return _Verdict(tally.likely, NAMED, (f"Its name, {name}, speaks for it.",))
    if pattern.code != "person_name" or not may_name_people(name):
        return None
    if is_about_people(table):
        because = f"People and things can have a {name}; the table's name is about people."
    elif beside & SIBLINGS:
        because = f"People and things can have a {name}; beside it stands what only people have."
    else:
        return None
    return _Verdict(tally.likely, AMBIGUOUS, (because,))
