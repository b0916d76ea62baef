"""What the tests of history share: a dbt project with Atlas's macros, dbt run in this process, and its SQL run again.

A start of dbt takes a second, so most tests don't start it: they run the very statements that dbt ran for the model
``dim_thing`` once on its first build and once on an increment. Nothing of the SQL under test is written here.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
import pytest
from psycopg import sql

from atlas.settings import Settings
from dbt_places import dbt_places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from psycopg.rows import TupleRow

ROOT = Path(__file__).parents[3]
START = datetime(2024, 1, 1, tzinfo=UTC)

PROJECT_FILE = """
name: history
profile: atlas
config-version: 2
flags: {send_anonymous_usage_stats: false, require_generic_test_arguments_property: true}
models:
  history:
    +schema: history
    +pre-hook: "{{ claim_batches() }}"
"""

THINGS = """
create table explore.thing_events (
    thing text, part text, at timestamptz, operation text, sequence bigint, hash text, colour text, size integer
)
"""
THING_COLUMNS = ("thing", "part", "at", "operation", "sequence", "hash", "colour", "size")
THING_RULES = {
    "unique_key": ["thing", "part"],
    "updated_at": "at",
    "operation": "operation",
    "sequence": "sequence",
    "record_hash": "hash",
    "max_closed_share": 1,
}


class Event(NamedTuple):
    """A change event; ``at`` is in days after START."""

    thing: str | None
    at: float
    operation: str = "upsert"
    colour: str | None = None
    size: int | None = None
    sequence: int = 0
    part: str | None = "p"

    @property
    def row(self) -> tuple[Any, ...]:
        """As ``explore.thing_events`` has it; the hash is the content's, as landing's is."""
        content = repr((self.operation, self.colour, self.size))
        moment = START + timedelta(days=self.at)
        return (self.thing, self.part, moment, self.operation, self.sequence, content, self.colour, self.size)


class Version(NamedTuple):
    """A version; times are in days after START."""

    thing: str
    colour: str | None
    valid_from: float
    valid_to: float | None
    prev_to: float | None = None


@dataclass
class Ran:
    """What dbt says of a run.

    Attributes:
        messages: by model, dbt's message or error.
        failed: the models that failed.
        statements: by model, the SQL that was executed.
    """

    messages: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    statements: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Project:
    """A dbt project with Atlas's macros, in a directory of its own."""

    path: Path

    def write_model(self, name: str, query: str, rules: Mapping[str, Any], yaml: str | None = None) -> None:
        """Declare an ``scd2`` model; ``yaml`` is what else stands in its properties."""
        models = self.path / "models"
        config = {"materialized": "scd2", **rules}
        arguments = ", ".join(f"{key}={value!r}" for key, value in config.items())
        (models / f"{name}.sql").write_text(f"{{{{ config({arguments}) }}}}\n{query}\n")
        if yaml is not None:
            (models / f"{name}.yml").write_text(yaml)

    def run(self, *arguments: str, command: str = "run") -> Ran:
        """Run dbt on the database of ATLAS_DATABASE_URL."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        ran = Ran()

        def on_event(event: Any) -> None:
            if event.info.name == "SQLQuery":
                ran.statements.setdefault(event.data.node_info.node_name, []).append(event.data.sql)

        directories = ["--project-dir", str(self.path), "--profiles-dir", str(ROOT / "profiles")]
        if "--vars" in arguments:
            # With other variables dbt parses all anew, and would do so again without them.
            variables = arguments[arguments.index("--vars") + 1]
            directories += ["--target-path", str(self.path / "with" / re.sub(r"\W+", "_", variables) / "target")]
        outcome = dbtRunner(callbacks=[on_event]).invoke(["--quiet", command, *directories, *arguments])
        run_results: Any = outcome.result
        assert run_results is not None, outcome.exception
        for result in run_results.results:
            ran.messages[result.node.name] = " ".join(str(result.message).split())
            if str(result.status) not in {"success", "pass", "warn"}:
                ran.failed.add(result.node.name)
        return ran

    def build(self, *arguments: str) -> Ran:
        """Run dbt and fail unless all went well."""
        ran = self.run(*arguments)
        assert not ran.failed, ran.messages
        return ran

    def refusal(self, *arguments: str) -> str:
        """Run dbt on one model and give what it was refused for."""
        ran = self.run(*arguments)
        assert len(ran.failed) == 1, ran.messages
        return ran.messages[ran.failed.pop()]


def make_project(directory: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project on the database of ``settings``."""
    (directory / "models").mkdir(parents=True)
    (directory / "dbt_project.yml").write_text(PROJECT_FILE)
    shutil.copytree(ROOT / "macros", directory / "macros")
    shutil.copytree(ROOT / "tests/dbt/generic", directory / "tests/generic")
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in dbt_places("history", settings.database_url, directory).items():
        monkeypatch.setenv(name, value)
    # A third of a short run's time goes into files that nobody reads here.
    monkeypatch.setenv("DBT_WRITE_JSON", "false")
    return Project(directory)


