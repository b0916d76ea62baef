"""``atlas collect`` of each service as a process: how far it says it is, and what a kill leaves."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from collector_support import (
    batch_count,
    fixture_connection,  # noqa: F401
    fixture_settings,  # noqa: F401
)
from github_support import fixture_sources  # noqa: F401
from service_server import TOKEN
from service_worlds import World, world

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]


@pytest.fixture(name="made", params=["github", "gitlab", "jira", "jira data center"])
def fixture_made(request: pytest.FixtureRequest, connection: Connection, sources: Mapping[str, Any]) -> Iterator[World]:
    with world(request.param, connection, sources) as made:
        yield made


def test_progress_is_told_as_things_land(made: World) -> None:
    told: list[int] = []
    collected = made.collect(progress=told.append)
    assert told == sorted(told)
    assert told[-1] == collected.tally.read > 0
    # Steps of ten changes, of thirty things.
    assert len(set(told)) >= 3


@pytest.mark.parametrize("made", ["github"], indirect=True)
def test_a_terminal_shows_how_far_it_is_and_the_output_stays_clean(made: World, environment: dict[str, str]) -> None:
    def wait(number: int) -> None:
        if number == 60:
            # Longer than a terminal waits to show something new.
            time.sleep(1)

    made.service.before = wait
    made.service.left = 5000
    variables = environment | made.variables | {"TERM": "xterm", "COLUMNS": "200"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*made.command, "--json"], env=variables, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        os.close(theirs)
        shown = terminal_text(ours)
        os.close(ours)
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 0
    assert json.loads(output)[0]["requests"] > 60
    assert "Collecting octo/hello" in shown
    (*_, last) = re.findall(r"Collecting octo/hello: (\d+) records, (\d+) requests; 4,(\d+) of 5,000 left", shown)
    assert int(last[0]) > 0
    assert int(last[1]) + int(last[2]) == 1000
    assert TOKEN not in shown + output


def terminal_text(descriptor: int) -> str:
    """All that a terminal is sent until nobody has it open any more, without what colours it."""
    sent = b""
    while True:
        try:
            several = os.read(descriptor, 65536)
        except OSError:
            # So Linux says that the other end is closed; others say it with nothing.
            several = b""
        if not several:
            return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent.decode())
        sent += several


def test_a_kill_in_the_middle_leaves_what_has_landed_and_doubles_nothing(
    made: World, environment: dict[str, str], connection: Connection
) -> None:
    process: subprocess.Popen[bytes]

    def kill(number: int) -> None:
        if number == 30:
            os.kill(process.pid, signal.SIGKILL)

    made.service.before = kill
    variables = environment | made.variables
    process = subprocess.Popen(made.command, env=variables)
    assert process.wait(timeout=60) == -signal.SIGKILL
    assert batch_count(connection) > 1
    with pytest.raises(AssertionError):
        made.assert_as_there()
    made.service.forget()
    made.service.before = lambda _number: None
    done = subprocess.run(made.command, env=variables, capture_output=True, check=True, text=True, timeout=60)
    assert f"{made.system.lower()}  {made.name.split()[1]}: " in done.stdout
    assert TOKEN not in done.stdout + done.stderr
    made.assert_as_there()
