"""Tables, JSON and progress, for people on a terminal and for pipes."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# What control characters of a terminal would do with a file's or an author's name is not for them to say.
UNPRINTABLE = dict.fromkeys((*range(32), *range(127, 160)), "�")


def say(text: str = "") -> None:
    """Print a line."""
    print(text)  # noqa: T201


def note(text: str) -> None:
    """Print a line beside the output proper."""
    print(text, file=sys.stderr)  # noqa: T201


def say_json(value: Any) -> None:
    """Print a value for scripts."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))  # noqa: T201


def cell(value: Any) -> str:
    """A value as a table shows it: counts with thousands apart, nothing as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value).translate(UNPRINTABLE)


def say_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table: drawn on a terminal, aligned plain text in a pipe. Numbers stand to the right."""
    filled = [list(row) for row in rows]
    texts = [[cell(value) for value in row] for row in filled]
    numeric = [
        bool(filled) and all(isinstance(row[i], int | float | Decimal) or row[i] is None for row in filled)
        for i in range(len(columns))
    ]
    if sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - a pipe has no use for it
        from rich.markup import escape  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415

        table = Table(title=title, title_justify="left", title_style="bold", header_style="bold")
        for name, is_number in zip(columns, numeric, strict=True):
            table.add_column(name, justify="right" if is_number else "left")
        for row in texts:
            table.add_row(*map(escape, row))
        Console().print(table)
        return
    widths = [max(len(line[i]) for line in [list(columns), *texts]) for i in range(len(columns))]
    say(title)
    for line in [list(columns), *texts]:
        padded = [
            text.rjust(width) if is_number else text.ljust(width)
            for text, width, is_number in zip(line, widths, numeric, strict=True)
        ]
        say("  " + "  ".join(padded).rstrip())


@contextmanager
def progress(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Show how many ``unit`` are done, on a terminal; say nothing elsewhere, where the result will do."""
    with activity(what) as tell:
        yield lambda count: tell(f"{count:,} {unit}")


@contextmanager
def activity(what: str) -> Iterator[Callable[[str], None]]:
    """Show what is being done and how far it is, on a terminal; say nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _how_far: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.markup import escape  # noqa: PLC0415

    with Console(stderr=True).status(escape(what)) as status:
        yield lambda how_far: status.update(escape(f"{what}: {how_far}"))
