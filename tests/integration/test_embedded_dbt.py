"""Plain dbt reaches the database by the profile."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest
from embedded_support import MODULES, PROFILES, fixture_own_store, fixture_place, fixture_settings, query, real_data  # noqa: F401

from atlas import embedded
from atlas.embedded.cluster import administration
from atlas.embedded.layout import layout_of

if TYPE_CHECKING:
    from pathlib import Path

    from atlas.settings import Settings


def run_dbt(place: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    project = place / "project"
    (project / "models").mkdir(parents=True, exist_ok=True)
    (project / "dbt_project.yml").write_text("name: tiny\nprofile: atlas\n")
    (project / "models" / "one.sql").write_text("select 1 as a")
    return subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "run"),
            *("--profiles-dir", str(PROFILES), "--project-dir", str(project)),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "PYTHONPATH": MODULES,
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_LOG_LEVEL_FILE": "debug",
            **environment,
        },
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
    )


def test_dbt_runs_by_the_profile(place: Path, settings: Settings) -> None:
    embedded.start(settings)
    ended = run_dbt(place, ATLAS_HOME=str(settings.home))
    assert ended.returncode == 0, ended.stdout
    assert query(settings, "SELECT a FROM chart.one") == [(1,)]


def test_dbt_runs_by_a_url_and_keeps_its_password(place: Path, settings: Settings) -> None:
    """The password counts: the server asks for it (by a line before the trusting one)."""
    embedded.start(settings)
    password = "p@ss:w/rd?#%é&'\"\\ {{x}} hunter2"
    encoded = "".join(f"%{byte:02X}" for byte in password.encode())
    with administration(layout_of(settings)) as connection:
        connection.execute("CREATE ROLE ada LOGIN")
        connection.execute("GRANT CREATE ON DATABASE atlas TO ada")
        connection.execute(psycopg.sql.SQL("ALTER ROLE ada PASSWORD {}").format(password))
        rules = real_data(settings) / "pg_hba.conf"
        rules.write_text("local all ada scram-sha-256\n" + rules.read_text())
        connection.execute("SELECT pg_reload_conf()")
    socket_host = str(settings.socket_directory).replace("/", "%2F")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://ada:wrong@{socket_host}/atlas")
    ended = run_dbt(place, ATLAS_DATABASE_URL=f"postgresql://ada:{encoded}@{socket_host}/atlas")
    assert ended.returncode == 0, ended.stdout
    assert query(settings, "SELECT viewowner FROM pg_views WHERE viewname = 'one'") == [("ada",)]
    written = [path for path in (place / "project").rglob("*") if path.is_file()]
    assert any(path.name == "dbt.log" for path in written)
    for content in [ended.stdout.encode(), *(path.read_bytes() for path in written)]:
        assert b"hunter2" not in content
        assert encoded.encode() not in content
