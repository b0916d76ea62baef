"""What the components declare is what their images do: names, files, users, ports, buckets, extensions."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
import stacks
from image_files import (
    DIRECTORIES,
    SECRETS,
    all_of,
    policy,
    required_files,
    scripts,
    secret_files,
    stated,
    text_of,
    users,
)
from properties import label, seeds, services

from atlas import services as atlas_services
from atlas import settings as atlas_settings
from atlas_infra.components import object_store, postgres, redis
from atlas_infra.settings import Buckets, ContainerObjectStore, ContainerPostgres

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    from psycopg.rows import TupleRow
    from stacks import Resource

LOCAL = "local"
BUILT = ("postgres", "object-store")
BUCKETS = {"landing", "archive", "backups", "docs"}


def container(service: str) -> dict[str, Any]:
    """What a service's container is started with, in the stack that runs them all."""
    found = (item for item in services(stacks.recorded(LOCAL)) if label(item, "atlas.service") == service)
    inputs: dict[str, Any] = next(found)["inputs"]
    return inputs


def seed(service: str) -> dict[str, str]:
    """The files that a service is given, with their content."""
    found = (item for item in seeds(stacks.recorded(LOCAL)) if label(item, "atlas.service") == service)
    uploads = next(found)["inputs"]["uploads"]
    return {plain(upload["file"]): plain(upload["content"]) for upload in uploads}


def plain(value: Any) -> str:
    return str(value["secret"] if isinstance(value, dict) else value)


def exported(name: str) -> Any:
    return stacks.recorded(LOCAL).outputs[name]["value"]


def declared(service: str) -> str:
    """All that a container is told outside of its image."""
    inputs = container(service)
    words = [*(inputs.get("command") or []), *inputs["healthcheck"]["tests"], *inputs["envs"]]
    return "\n".join([*map(plain, words), *seed(service).values()])


def test_the_images_are_those_that_the_settings_build() -> None:
    assert ContainerPostgres().image.build == f"images/{DIRECTORIES['postgres']}"
    assert ContainerObjectStore().image.build == f"images/{DIRECTORIES['object-store']}"


@pytest.mark.parametrize("service", ["postgres", "object-store", "redis", "marquez"])
def test_every_secret_file_that_is_given_is_read_and_the_other_way_round(service: str) -> None:
    read = secret_files((scripts(service) if service in BUILT else "") + "\n" + declared(service))
    assert read == set(seed(service))


@pytest.mark.parametrize("service", BUILT)
def test_an_image_insists_on_files_that_it_is_given(service: str) -> None:
    required = required_files(service)
    assert len(required) >= 3
    assert required <= set(seed(service))


@pytest.mark.parametrize("service", DIRECTORIES)
def test_the_user_is_the_image_s_and_owns_the_data(service: str) -> None:
    inputs = container(service)
    uid, gid = inputs["user"].split(":")
    assert all_of(service, "USER") == [f"{uid}:{gid}"]
    steps = " ".join(all_of(service, "RUN"))
    assert f"groupadd --gid {gid} " in steps
    assert f"useradd --uid {uid} --gid {gid} " in steps
    # The ids are taken before any package could take them.
    assert steps.index("useradd") < steps.find("apt-get") or "apt-get" not in steps
    (data,) = (mount["containerPath"] for mount in inputs["volumes"] if mount["containerPath"] != SECRETS)
    owned = re.findall(rf"install -d -o {uid} -g {gid} -m 0700 ([^&;]*)", steps)
    assert data in " ".join(owned).split()
    for options in inputs["tmpfs"].values():
        assert set(re.findall(r"[ug]id=(\d+)", options)) <= {uid, gid}


@pytest.mark.parametrize("service", DIRECTORIES)
def test_the_port_is_the_one_that_the_image_listens_on(service: str) -> None:
    (port,) = container(service)["ports"]
    assert all_of(service, "EXPOSE") == [str(int(port["internal"]))]
    listens = {
        "postgres": rf"-c port={postgres.PORT}\b",
        "object-store": rf"--address :{object_store.PORT}\b",
        "redis": rf"^{redis.PORT}$",
    }
    said = declared(service) if service == "redis" else scripts(service)
    assert re.search(listens[service], said, re.MULTILINE)


@pytest.mark.parametrize("service", BUILT)
def test_the_health_check_is_the_image_s(service: str) -> None:
    assert container(service)["healthcheck"]["tests"] == ["CMD", "/usr/local/bin/healthy"]
    assert any("healthy" in words.split() and words.endswith(" /usr/local/bin/") for words in all_of(service, "COPY"))
    assert re.search(r"chmod 0755 [^&;]*/usr/local/bin/healthy", " ".join(all_of(service, "RUN")))
    assert all_of(service, "ENTRYPOINT") == ['["/usr/local/bin/entrypoint.sh"]']


