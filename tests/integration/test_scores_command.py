"""``atlas scores``: for people, for scripts, and for those who mistype."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from landing_support import atlas
from score_support import record

if TYPE_CHECKING:
    import psycopg
    from psycopg.rows import TupleRow


def results_of(failed: int) -> list[dict[str, Any]]:
    """Results of two rules; the second couldn't be asked if rows fail the first."""
    return [
        {"test_name": "email_is_there", "dimension": "completeness", "rows_tested": 100, "rows_failed": failed},
        {
            "test_name": "email_is_valid",
            "dimension": "validity",
            "status": "error" if failed else "pass",
            "rows_tested": 100,
            "rows_failed": 0,
        },
    ]


def test_scores_of_tables_and_what_moved_them(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow]
) -> None:
    assert b"No table has been scored yet" in atlas(environment, "scores").stdout
    record(connection, *results_of(failed=0), days_ago=3)
    record(connection, *results_of(failed=20))

    shown = atlas(environment, "scores").stdout.decode()
    assert next(line.split() for line in shown.splitlines() if "navigate.dim_person" in line)[2:] == [
        *("80.00", "-", "-", "-", "-", "-", "80.00", "-20.00", "2", "1"),
    ]
    assert "errored" in shown.splitlines()[1], "a test that couldn't be asked is no pass"
    assert "skipped" not in shown.splitlines()[1]

    found = json.loads(atlas(environment, "scores", "--table", "dim_person", "--since", "2000-01-01", "--json").stdout)
    assert [(day["overall"], day["change"], day["validity"]) for day in found["scores"]] == [
        (80.0, -20.0, None),
        (100.0, None, 100.0),
    ]
    assert [(rule["rule"], rule["share"], rule["status"]) for rule in found["rules"]] == [
        ("email_is_valid", None, "error"),
        ("email_is_there", 80.0, "pass"),
    ]
    assert [(change["rule"], change["moved_by"]) for change in found["changes"]] == [
        ("email_is_there", -20.0),
        ("email_is_valid", None),
    ]

    for arguments, complaint in (
        (("--table", "nowhere.nothing"), b"No table 'nowhere.nothing' has been scored"),
        (("--table", b"\xff"), b"has been scored"),
        (("--since", ""), b"--since must be a day such as 2026-01-31, not ''"),
        (("--since", "yesterday"), b"--since must be a day such as 2026-01-31, not 'yesterday'"),
    ):
        refused = atlas(environment, "scores", *arguments)
        assert (refused.returncode, complaint in refused.stderr) == (2, True), refused.stderr
