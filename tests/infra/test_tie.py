"""From a stack's outputs to what Atlas, dbt and libpq read: nothing is missing, left over, secret or misread."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import stacks
import yaml
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from atlas.database import connection_parameters
from atlas.settings import OWN_VARIABLES, STACK_VARIABLES, LineageSettings, Settings
from atlas.stacks.certificates import new_authority
from atlas.stacks.place import Place
from atlas.stacks.variables import NOT_FOR_CLIENTS, private_files, variables, write_environment
from atlas.stacks.workspace import PROVIDER
from atlas_infra.outputs import OUTPUTS

PROJECT = Path(__file__).parents[2]
SOURCE = PROJECT / "src" / "atlas"
PROFILES = PROJECT / "profiles" / "profiles.yml"
PROGRAMS = Path(sys.executable).parent
OWN = {variable.name for variable in OWN_VARIABLES}
OF_STACKS = {variable.name for variable in STACK_VARIABLES}
DECLARED = OWN | OF_STACKS
# As the library that Atlas uses says it.
LIBPQ = {option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar is not None}
OTHERS = {
    "the system": {"HOME", "PWD", "PATH", "LD_LIBRARY_PATH", "LC_ALL", "TZ", "UTC"},  # the last is what TZ is set to
    "Docker": {"DOCKER_HOST"},
    "dbt": {"DBT_EXCLUDE_RESOURCE_TYPES", "DBT_LOG_PATH", "DBT_TARGET_PATH"},
    "Pulumi": {
        "PULUMI_BACKEND_URL",
        "PULUMI_CONFIG_PASSPHRASE",
        "PULUMI_CONFIG_PASSPHRASE_FILE",
        "PULUMI_OPTION_CONFIG_FILE",
    },
}
# What a stack's file sets besides.
FOR_OTHER_PROGRAMS = {"DBT_PROFILES_DIR", "PULUMI_BACKEND_URL", "PULUMI_STACK"}
ODD = 'it\'s $HOME, "quoted"'


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "PG", "PULUMI_", "OPENLINEAGE_"))]:
        monkeypatch.delenv(name)


def outputs(stack: str) -> dict[str, Any]:
    return {name: output["value"] for name, output in stacks.recorded(stack).outputs.items()}


def place_in(directory: Path) -> Place:
    return Place("try", PROJECT / "infra", directory / "stacks" / "try", directory / "pulumi")


def sourced(file: Path) -> dict[str, str]:
    """What a POSIX shell's children get, after it read the file."""
    done = subprocess.run(
        ["sh", "-c", '. "$1" && exec env -0', "sh", str(file)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=True,
    )
    found = dict(entry.split("=", 1) for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, value in found.items() if name not in {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}}


def entered(found: Mapping[str, Any], directory: Path) -> dict[str, str]:
    """What a user's shell has after `atlas env`."""
    write_environment(found, place_in(directory))
    return sourced(place_in(directory).env_file)


def test_the_example_of_an_environment_is_what_the_settings_say() -> None:
    spec = importlib.util.spec_from_file_location("env_example", PROJECT / "tools" / "env_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    current = module.FILE.read_text(encoding="utf-8") == module.text()
    assert current, "stale; type: .venv/bin/python tools/env_example.py"
    assert set(re.findall(r"^#?(\w+)=$", module.text(), re.MULTILINE)) == DECLARED


def functions(tree: ast.Module) -> Iterator[ast.AST]:
    """Functions, each once, and the module without them."""
    inside = {id(node) for item in ast.walk(tree) if isinstance(item, ast.FunctionDef) for node in ast.walk(item)}
    yield from (item for item in ast.walk(tree) if isinstance(item, ast.FunctionDef))
    yield from (node for node in tree.body if id(node) not in inside and not isinstance(node, ast.ClassDef))


def reads_environment(node: ast.AST) -> bool:
    return any(
        (isinstance(part, ast.Attribute) and part.attr in {"environ", "getenv", "environb"})
        or (isinstance(part, ast.Name) and part.id in {"_text_of", "_path_of"})
        for part in ast.walk(node)
    )


def named(node: ast.AST) -> Iterator[str]:
    """Names of variables that a piece of source holds, git's aside, which it drops or sets for git.

    Of names that it puts together it is each that is declared.
    """
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and re.fullmatch("(?!GIT_)[A-Z][A-Z0-9_]*[A-Z0-9]", str(part.value)):
            yield str(part.value)
        if isinstance(part, ast.JoinedStr):
            pattern = "".join(
                re.escape(str(piece.value)) if isinstance(piece, ast.Constant) else "[A-Z]+" for piece in part.values
            )
            yield from (name for name in DECLARED if re.fullmatch(pattern, name))


def read_by_atlas() -> dict[str, set[str]]:
    """Names of variables in each function that looks at the environment, by file."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {name for item in functions(tree) if reads_environment(item) for name in named(item)}
        if names:
            found[str(path.relative_to(SOURCE))] = names
    return found


def read_by_profile() -> set[str]:
    return set(re.findall(r"env_var\('(\w+)'", PROFILES.read_text(encoding="utf-8")))


def test_every_variable_that_is_read_is_declared() -> None:
    others = LIBPQ.union(*OTHERS.values())
    strangers = {place: names - DECLARED - others for place, names in read_by_atlas().items()}
    assert {place: names for place, names in strangers.items() if names} == {}
    assert "settings.py" in strangers
    assert read_by_profile() - DECLARED - LIBPQ - OTHERS["the system"] == set()


def test_every_variable_that_is_declared_is_read() -> None:
    read = set().union(*read_by_atlas().values()) | read_by_profile() | LIBPQ
    assert read >= DECLARED


def test_every_variable_of_a_stack_changes_atlas_s_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").touch()
    # Without their address, the other variables of a service mean nothing.
    for name in ("ATLAS_REDIS_URL", "ATLAS_OBJECT_STORE_URL", "OPENLINEAGE_URL"):
        monkeypatch.setenv(name, "before")
    monkeypatch.setenv("ATLAS_PROJECT", str(PROJECT))
    for name in sorted(OF_STACKS - LIBPQ):
        before = Settings.from_environment()
        with monkeypatch.context() as changed:
            changed.setenv(name, str(tmp_path))
            after = Settings.from_environment()
        assert (after, after.project) != (before, before.project), name


class Reads(Mapping[str, Any]):
    """Outputs that know which of them were looked at."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values_ = values
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("an output is looked at by its name")

    def __len__(self) -> int:
        return len(self.values_)


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_every_output_is_for_clients_or_said_not_to_be(stack: str) -> None:
    found = Reads(outputs(stack))
    variables(found, Path("/d"))
    private_files(found)
    assert found.seen & NOT_FOR_CLIENTS == set()
    assert found.seen | NOT_FOR_CLIENTS == {output.name for output in OUTPUTS}


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_a_stack_sets_exactly_the_variables_that_are_declared(stack: str, tmp_path: Path) -> None:
    found = outputs(stack)
    assert set(variables(found, tmp_path)) | {"ATLAS_PROJECT"} == OF_STACKS
    assert set(entered(found, tmp_path)) == OF_STACKS | FOR_OTHER_PROGRAMS


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_a_shell_gets_every_value_as_it_is(stack: str, tmp_path: Path) -> None:
    directory = tmp_path / ODD
    expected = variables(outputs(stack), place_in(directory).directory)
    taken = entered(outputs(stack), directory)
    assert {name: taken[name] for name in expected} == expected
    assert taken["ATLAS_REDIS_PASSWORD_FILE"] == str(directory / "stacks" / "try" / "redis-password")


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_no_secret_is_in_a_variable(stack: str, tmp_path: Path) -> None:
    taken = entered(outputs(stack), tmp_path)
    shown = place_in(tmp_path).env_file.read_text() + str(taken) + str(variables(outputs(stack), tmp_path))
    assert [key for key in stacks.SECRETS if stacks.shows(shown, key)] == []
    # They are in files that the variables name, each the one that is its own.
    for name, key in {
        "ATLAS_REDIS_PASSWORD_FILE": "redisPassword",
        "ATLAS_OBJECT_STORE_SECRET_KEY_FILE": "objectStoreSecretKey",
    }.items():
        assert Path(taken[name]).read_text() == stacks.SECRETS[key]
    assert Path(taken["PGPASSFILE"]).read_text().endswith(f":{stacks.SECRETS['postgresPassword']}\n")
    files = "".join(path.read_text() for path in place_in(tmp_path).directory.iterdir())
    assert [key for key in stacks.SECRETS if stacks.shows(files, key)] == [
        "postgresPassword",
        "redisPassword",
        "objectStoreSecretKey",
    ]


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_files_are_their_owner_s_alone(stack: str, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_environment(outputs(stack), place_in(tmp_path))
    finally:
        os.umask(before)
    directory = place_in(tmp_path).directory
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_atlas_s_settings_are_the_stack_s_outputs(stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = outputs(stack)
    for name, value in entered(found, tmp_path).items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    store, cache = settings.object_store, settings.redis
    assert store is not None
    assert cache is not None
    assert (store.url, store.region) == (found["object_store_endpoint"], found["object_store_region"])
    assert store.access_key == found["object_store_access_key"]
    assert store.buckets == {
        purpose: found[f"object_store_bucket_{purpose}"] for purpose in ("landing", "archive", "backups", "docs")
    }
    for held, service in ((store.ca, "object_store"), (cache.ca, "redis")):
        assert (held.read_text() if held is not None else "") == found[f"{service}_ca"]
    assert settings.lineage == LineageSettings(found["marquez_endpoint"])
    assert settings.project == PROJECT


def test_marquez_s_key_comes_by_a_file_and_goes_when_it_asks_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, url = stacks.SECRETS["marquezApiKey"], "https://lineage.example.com"
    file = place_in(tmp_path).directory / "marquez-api-key"
    taken = entered(outputs("local") | {"marquez_endpoint": url, "marquez_api_key": key}, tmp_path)
    assert file.read_text() == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not stacks.shows(place_in(tmp_path).env_file.read_text() + str(taken), "marquezApiKey")
    monkeypatch.setenv("OPENLINEAGE_URL", taken["OPENLINEAGE_URL"])
    monkeypatch.setenv("ATLAS_OPENLINEAGE_API_KEY_FILE", taken["ATLAS_OPENLINEAGE_API_KEY_FILE"])
    assert Settings.from_environment().lineage == LineageSettings(url, file)
    entered(outputs("local"), tmp_path)
    assert not file.exists()


def profile(environment: dict[str, str]) -> dict[str, Any]:
    """The profile's output, by dbt's own renderer."""
    from dbt.config.renderer import ProfileRenderer  # noqa: PLC0415 - two seconds, for a few tests
    from dbt_common.context import set_invocation_context  # noqa: PLC0415

    set_invocation_context(environment)
    raw = yaml.safe_load(PROFILES.read_text(encoding="utf-8"))
    rendered: dict[str, Any] = ProfileRenderer({}).render_data(raw["atlas"]["outputs"]["default"])
    return rendered


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_dbt_s_profile_and_atlas_come_to_the_stack_s_database(
    stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = outputs(stack)
    taken = entered(found, tmp_path)
    expected = {
        "host": found["postgres_host"],
        "port": found["postgres_port"],
        "user": found["postgres_user"],
        "dbname": found["postgres_database"],
        "sslmode": found["postgres_sslmode"],
    }
    rendered = profile(taken)
    assert {key: rendered[key] for key in expected} == expected
    assert rendered["password"] == ""
    for name, value in taken.items():
        monkeypatch.setenv(name, value)
    assert connection_parameters(Settings.from_environment()) == expected | {"port": str(expected["port"])}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture(name="here")
def fixture_here(settings: Settings) -> dict[str, Any]:
    """Outputs of the local stack, as if the tests' server were its PostgreSQL, and nothing else were up."""
    server = conninfo_to_dict(str(settings.database_url))
    port = closed_port()
    authority = new_authority("Atlas stack local").certificate
    return outputs("local") | {
        "postgres_host": server["host"],
        "postgres_port": int(server.get("port") or 5432),
        "postgres_database": server["dbname"],
        "postgres_user": server["user"],
        "postgres_password": server.get("password") or stacks.SECRETS["postgresPassword"],
        # Through a socket libpq speaks no TLS, whatever it is told; a server in a container of CI's has none.
        "postgres_sslmode": "verify-full" if str(server["host"]).startswith("/") else "disable",
        **{f"{service}_ca": authority for service in ("postgres", "redis", "object_store")},
        "redis_port": port,
        "object_store_endpoint": f"https://localhost:{port}",
        "marquez_endpoint": f"http://localhost:{port}",
    }


def run(program: str, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAMS / program, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_dbt_and_doctor_reach_a_real_server_by_a_stack_s_outputs(here: dict[str, Any], tmp_path: Path) -> None:
    environment = entered(here, tmp_path / ODD) | {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }
    debug = run("dbt", "debug", "--connection", "--project-dir", str(PROJECT), environment=environment)
    assert debug.returncode == 0, debug.stdout
    assert "Connection test: [OK connection ok]" in re.sub(r"\x1b\[\d*m", "", debug.stdout)
    doctor = run("atlas", "doctor", "--json", environment=environment)
    found = {finding["subject"]: finding for finding in json.loads(doctor.stdout)}
    assert found["Database"]["ok"], found
    assert found["Schema"]["ok"] or "no landing table yet" in found["Schema"]["detail"]
    # What isn't there is told of, each by itself.
    assert {subject for subject, finding in found.items() if "refused" in finding["detail"]} == {
        "Redis",
        "Object store",
        "Lineage",
    }
    assert [key for key in stacks.SECRETS if stacks.shows(doctor.stdout + debug.stdout, key)] == []


def test_pulumi_s_provider_is_the_one_that_is_locked() -> None:
    name, version = PROVIDER
    assert importlib.metadata.version(f"pulumi-{name}") == version
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert re.search(rf"^pulumi-{name}=={re.escape(version)}\b", (PROJECT / lock).read_text(), re.MULTILINE)


@pytest.mark.parametrize("stack", stacks.COMMITTED)
def test_a_committed_stack_holds_settings_and_nothing_of_pulumi_s(stack: str) -> None:
    # Plain `pulumi` adds encryptionsalt; secrets belong to a file outside of the repository.
    content = yaml.safe_load((PROJECT / "infra" / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    assert list(content) == ["config"]
    assert "secure" not in str(content)