def things_query(columns: Sequence[str] = THING_COLUMNS) -> str:
    """The query of a model over ``explore.thing_events``."""
    return f"select {', '.join(columns)} from explore.thing_events"


def arrive(connection: psycopg.Connection[TupleRow], events: Iterable[Event], columns: Sequence[str] = ()) -> None:
    """Let the next run read these events and no others."""
    connection.execute("truncate explore.thing_events")
    statement = sql.SQL("copy explore.thing_events ({}) from stdin").format(
        sql.SQL(", ").join(map(sql.Identifier, columns or THING_COLUMNS))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for event in events:
            copy.write_row(event.row)


@dataclass(frozen=True)
class Statements:
    """What dbt ran for ``dim_thing``, to be run again."""

    first: list[str]
    increment: list[str]

    def run(self, connection: psycopg.Connection[TupleRow], batches: Iterable[Iterable[Event]]) -> None:
        """Forget what there is, and read batch by batch, each in a transaction."""
        connection.execute("drop table if exists history.dim_thing, history.dim_thing__events")
        for number, batch in enumerate(batches):
            arrive(connection, batch)
            with connection.transaction():
                for statement in self.increment if number else self.first:
                    connection.execute(statement)


def record(project: Project, connection: psycopg.Connection[TupleRow], **rules: Any) -> Statements:
    """Let dbt build ``dim_thing`` and read an increment, and keep what it ran."""
    connection.execute("drop table if exists explore.thing_events")
    connection.execute(THINGS)
    project.write_model("dim_thing", things_query(), THING_RULES | rules)
    arrive(connection, [Event("a", 0, colour="red")])
    first = project.build().statements["dim_thing"]
    arrive(connection, [Event("a", 1, colour="blue")])
    increment = project.build().statements["dim_thing"]
    return Statements(*([s for s in ran if not is_of_transaction(s)] for ran in (first, increment)))


def is_of_transaction(statement: str) -> bool:
    """Whether it begins or ends one."""
    words = statement.rpartition("*/")[2].strip().rstrip(";").lower()
    return words in {"begin", "commit", "rollback"}


def versions(connection: psycopg.Connection[TupleRow], table: str = "history.dim_thing") -> list[Version]:
    """The versions, by key and time."""
    rows = connection.execute(
        f"select thing, colour, valid_from, valid_to, prev_to, is_current from {table} order by thing, valid_from"
    ).fetchall()
    assert all(row[5] == (row[3] is None) for row in rows)
    return [Version(row[0], row[1], day(row[2]), maybe_day(row[3]), maybe_day(row[4])) for row in rows]


def day(moment: datetime) -> float:
    """Days after START."""
    return (moment - START) / timedelta(days=1)


def maybe_day(moment: datetime | None) -> float | None:
    """Days after START, if there is a moment."""
    return None if moment is None else day(moment)


@pytest.fixture(scope="module", name="db")
def fixture_db(database: Settings) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to it, in autocommit mode."""
    with psycopg.connect(str(database.database_url), autocommit=True) as opened:
        # Thousands of small transactions, none of which has to outlive a crash.
        opened.execute("set synchronous_commit = off")
        yield opened


@pytest.fixture(scope="module", name="history")
def fixture_history(database: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A dbt project without models, on it."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield make_project(tmp_path_factory.mktemp("history") / "project", database, monkeypatch)


@pytest.fixture(scope="module", name="statements")
def fixture_statements(history: Project, db: psycopg.Connection[TupleRow]) -> Statements:
    """What dbt runs for ``dim_thing``."""
    return record(history, db)
