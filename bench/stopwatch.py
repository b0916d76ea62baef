"""Run one command and write down what it took; needs nothing but Python.

    python -I -S stopwatch.py RESULT STDOUT STDERR COMMAND [ARGUMENT...]

Linux counts the memory of whoever starts a command into the command's own peak (getrusage(2), ru_maxrss). So commands
aren't started by the benchmark, which may hold a hundred megabytes, but by this script, which holds ten: that is the
least that can be measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command of ``sys.argv`` and write RESULT as JSON."""
    result, stdout, stderr, *command = sys.argv[1:]
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, stdout, write, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, stderr, write, 0o600),
    ]
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall_s = time.perf_counter() - started
    taken = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "wall_s": wall_s,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        # Linux counts in KiB, macOS in bytes.
        "peak_bytes": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    Path(result).write_text(json.dumps(taken), encoding="utf-8")


if __name__ == "__main__":
    main()
