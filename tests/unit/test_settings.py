"""Settings from the environment, and that profiles.yml comes to the same: dbt finds what Atlas finds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, reject
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from atlas.database import URL, connection_parameters
from atlas.errors import UsageError
from atlas.settings import SOCKET_NAME, SOCKET_PATH_LIMIT, Settings

PROFILES = Path(__file__).parents[2] / "profiles" / "profiles.yml"
VARIABLES = ("ATLAS_HOME", "XDG_DATA_HOME", "ATLAS_DATABASE_URL", "ATLAS_POSTGRES_BIN", "ATLAS_PROJECT")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")


def rendered(environment: dict[str, str]) -> dict[str, Any]:
    """The profile's output, by dbt's own renderer."""
    from dbt.config.renderer import ProfileRenderer  # noqa: PLC0415 - two seconds, for half of the tests
    from dbt_common.context import set_invocation_context  # noqa: PLC0415

    set_invocation_context(environment)
    raw = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))
    output: dict[str, Any] = ProfileRenderer({}).render_data(raw["atlas"]["outputs"]["default"])
    return output


@pytest.mark.parametrize(
    ("environment", "home"),
    [
        ({}, "/home/ada/.local/share/atlas"),
        ({"XDG_DATA_HOME": "/data"}, "/data/atlas"),
        ({"XDG_DATA_HOME": "~/data"}, "/home/ada/data/atlas"),
        ({"XDG_DATA_HOME": "/data", "ATLAS_HOME": "/elsewhere"}, "/elsewhere"),
        ({"ATLAS_HOME": "~/atlas data"}, "/home/ada/atlas data"),
        ({"ATLAS_HOME": "", "XDG_DATA_HOME": ""}, "/home/ada/.local/share/atlas"),
        ({"ATLAS_HOME": "/a//b/./.c/d/"}, "/a/b/.c/d"),
    ],
)
def test_home_comes_from_the_first_variable_that_is_set(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], home: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert settings.home == Path(home)
    assert settings.socket_directory == Path(home, "run")
    assert rendered({"HOME": "/home/ada", **environment})["host"] == f"{home}/run"


def test_a_relative_home_counts_from_the_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATLAS_HOME", "here")
    assert Settings.from_environment().home == tmp_path / "here"
    environment = {"HOME": "/home/ada", "PWD": str(tmp_path), "ATLAS_HOME": "here"}
    assert rendered(environment)["host"] == str(tmp_path / "here" / "run")


@pytest.mark.parametrize("letter", ["a", "é", "ß"])
@pytest.mark.parametrize("excess", [0, 1])
def test_a_socket_directory_that_is_too_long_in_bytes_moves_to_tmp(
    monkeypatch: pytest.MonkeyPatch, letter: str, excess: int
) -> None:
    room = SOCKET_PATH_LIMIT - len(f"//run/{SOCKET_NAME}") + excess
    size = len(letter.encode())
    home = "/" + letter * (room // size) + "x" * (room % size)
    monkeypatch.setenv("ATLAS_HOME", home)
    directory = Settings.from_environment().socket_directory
    assert (directory == Path(home, "run")) is (excess == 0)
    assert (directory.parent == Path("/tmp")) is (excess == 1)  # noqa: S108 - the name, nothing is made
    assert rendered({"HOME": "/home/ada", "ATLAS_HOME": home})["host"] == str(directory)


@settings_of_hypothesis(max_examples=50, deadline=None)
@given(parts=st.lists(st.text("abc é~.'\"\\$", min_size=1, max_size=40), min_size=1, max_size=5))
def test_dbt_and_atlas_agree_on_any_home(parts: list[str]) -> None:
    home = "/" + "/".join(parts)
    settings = Settings(Path(home), None, None, None)
    assert rendered({"ATLAS_HOME": home})["host"] == str(settings.socket_directory)


def test_the_password_in_the_url_is_not_in_the_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_DATABASE_URL", "postgresql://ada:hunter2@db/atlas")
    settings = Settings.from_environment()
    assert settings.database_url == "postgresql://ada:hunter2@db/atlas"
    assert "hunter2" not in repr(settings)


def test_an_empty_url_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLAS_DATABASE_URL", "")
    assert Settings.from_environment().database_url is None


def test_the_project_is_the_nearest_one_upwards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").touch()
    below = tmp_path / "models" / "chart"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert Settings.from_environment().project == tmp_path


def test_a_named_project_wins_and_must_be_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.mkdir()
    (tmp_path / "dbt_project.yml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATLAS_PROJECT", str(named))
    with pytest.raises(UsageError, match=r"no dbt_project\.yml in it"):
        _ = Settings.from_environment().project
    (named / "dbt_project.yml").touch()
    assert Settings.from_environment().project == named


def test_without_a_project_the_sentence_says_where_it_looked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="set ATLAS_PROJECT"):
        _ = Settings.from_environment().project


def test_settings_import_nothing_heavy() -> None:
    code = "import sys, atlas.settings; print({'psycopg', 'dbt', 'yaml', 'subprocess'} & set(sys.modules))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "set()"


URLS = [
    "postgresql://ada:secret@db.example:6543/atlas?sslmode=require",
    "postgres://ada:secret@db.example:6543/atlas",
    "postgresql://ada:p%40ss%3Aw%2Frd%3F%25%20%C3%A9%F0%9F%8C%8D@db/atlas",
    "postgresql://ada:back\\slash'\"{{x}}$1\\x41@db/atlas",
    "postgresql://ada:1234@db/5678",
    "postgresql://ada:True@db/None",
    "postgresql://a%C3%A9:x@db/d%2Fb%C3%BC",
    "postgresql://ada:x@[2001:db8::1]:6543/atlas",
    "postgresql://ada:x@[::1]/atlas",
    "postgresql://ada:x@%2Fvar%2Frun%2Fpostgresql:6543/atlas",
    "postgresql://ada@/atlas?host=/var/run/a%20b&port=6543",
    "postgresql://ada:x@db:1/one?port=2&host=other&sslmode=disable&port=3",
    "postgresql://ada@db:/atlas",
    "postgresql://ada:@db/atlas",
    "postgresql://ada@/atlas",
    "postgresql://ada@/atlas?host=/tmp&",
]

# libpq reads these, but dbt would go elsewhere, or go there in another way.
REFUSED_URLS = [
    "postgresql://ada:hunter2?b=c&host=d@db/atlas",
    "postgresql://ada:hunter2@db/atlas?user=bob",
    "postgresql://ada@db/atlas?password=hunter2",
    "postgresql://ada:hunter2@db/atlas?dbname=other",
    "postgresql://ada:hunter2@db/atlas?hostaddr=10.0.0.1",
    "postgresql://ada:hunter2@db/atlas?h%6Fst=other",
    "postgresql://ada:hunter2@db/atlas?sslrootcert=/a",
    "postgresql://ada:hunter2@one:1,two:2/atlas",
    "postgresql://ada:hunter2@db/atlas&host=other",
    "postgresql://ada:hunter2@ db/atlas",
    "postgresql://ada:hunter2@db",
    "postgresql:///atlas",
    "host=db dbname=atlas user=ada password=hunter2",
    # These it doesn't read.
    "postgresql://ada:hunter2%@db/atlas",
    "postgresql://ada:hunter2%FF@db/atlas",
    "mysql://ada:hunter2@db/atlas",
]


def parameters(url: str) -> dict[str, Any]:
    return connection_parameters(Settings(Path("/h"), url, None, None))


@pytest.mark.parametrize("url", URLS)
def test_dbt_reads_a_url_as_atlas_does(url: str) -> None:
    output = rendered({"ATLAS_DATABASE_URL": url, "ATLAS_HOME": "/not/this", "HOME": "/home/ada"})
    expected: dict[str, Any] = {"host": "", "port": 5432, "password": "", "sslmode": ""} | parameters(url)
    assert {key: output[key] for key in expected} == expected | {"port": int(expected["port"])}


@settings_of_hypothesis(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(url=st.from_regex(URL, fullmatch=True, alphabet=st.characters(codec="utf-8", exclude_characters="\0")))
def test_dbt_reads_any_url_that_atlas_takes_alike(url: str) -> None:
    try:
        parameters(url)
    except UsageError:
        reject()
    test_dbt_reads_a_url_as_atlas_does(url)


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_a_url_that_dbt_would_read_otherwise_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="It looks like postgresql://user:password@host:5432/database") as caught:
        parameters(url)
    assert "hunter2" not in str(caught.value)


def test_without_a_url_dbt_and_atlas_use_the_embedded_server() -> None:
    output = rendered({"ATLAS_HOME": "/h"})
    expected = connection_parameters(Settings(Path("/h"), None, None, None))
    assert {key: str(output[key]) for key in expected} == expected


@settings_of_hypothesis(max_examples=50, deadline=None)
@given(password=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
def test_any_password_survives_percent_encoding(password: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in password.encode())
    url = f"postgresql://ada:{encoded}@db/atlas"
    assert rendered({"ATLAS_DATABASE_URL": url})["password"] == password


def test_what_the_url_lacks_comes_from_libpqs_variables() -> None:
    variables = {
        "PGHOST": "db",
        "PGPORT": "6543",
        "PGUSER": "bob",
        "PGDATABASE": "lake",
        "PGPASSWORD": "secret",
    }
    output = rendered({"ATLAS_DATABASE_URL": "postgresql://ada@/atlas", **variables})
    assert {key: output[key] for key in ("host", "port", "user", "dbname", "password", "sslmode")} == {
        "host": "db",
        "port": 6543,
        "user": "ada",
        "dbname": "atlas",
        "password": "secret",
        "sslmode": "",  # which leaves PGSSLMODE to libpq
    }
    embedded = rendered({"ATLAS_HOME": "/h", **variables})
    assert {key: embedded[key] for key in ("host", "port", "user", "dbname")} == {
        "host": "/h/run",
        "port": 5432,
        "user": "atlas",
        "dbname": "atlas",
    }


def test_threads() -> None:
    assert rendered({"ATLAS_HOME": "/h"})["threads"] == 4
    assert rendered({"ATLAS_HOME": "/h", "ATLAS_DBT_THREADS": "2"})["threads"] == 2
