"""``atlas status`` about runs: those that are under way, and those that ended without a word."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from landing_support import atlas

from atlas.database import connect
from atlas.runs import finish_run, start_run

if TYPE_CHECKING:
    from atlas.settings import Settings


def runs(environment: dict[str, str]) -> list[tuple[str, Any]]:
    done = atlas(environment, "status", "--json")
    assert done.returncode == 0, done.stderr
    return [(run["status"], run["seconds"]) for run in json.loads(done.stdout)["runs"]]


def test_run_under_way_and_run_that_died(environment: dict[str, str], settings: Settings) -> None:
    """Who runs holds a lock for as long as its connection lives; looking doesn't take it away."""
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    with connect(settings) as builder:
        start_run(builder, first, "build", "")
        assert runs(environment) == runs(environment) == [("running", None)]
        finish_run(builder, first, [], failed=False)
        start_run(builder, second, "build", "")
        [running, (succeeded, seconds)] = runs(environment)
        assert (running, succeeded) == (("running", None), "succeeded")
        assert float(seconds) >= 0
    # The connection is gone, as it is after a kill.
    assert runs(environment)[0] == ("interrupted", None)
    assert b"interrupted" in atlas(environment, "status").stdout
    with connect(settings) as onlooker:
        row = onlooker.execute("select status from pipeline.pipeline_runs where run_id = %s", [second]).fetchone()
    assert row == ("running",), "who looks writes nothing"
