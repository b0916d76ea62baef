"""Why a record is refused: a code to count by, and words."""

from __future__ import annotations

import re


class Refusal(Exception):
    """A record is refused.

    Attributes:
        reason: code, lower case with underscores, for counting.
        detail: what is wrong, in words and without the record's values, which may be personal.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
PLACE = re.compile(r" - at `\$\.?(?P<field>.*)`$")
# What msgspec's complaint contains → our code, and our words after the field's name. Its own can hold the value.
COMPLAINTS = (
    ("got `null`", "missing_field", " must be there, and is null"),
    ("timezone", "no_time_zone", " must say its time zone or offset"),
    ("Invalid enum value", "value_not_accepted", " is none of the accepted values"),
    ("`int` <", "out_of_range", " is too large"),
    ("`int` >", "out_of_range", " is too small"),
)


def refusal_of(complaint: str) -> Refusal:
    """The refusal that a complaint of msgspec's comes to."""
    if "number_overflow" in complaint or "Integer value out of range" in complaint:
        return Refusal("number_overflow", "a number has more digits or a larger exponent than is taken")
    if complaint.startswith("Input data was truncated"):
        return Refusal("truncated_json", "the record ends too early")
    if complaint.startswith("JSON is malformed"):
        return Refusal("malformed_json", complaint)
    missing = MISSING.search(complaint)
    if missing:
        return Refusal("missing_field", f"{missing['field']} must be there")
    place = PLACE.search(complaint)
    name = place["field"] if place else "the record"
    what = complaint[: place.start()] if place else complaint
    for sign, reason, words in COMPLAINTS:
        if sign in what:
            return Refusal(reason, f"{name}{words}")
    return Refusal("wrong_type", f"{name}: {what}")
