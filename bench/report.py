"""Where results go: tables, the machine they hold for, and the blocks of docs/performance.md that are never typed."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.errors import BenchError
from bench.server import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"


@dataclass(frozen=True)
class Circumstances:
    """What the results hold for.

    Attributes:
        command: that repeats them.
        measured_at: when it began, RFC 3339.
        commit: of the code that was measured; with a plus sign if files were changed since.
        load_average: of the machine over the minute before: what else was going on.
    """

    command: str
    measured_at: str
    commit: str
    cpu: str
    cores: int
    memory_bytes: int
    system: str
    python: str
    load_average: float

    @classmethod
    def here_and_now(cls, command: str) -> Circumstances:
        """Look around, before ``command`` is carried out."""
        return cls(
            command=command,
            measured_at=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=_commit(),
            cpu=_cpu(),
            cores=len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 0,
            memory_bytes=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            system=_system(),
            python=platform.python_version(),
            load_average=os.getloadavg()[0],
        )

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)

    def as_markdown(self) -> str:
        """In a paragraph."""
        return (
            f"Measured on {self.measured_at[:10]} with `{self.command}` at commit {self.commit}, on {self.cores} cores "
            f"of {self.cpu} with {self.memory_bytes / 2**30:.0f} GiB of memory under {self.system}, Python "
            f"{self.python}; load average before: {self.load_average:.1f}."
        )


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """A table that reads well as Markdown and on a terminal: all columns but the first to the right."""
    widths = [max(3, *(len(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def line(cells: list[str]) -> str:
        first, *others = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join([first.strip().ljust(widths[0]), *others])} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(head), line(rule), *map(line, rows)])


def spread(values: list[float], form: str) -> str:
    """The median, and in brackets the least and the most of several values."""
    if not values:
        return "—"
    middle = format(median(values), form)
    return middle if len(values) == 1 else f"{middle} ({min(values):{form}} to {max(values):{form}})"


def write_block(document: Path, name: str, text: str) -> None:
    """Replace what stands between a document's markers for ``name``.

    Raises:
        BenchError: it has no such markers.
    """
    begin, end = f"<!-- bench:{name}:begin -->", f"<!-- bench:{name}:end -->"
    try:
        before = document.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchError(f"{document} can't be read: {error.strerror}.") from error
    pattern = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    after, count = pattern.subn(lambda _: f"{begin}\n{text}\n{end}", before)
    if count != 1:
        raise BenchError(f"{document} must hold the markers {begin} and {end} once, a line each.")
    document.write_text(after, encoding="utf-8")


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(ROOT), *arguments], check=False, capture_output=True, text=True)
        return done.stdout.strip()

    # What the results are written to doesn't change what was measured.
    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "migrations", "bench")
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + ("+" if changed else "")


def _cpu() -> str:
    if sys.platform == "darwin":
        brand = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(brand, check=False, capture_output=True, text=True).stdout.strip() or "unknown CPU"
    try:
        found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else f"unknown {platform.machine()} CPU"


def _system() -> str:
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.platform()
