"""Names of the periods that a day lies in."""

from __future__ import annotations

from datetime import date, timedelta


def days_between(first: date, last: date) -> list[date]:
    """All of them, both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def week_of(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def thursday_of(day: date) -> date:
    """That of its ISO week, which says whose month the week is."""
    return day + timedelta(days=4 - day.isoweekday())


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def quarter_of(day: date) -> str:
    return f"{day.year:04}-Q{(day.month + 2) // 3}"


def half_year_of(day: date) -> str:
    return f"{day.year:04}-H{1 if day.month < 7 else 2}"


def whole(_day: date) -> str:
    return "all"