@pytest.mark.parametrize("service", BUILT)
def test_every_variable_that_is_set_is_read(service: str) -> None:
    # Those with such names are MinIO's own and Go's.
    names = {entry.partition("=")[0] for entry in container(service)["envs"]}
    ours = {name for name in names if not name.startswith(("MINIO_", "GO"))}
    assert ours == set(re.findall(r"\$\{([A-Z_]+):-", scripts(service))) - {"MINIO_API_ROOT_ACCESS"}


def logins() -> dict[str, str]:
    """The logins that PostgreSQL's image makes, each with a database of its name, and their passwords' files."""
    applied = r"PASSWORD_FILE=\$secrets/(\w+) apply service\.sql --set=name=(\w+)"
    return {name: file for file, name in re.findall(applied, text_of("postgres", "entrypoint.sh"))}


def test_the_logins_and_databases_are_those_that_the_image_makes() -> None:
    assert logins() == {postgres.LOGIN: "atlas_password", postgres.MARQUEZ: "marquez_password"}
    service_sql = text_of("postgres", "service.sql")
    assert "create role %I', :'name'" in service_sql
    assert "create database %I owner %I', :'name', :'name'" in service_sql
    given = seed("postgres")
    assert given[f"{SECRETS}/atlas_password"] == exported("postgres_password")
    assert (exported("postgres_user"), exported("postgres_database")) == (postgres.LOGIN, postgres.DATABASE)
    # The embedded server's are the same, so that nothing differs between the two.
    assert (postgres.LOGIN, postgres.DATABASE) == (atlas_settings.DATABASE_ROLE, atlas_settings.DATABASE_NAME)
    script = text_of("postgres", "atlas.sql")
    assert re.findall(r"^\\connect (\w+)", script, re.MULTILINE) == [postgres.DATABASE]
    assert re.findall(r"^alter role (\w+) ", script, re.MULTILINE) == [postgres.LOGIN]
    assert f"alter role {postgres.MARQUEZ} nologin" in text_of("postgres", "no-marquez.sql")
    asked = scripts("postgres") + declared("postgres")
    assert set(re.findall(r"--dbname=(\w+)", asked)) <= {postgres.DATABASE, "postgres"}
    assert set(re.findall(r"--username=(\w+)", asked)) <= {postgres.LOGIN, "postgres"}


def test_marquez_signs_in_as_the_login_that_the_image_makes() -> None:
    config = json.loads(seed("marquez")[f"{SECRETS}/marquez.yml"])["db"]
    assert (config["user"], config["password"]) == (
        postgres.MARQUEZ,
        seed("postgres")[f"{SECRETS}/{logins()[postgres.MARQUEZ]}"],
    )
    address = f"{exported('postgres_internal_host')}:{exported('postgres_internal_port')}"
    assert config["url"].startswith(f"jdbc:postgresql://{address}/{postgres.MARQUEZ}?sslmode=verify-full")


# Of Debian's packages; contrib comes with the server.
PACKAGES = {"pgaudit": "postgresql-17-pgaudit", "postgis": "postgresql-17-postgis-3"}


def made_extensions() -> set[str]:
    script = text_of("postgres", "atlas.sql")
    made = re.findall(r"^create extension if not exists (\w+);", script, re.MULTILINE)
    assert sorted(made) == sorted(re.findall(r"^alter extension (\w+) update;", script, re.MULTILINE))
    return set(made)


def test_the_extensions_that_atlas_needs_are_made(connection: psycopg.Connection[TupleRow], project: Path) -> None:
    rows = connection.execute("select extname from pg_extension where extname <> 'plpgsql'").fetchall()
    created = {
        name.lower()
        for directory in ("migrations", "macros", "models")
        for path in (project / directory).rglob("*")
        if path.suffix in {".sql", ".py"}
        for name in re.findall(
            r"create\s+extension\s+(?:if\s+not\s+exists\s+)?\"?(\w+)", path.read_text(encoding="utf-8"), re.IGNORECASE
        )
    }
    assert {row[0] for row in rows} | created <= made_extensions()


def test_the_extensions_are_installed_and_preloaded_where_they_have_to_be() -> None:
    packages = " ".join(all_of("postgres", "RUN")).split()
    assert {PACKAGES[name] for name in made_extensions() & PACKAGES.keys()} <= {word.rstrip(";") for word in packages}
    for said in (declared("postgres"), scripts("postgres")):
        (libraries,) = set(re.findall(r"shared_preload_libraries=([\w,]+)", said))
        assert set(libraries.split(",")) == made_extensions() & {"pgaudit", "pg_stat_statements"}


