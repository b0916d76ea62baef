"""How a catch-all is cut: the pieces fill it, without a hole and without an overlap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.catch_alls import Piece, cut


def year(number: int, rows: int = 1) -> tuple[str, str, int]:
    return f"{number:04}-01-01", f"{number + 1:04}-01-01", rows


@pytest.mark.parametrize(
    ("bounds", "periods", "most", "pieces", "rows"),
    [
        ((None, "1970-01-01"), [year(1969, 5)], 9, [(None, "1969-01-01"), ("1969-01-01", "1970-01-01")], 5),
        (
            (None, "1970-01-01"),
            [year(1965, 2), year(1964, 3)],
            9,
            [
                (None, "1964-01-01"),
                ("1964-01-01", "1965-01-01"),
                ("1965-01-01", "1966-01-01"),
                ("1966-01-01", "1970-01-01"),
            ],
            5,
        ),
        (("1960-01-01", "1961-01-01"), [year(1960, 7)], 1, [("1960-01-01", "1961-01-01")], 7),
        # One period alone takes three pieces, whatever the limit.
        (
            ("2100-01-01", None),
            [year(2150), year(2160)],
            1,
            [("2100-01-01", "2150-01-01"), ("2150-01-01", "2151-01-01"), ("2151-01-01", None)],
            1,
        ),
    ],
)
def test_examples(
    bounds: tuple[str | None, str | None],
    periods: list[tuple[str, str, int]],
    most: int,
    pieces: list[tuple[str | None, str | None]],
    rows: int,
) -> None:
    assert cut(bounds, periods, most) == ([Piece(*piece) for piece in pieces], rows)


@given(st.sets(st.integers(1900, 1969), min_size=1, max_size=40), st.integers(1, 12), st.booleans(), st.booleans())
def test_pieces_fill_the_span(years: set[int], most: int, is_open: bool, is_reversed: bool) -> None:
    begin, end = None if is_open else "1900-01-01", "1970-01-01"
    pieces, rows = cut((begin, end), [year(number) for number in sorted(years, reverse=is_reversed)], most)
    assert pieces[0].lower == begin
    assert pieces[-1].upper == end
    assert all(before.upper == after.lower for before, after in itertools.pairwise(pieces))
    lengths = [int(piece.upper[:4]) - int(piece.lower[:4]) for piece in pieces if piece.lower and piece.upper]
    assert all(length > 0 for length in lengths)
    assert len(pieces) <= max(most, 3)
    chosen = sorted(years, reverse=is_reversed)[:rows]
    assert {Piece(*year(number)[:2]) for number in chosen} <= set(pieces)
