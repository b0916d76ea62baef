"""Memory stays flat: neither the size of a file nor of a record shows in the process."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from landing_support import (
    START,
    emptied_settings,  # noqa: F401 - a fixture
    line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg

LIMIT_MB = 200
# Begun by a shell, since a process begins with the peak of the one that it was forked from, here the tests' own.
SHELL = ("sh", "-c", '"$@"; exit $?', "sh")
# Lands a file and says what came of it and how much memory that took.
SCRIPT = """
import json, resource, sys
from dataclasses import replace
from pathlib import Path
from landing_support import THINGS
from atlas.database import connect
from atlas.landing import land_file
from atlas.settings import Settings

with connect(Settings.from_environment()) as connection:
    source = replace(THINGS, max_record_bytes=16 * 2**20)
    receipt = land_file(connection, source, Path(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(receipt.as_dict() | {"peak": peak}))
"""
UNIT = 1 if sys.platform == "darwin" else 1024
FIFTY = 50 * 2**20


def land_apart(environment: dict[str, str], path: Path) -> tuple[dict[str, Any], float]:
    """The receipt, and the peak of the process in MB."""
    done = subprocess.run(
        [*SHELL, sys.executable, "-c", SCRIPT, path],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    receipt = json.loads(done.stdout)
    return receipt, receipt.pop("peak") * UNIT / 2**20


def things(count: int) -> Iterator[str]:
    for n in range(count):
        moment = (START + timedelta(milliseconds=n)).isoformat()
        yield (
            f'{{"id":"k{n}","at":"{moment}","op":"upsert","name":"Somebody Number {n}","size":{n},"amount":{n}.25,'
            f'"active":true,"born_on":"1980-05-05","tags":["a","b"]}}'
        )


def test_size_of_the_file_does_not_show(
    environment: dict[str, str], connection: psycopg.Connection, tmp_path: Path
) -> None:
    peaks = []
    for count in (100_000, 300_000):
        path = tmp_path / f"{count}.ndjson"
        path.write_text("\n".join(things(count)))
        receipt, peak = land_apart(environment, path)
        assert receipt["read"] == count
        assert receipt["accepted"] == (100_000 if count == 100_000 else 200_000)
        peaks.append(peak)
        path.unlink()
    assert max(peaks) < LIMIT_MB
    assert peaks[1] - peaks[0] < 8, f"100,000 records took {peaks[0]:.0f} MB, 300,000 took {peaks[1]:.0f} MB"
    assert connection.execute("select count(*) from explore.raw_test__things").fetchone() == (300_000,)


@pytest.mark.parametrize("kind", ["ndjson", "ndjson_last", "csv", "csv_quoted"])
def test_line_of_50_mb(environment: dict[str, str], connection: psycopg.Connection, tmp_path: Path, kind: str) -> None:
    """It is put aside in parts, byte by byte what came, without ever standing in memory as a whole."""
    long = b'{"id":"' + bytes(range(48, 91)) * (FIFTY // 43) + b'"}'
    content = {
        "ndjson": line(1) + b"\n" + long + b"\n" + line(3),
        "ndjson_last": line(1) + b"\n" + line(3) + b"\n" + long,
        "csv": b"id,at,op\nk,2024-01-01T00:00:00Z,upsert\n" + long + b"\nk3,2024-01-01T00:00:00Z,upsert\n",
        "csv_quoted": b'id,at,op\nk,2024-01-01T00:00:00Z,upsert\n"%s"\nk3,2024-01-01T00:00:00Z,upsert\n'
        % long.replace(b'"', b""),
    }[kind]
    path = tmp_path / f"x.{kind.partition('_')[0]}"
    path.write_bytes(content)
    receipt, peak = land_apart(environment, path)
    assert (receipt["accepted"], receipt["reasons"]) == (2, {"record_too_large": 1})
    assert peak < LIMIT_MB, f"{peak:.0f} MB"
    row = connection.execute(
        "select count(*), max(part), max(length(raw)), sum(length(raw))::bigint from explore.quarantine"
    ).fetchone()
    assert row is not None
    parts, last, longest, total = row
    assert parts == last + 1 > 10
    assert longest == 4 * 2**20
    kept = connection.execute("select raw from explore.quarantine order by part").fetchall()
    assert b"".join(part for (part,) in kept).rstrip(b"\n") in content
    assert total - 2 <= len(long) <= total + 2


def test_own_peak_is_not_the_childs() -> None:
    """The measure itself: 300 MB taken here don't count there."""
    block = bytearray(300 * 2**20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT >= len(block)
    code = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([*SHELL, sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(done.stdout) * UNIT < 100 * 2**20