def provisioned_buckets() -> set[str]:
    script = text_of("object-store", "entrypoint.sh")
    (versioned,) = re.findall(r"for bucket in ([\w ]+); do", script)
    locked = re.findall(r"mc mb --ignore-existing --with-lock store/(\w+)", script)
    assert locked == ["archive"]
    assert re.findall(r"mc retention set --default governance \S+ store/(\w+)", script) == locked
    return {*versioned.split(), *locked}


def test_the_buckets_are_those_that_the_image_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert provisioned_buckets() == BUCKETS
    assert {exported(f"object_store_bucket_{purpose}") for purpose in BUCKETS} == BUCKETS
    defaults = Buckets()
    assert {purpose: getattr(defaults, purpose) for purpose in BUCKETS} == {purpose: purpose for purpose in BUCKETS}
    for name in [variable.name for variable in atlas_settings.STACK_VARIABLES]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ATLAS_OBJECT_STORE_URL", "https://localhost:19000")
    store = atlas_settings.Settings.from_environment().object_store
    assert store is not None
    assert store.buckets == {purpose: purpose for purpose in BUCKETS}


def test_the_object_store_s_users_are_those_that_the_image_makes() -> None:
    keys = {
        exported("object_store_access_key"): exported("object_store_secret_key"),
        exported("object_store_erasure_access_key"): exported("object_store_erasure_secret_key"),
        "atlas-backup": stacks.SECRETS["objectStoreBackupSecretKey"],
    }
    assert {user: seed("object-store")[f"{SECRETS}/{file}"] for user, file in users().items()} == keys
    copied = " ".join(all_of("object-store", "COPY")).split()
    assert all(any(fnmatch(f"{user}.json", pattern) for pattern in copied) for user in users())


@pytest.mark.parametrize("user", users())
def test_policies_are_about_buckets_that_are_there(user: str) -> None:
    resources = {resource for statement in policy(user) for resource in statement.get("Resource", [])}
    named = {re.fullmatch(r"arn:aws:s3:::([\w*]+)(?:/\*)?", resource)[1] for resource in resources}  # type: ignore[index]
    assert named - {"*"} <= provisioned_buckets()
    given = stated(user, "Allow")
    assert not [pair for pair in given if "*" in pair[0] or pair[1] in {"*", "arn:aws:s3:::*"}]
    assert ("admin:*", "*") in stated(user, "Deny")


BYPASS = "s3:BypassGovernanceRetention"


@pytest.mark.parametrize("user", users())
def test_only_the_credential_for_erasure_gets_past_the_lock(user: str) -> None:
    given, denied = stated(user, "Allow"), stated(user, "Deny")
    actions = {action for action, _ in given}
    if user == object_store.ERASURE_ACCESS_KEY:
        assert {resource for action, resource in given if action == BYPASS} == {"arn:aws:s3:::archive/*"}
        # It takes away, and writes nothing.
        assert not [action for action in actions if action.startswith("s3:Put")]
        return
    assert not {BYPASS, "s3:DeleteObjectVersion", "s3:PutObjectRetention"} & actions
    # Nor would another policy, attached besides, open it.
    assert {(action, "arn:aws:s3:::*") for action in (BYPASS, "s3:DeleteObjectVersion")} <= denied
    assert ("s3:DeleteObject", "arn:aws:s3:::archive/*") not in given


def test_backups_are_the_business_of_one_user_who_has_no_other() -> None:
    reach = {
        user: {re.split("[:/]", resource.removeprefix("arn:aws:s3:::"))[0] for _, resource in stated(user, "Allow")}
        for user in users()
    }
    assert {user for user, buckets in reach.items() if "backups" in buckets} == {"atlas-backup"}
    assert reach["atlas-backup"] == {"backups"}


def test_atlas_may_list_the_buckets_that_doctor_lists() -> None:
    listed = {resource.rpartition(":")[2] for action, resource in stated("atlas", "Allow") if action == "s3:ListBucket"}
    assert set(atlas_services.LISTED) == listed


def test_redis_knows_the_user_that_is_exported() -> None:
    rules = seed("redis")[f"{SECRETS}/users.acl"].splitlines()
    assert rules[0] == "user default off"
    assert [rule.split()[1] for rule in rules[1:]] == [exported("redis_user")]
    assert f"--user {exported('redis_user')} " in declared("redis")


def seeded(item: Resource) -> set[str]:
    return {plain(upload["file"]) for upload in item["inputs"]["uploads"]}


@pytest.mark.parametrize("name", stacks.NAMES)
def test_every_stack_gives_a_service_the_same_files(name: str) -> None:
    """What holds of the local stack above holds of the others, but for a Marquez whose database is elsewhere."""
    optional = {f"{SECRETS}/database-ca.crt", f"{SECRETS}/marquez_password"}
    for item in seeds(stacks.recorded(name)):
        assert set(seed(label(item, "atlas.service") or "")) - seeded(item) <= optional
