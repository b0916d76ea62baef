"""Migrations against a real server: up, down, twice, two at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from subprocess import PIPE
from typing import TYPE_CHECKING

import pytest

from atlas.database import connect, connect_migrated
from atlas.errors import ServiceError, UsageError
from atlas.migrate import head_revision, migrate

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from atlas.settings import Settings

# Everything that a migration can make, with its definition.
CATALOGUE = """
    select 'relation', n.nspname || '.' || c.relname, c.relkind::text
    from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select 'column', a.attrelid::regclass::text || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod) || a.attnotnull::text
    from pg_attribute as a
    inner join pg_class as c on c.oid = a.attrelid
    inner join pg_namespace as n on n.oid = c.relnamespace
    where a.attnum > 0 and not a.attisdropped and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
    from pg_constraint where connamespace in (select oid from pg_namespace where nspname !~ '^pg_')
    union all
    select 'function', p.oid::regprocedure::text, md5(p.prosrc)
    from pg_proc as p inner join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all
    select 'schema', nspname, '' from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    order by 1, 2, 3
"""


def catalogue(settings: Settings) -> list[tuple[str, str, str]]:
    with connect(settings) as connection:
        return connection.execute(CATALOGUE).fetchall()


def test_every_step_down_undoes_its_step_up(empty_settings: Settings, project: Path) -> None:
    revisions = sorted(path.name[:4] for path in (project / "migrations" / "versions").glob("[0-9]*.py"))
    seen = {}
    for revision in revisions:
        migrate(empty_settings, revision)
        seen[revision] = catalogue(empty_settings)
    for lower, upper in zip(reversed(revisions[:-1]), reversed(revisions[1:]), strict=True):
        assert migrate(empty_settings, lower) == (upper, lower)
        assert catalogue(empty_settings) == seen[lower]
    migrate(empty_settings, "base")
    left = [name for kind, name, _ in catalogue(empty_settings) if kind == "relation"]
    assert set(left) <= {"pipeline.alembic_version", "pipeline.alembic_version_pkc"}
    migrate(empty_settings)
    assert catalogue(empty_settings) == seen[revisions[-1]]


def test_twice_changes_nothing(settings: Settings, project: Path) -> None:
    before = catalogue(settings)
    assert migrate(settings) == (head_revision(project), head_revision(project))
    assert catalogue(settings) == before


def test_four_processes_at_once(empty_settings: Settings, project: Path) -> None:
    environment = {**os.environ, "ATLAS_DATABASE_URL": str(empty_settings.database_url), "ATLAS_PROJECT": str(project)}
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "atlas", "migrate"], env=environment, stdout=PIPE, stderr=PIPE, text=True
        )
        for _ in range(4)
    ]
    outputs = [command.communicate(timeout=240) for command in commands]
    assert [command.returncode for command in commands] == [0] * 4, outputs
    head = head_revision(project)
    said = sorted(output.splitlines()[0] for output, _ in outputs)
    assert said == [f"The schema is at revision {head} already."] * 3 + [
        f"The schema went from revision nothing to {head}."
    ]


def test_a_downgrade_doesnt_destroy_what_has_landed(connection: psycopg.Connection, settings: Settings) -> None:
    connection.execute("insert into explore.source_systems (system) values ('crm')")
    connection.execute(
        """
        insert into explore.batches (
            system, entity, origin, source_name, format, delivery, content_sha256, content_bytes, contract_sha256,
            outcome, records_read, accepted, duplicate, quarantined, received_at
        )
        select 'crm', 'customers', 'file', 'x', 'ndjson', 'changes', sha256(''), 1, sha256(''),
            'landed', 1, 1, 0, 0, now()
        """
    )
    with pytest.raises(ServiceError, match=r"landed rows would be lost"):
        migrate(settings, "0001")
    assert connection.execute("select count(*) from explore.batches").fetchone() == (1,)


def test_a_revision_that_isnt_there(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"no revision '9999'.*base, 0001"):
        migrate(settings, "9999")


def test_commands_refuse_another_schema_than_theirs(settings: Settings) -> None:
    migrate(settings, "0003")
    with connect(settings) as connection:
        with pytest.raises(ServiceError, match=r"older than this version.*Run: atlas migrate"):
            connect_migrated(settings)
        connection.execute("update pipeline.alembic_version set version_num = '9999'")
        with pytest.raises(ServiceError, match=r"newer than this version"):
            connect_migrated(settings)
    with pytest.raises(ServiceError, match=r"revision 9999, which this version"):
        migrate(settings)


def test_commands_refuse_a_database_without_a_schema(empty_settings: Settings) -> None:
    with pytest.raises(ServiceError, match=r"no Atlas schema yet\. Make it: atlas migrate"):
        connect_migrated(empty_settings)


def test_a_downgrade_doesnt_forget_what_was_read(connection: psycopg.Connection, settings: Settings) -> None:
    connection.execute("insert into pipeline.checkpoints (collector, scope, cursor) values ('git', 'x', '{}')")
    with pytest.raises(ServiceError, match="would be lost"):
        migrate(settings, "0002")
    assert connection.execute("select count(*) from pipeline.checkpoints").fetchone() == (1,)


def test_scores_are_made_of_results_that_were_there_before_them(settings: Settings) -> None:
    migrate(settings, "0005")
    result = {
        "run_id": str(uuid.uuid4()),
        "test": "test.a",
        "test_name": "a",
        "table_schema": "chart",
        "table_name": "t",
        "dimension": "validity",
        "severity": "error",
        "status": "fail",
        "rows_tested": 4,
        "rows_failed": 1,
        "duration_ms": 1,
    }
    results = "select test, rows_tested, rows_failed from quality.test_runs"
    scores = "select dimension, score from quality.table_scores where score is not null order by 1"
    with connect(settings) as connection:
        connection.execute("select quality.record_test_runs(%s)", [json.dumps([result])])
        before = connection.execute(scores).fetchall()
        migrate(settings)
        assert connection.execute(results).fetchall() == [("test.a", 4, 1)]
        assert connection.execute(scores).fetchall() == before == [("overall", 75), ("validity", 75)]
        connection.execute(
            "insert into quality.rules (rule, since, project, rule_name, check_name, dimension, weight, severity,"
            " warn_if, error_if) values ('test.a', now(), 'p', 'a', 'singular', 'validity', 1, 'error', '!= 0', '!= 0')"
        )
        with pytest.raises(ServiceError, match="Rules are on record, and would be lost"):
            migrate(settings, "0005")
        connection.execute("truncate quality.rules")
        migrate(settings, "0005")
        assert connection.execute(results).fetchall() == [("test.a", 4, 1)]
        assert connection.execute(scores).fetchall() == before
