"""Time whole commands from outside, as processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STOPWATCH = Path(__file__).with_name("stopwatch.py")
LAST_WORDS = 600


@dataclass(frozen=True)
class Timing:
    """What a command took.

    Attributes:
        wall_s: from its start to its end, in seconds.
        cpu_s: user and system time of the command and its children, in seconds; the server's isn't among it.
        peak_bytes: its largest resident set; of several processes, the largest one's.
        output: what it printed.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str


def clean_environment(**added: str) -> dict[str, str]:
    """The user's environment without what would point a command at another database or project, or change Python.

    PYTHONDONTWRITEBYTECODE, which images of containers often set, makes each start compile all modules anew: a third of
    a second that nobody has who installs as the README says.
    """
    left_out = ("ATLAS_", "DBT_", "PG", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | added


def time_command(command: Sequence[str | Path], environment: Mapping[str, str], directory: Path) -> Timing:
    """Run a command in ``directory`` and time it.

    Raises:
        BenchError: it failed; has the end of what it said.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryDirectory(dir=directory) as notes:
        result, stdout, stderr = (Path(notes) / name for name in ("result", "stdout", "stderr"))
        watch = [sys.executable, "-I", "-S", str(STOPWATCH), str(result), str(stdout), str(stderr)]
        watched = subprocess.run(
            [*watch, *words], check=False, cwd=directory, env=dict(environment), capture_output=True, text=True
        )
        if watched.returncode != 0:
            raise BenchError(f"{words[0]} could not be run: {watched.stderr.strip()[-LAST_WORDS:]}")
        taken = json.loads(result.read_text(encoding="utf-8"))
        output = stdout.read_text(encoding="utf-8", errors="replace")
        if taken["exit_code"] != 0:
            said = (stderr.read_text(encoding="utf-8", errors="replace") or output).strip()[-LAST_WORDS:]
            raise BenchError(f"{' '.join(words[:4])} … ended with {taken['exit_code']}: {said}")
    return Timing(taken["wall_s"], taken["cpu_s"], taken["peak_bytes"], output)
