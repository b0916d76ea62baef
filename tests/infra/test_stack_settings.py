"""Settings as a user gets them wrong: each is refused with a sentence, before any resource exists."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import stacks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from atlas_infra.checks import SettingsError, load, load_settings
from atlas_infra.settings import ContainerPostgres, ExternalRedis, Settings

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

DATABASE = {"mode": "external", "host": "db.example.com"}
STORE = {
    "mode": "external",
    "endpoint": "https://s3.example.com",
    "accessKey": "AKIAIOSFODNN7EXAMPLE",
    "erasureAccessKey": "AKIAI44QH8DHBEXAMPLE",
}


@pytest.fixture(autouse=True)
def _docker_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)


def accepted(stack: str = "try", *, plain: Collection[str] = (), **given: Any) -> Settings:
    """Settings of a stack that has all secrets, besides what is given."""
    config = stacks.config(**given)
    return load(stack, config, {key for key in stacks.SECRETS if key in config and key not in plain})


def refusal(stack: str = "try", *, plain: Collection[str] = (), **given: Any) -> list[str]:
    """The sentences that settings are refused with, none of which may show a secret."""
    with pytest.raises(SettingsError) as caught:
        accepted(stack, plain=plain, **given)
    message = str(caught.value)
    assert not [key for key in stacks.SECRETS if stacks.shows(message, key)]
    assert not [key for key in stacks.SECRETS if given.get(key) and str(given[key]) in message]
    sentences = message.splitlines()
    assert all(sentence.endswith(".") for sentence in sentences)
    return sentences


# What a user writes, and what the one sentence has to say.
MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown service": ({"postgresql": {"port": 5433}}, ["atlas:postgresql isn't a setting", "postgres,"]),
    "unknown name inside": ({"redis": {"prot": 7000}}, ["atlas:redis.prot isn't a setting"]),
    "unknown name further inside": (
        {"redis": {"image": {"tag": "8"}}},
        ["atlas:redis.image.tag isn't a setting"],
    ),
    "a name of the other mode": ({"postgres": DATABASE | {"memory": 512}}, ["atlas:postgres.memory isn't a setting"]),
    "a word for a number": ({"redis": {"port": "standard"}}, ["atlas:redis.port", "int"]),
    "a word for an object": ({"redis": "redis.example.com"}, ["atlas:redis", "object"]),
    "a word for a switch": ({"keepData": "sometimes"}, ["atlas:keepData", "bool"]),
    "a list for a name": ({"host": ["a", "b"]}, ["atlas:host"]),
    "broken JSON": ({"redis": '{"port": 7000'}, ["atlas:redis"]),
    "a port past the last": ({"redis": {"port": 65536}}, ["atlas:redis.port", "65535"]),
    "a port of the system's": ({"postgres": {"port": 543}}, ["atlas:postgres.port", "1024"]),
    "a port twice": (
        {"redis": {"port": 15432}},
        ["atlas:redis.port", "atlas:postgres.port", "15432"],
    ),
    "a port twice in Marquez": (
        {"marquez": {"port": 15001}},
        ["atlas:marquez.port", "atlas:marquez.webPort", "15001"],
    ),
    "too little memory": ({"postgres": {"memory": 128}}, ["atlas:postgres.memory", "256"]),
    "no cores": ({"redis": {"cpus": 0}}, ["atlas:redis.cpus", "0.1"]),
    "not a number of cores": ({"redis": '{"cpus": NaN}'}, ["atlas:redis.cpus"]),
    "a mode misspelt": ({"redis": {"mode": "extern"}}, ["atlas:redis.mode is container or external"]),
    "a host with its port": (
        {"postgres": DATABASE | {"host": "db.example.com:5432"}},
        ["atlas:postgres.host", "without port"],
    ),
    "an address for a host": ({"host": "https://data1.example.com"}, ["atlas:host", "without port"]),
    "a host that isn't there": ({"postgres": {"mode": "external"}}, ["atlas:postgres.host is missing"]),
    "an endpoint that isn't there": (
        {"objectStore": {key: value for key, value in STORE.items() if key != "endpoint"}},
        ["atlas:objectStore.endpoint is missing"],
    ),
    "an access key that isn't there": (
        {"objectStore": {key: value for key, value in STORE.items() if key != "accessKey"}},
        ["atlas:objectStore.accessKey is missing"],
    ),
    "no endpoint of Marquez": ({"marquez": {"mode": "external"}}, ["atlas:marquez.endpoint is missing"]),
    "an object store without TLS": (
        {"objectStore": STORE | {"endpoint": "http://s3.example.com"}},
        ["atlas:objectStore.endpoint", "https://"],
    ),
    "Marquez for everyone": ({"marquez": {"bind": "0.0.0.0"}}, ["atlas:marquez.bind", "TLS", "login"]),  # noqa: S104
    "Marquez for everyone over IPv6": ({"marquez": {"bind": "::"}}, ["atlas:marquez.bind", "TLS", "login"]),
    "a bind that is a name": ({"redis": {"bind": "data1.example.com"}}, ["atlas:redis.bind", "IP address"]),
    "another machine's engine": (
        {"docker": {"host": "ssh://ops@data1"}},
        ["ssh://ops@data1", "postgres, redis, objectStore, marquez", "atlas:docker.tunnel"],
    ),
    "another machine's engine, one port shown": (
        {
            "docker": {"host": "tcp://192.0.2.7:2376"},
            "postgres": {"bind": "192.0.2.7"},
            "objectStore": {"bind": "192.0.2.7"},
            "marquez": {"mode": "external", "endpoint": "http://lineage.example.com"},
        },
        ["tcp://192.0.2.7:2376", "the ports of redis would be"],
    ),
    "an engine without a scheme": ({"docker": {"host": "data1:2375"}}, ["atlas:docker.host", "ssh://"]),
    "Redis in plain text over the network": (
        {"redis": {"mode": "external", "host": "cache.example.com", "tls": False}},
        ["atlas:redis.tls", "plain text"],
    ),
    "Marquez without a database": ({"postgres": DATABASE}, ["atlas:marquez.database", "PostgreSQL is external"]),
    "the newest image": ({"redis": {"image": {"ref": "redis:latest"}}}, ["atlas:redis.image.ref", "tag other than"]),
    "an image without a tag": ({"redis": {"image": {"ref": "redis"}}}, ["atlas:redis.image.ref", "tag", "digest"]),
    "an image without a tag from a port": (
        {"redis": {"image": {"ref": "registry.example.com:5000/redis"}}},
        ["atlas:redis.image.ref", "tag", "digest"],
    ),
    "half a digest": ({"redis": {"image": {"ref": "redis@sha256:abc"}}}, ["atlas:redis.image.ref", "digest"]),
    "the newest base": ({"build": {"base": "debian:latest"}}, ["atlas:build.base", "tag other than"]),
    "an image from two places": (
        {"redis": {"image": {"ref": "redis:8.0.3", "build": "images/postgres"}}},
        ["atlas:redis.image takes either ref", "or build"],
    ),
    "an image from nowhere": ({"marquez": {"webImage": {}}}, ["atlas:marquez.webImage takes either ref"]),
    "a directory without a Dockerfile": (
        {"redis": {"image": {"build": "images/nothing"}}},
        ["atlas:redis.image.build", "images/nothing", "Dockerfile"],
    ),
    "a directory that no file system has": (
        {"redis": {"image": {"build": "a" * 5000}}},
        ["atlas:redis.image.build"],
    ),
    "a CA by its path": ({"postgres": DATABASE | {"ca": "/etc/ca.pem"}}, ["atlas:postgres.ca", "PEM"]),
    "a bucket in capitals": (
        {"objectStore": STORE | {"buckets": {"docs": "Docs"}}},
        ["atlas:objectStore.buckets.docs", "bucket"],
    ),
    "a database in capitals": ({"postgres": DATABASE | {"database": "Atlas"}}, ["atlas:postgres.database", "SQL"]),
    "a sslmode that checks nothing": ({"postgres": DATABASE | {"tls": "prefer"}}, ["atlas:postgres.tls"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_refuses(mistake: str) -> None:
    given, said = MISTAKES[mistake]
    if "postgres" in given and "marquez" not in given and mistake != "Marquez without a database":
        given = given | {"marquez": {"database": {"host": "db.example.com"}}}
    (sentence,) = refusal(**given)
    assert [part for part in said if part not in sentence] == [], sentence


def test_names_all_mistakes_at_once() -> None:
    sentences = refusal(redis={"port": 0}, postgres={"prot": 1}, storage={})
    assert [re.search(r"atlas:\w+(\.\w+)?", sentence)[0] for sentence in sentences] == [  # type: ignore[index]
        "atlas:redis.port",
        "atlas:postgres.prot",
        "atlas:storage",
    ]


WEAK = {
    "a placeholder": ("changeme-changeme-0123456789", "placeholder"),
    "a placeholder in capitals": ("PassWord-8J3kf02LmQ9x7Zt", "placeholder"),
    "a short one": ("kR7-mQ2x_Lw9", "20"),
    "one that MinIO doesn't take": ("kR7-mQ2x_Lw9zT4v" * 3, "40"),
    "one letter": ("a" * 24, "easy to guess"),
    "one with a space": ("kR7 mQ2x_Lw9zT4vB8nY3cF6", "white space"),
    "one with a line's end": ("kR7-mQ2x_Lw9zT4vB8nY3cF6\n", "white space"),
    "one with an umlaut": ("kR7-mQ2x_Lw9zT4vB8nY3cFü", "ASCII"),
}


@pytest.mark.parametrize("key", stacks.PASSWORDS)
@pytest.mark.parametrize("kind", WEAK)
def test_refuses_a_weak_secret(kind: str, key: str) -> None:
    value, reason = WEAK[kind]
    (sentence,) = refusal(**{key: value})
    assert f"atlas:{key}" in sentence
    assert reason in sentence


@pytest.mark.parametrize("key", stacks.KEYS)
def test_refuses_a_key_that_is_none(key: str) -> None:
    (sentence,) = refusal(**{key: "/etc/ssl/private/server.key"})
    assert f"atlas:{key} isn't a private key in PEM form" in sentence


def test_takes_a_shorter_password_that_another_service_gave() -> None:
    given: dict[str, Any] = {"postgres": DATABASE, "marquez": {"database": {"host": "db.example.com"}}}
    accepted(**given, postgresPassword="kR7-mQ2x_Lw9")
    assert "easy to guess" in refusal(**given, postgresPassword="kR7-mQ2x")[0]


@pytest.mark.parametrize("key", stacks.SECRETS)
def test_refuses_a_secret_in_plain_text(key: str) -> None:
    (sentence,) = refusal(plain={key})
    assert f"atlas:{key} is kept in plain text" in sentence
    assert "--secret" in sentence


def test_refuses_a_secret_in_plain_text_in_the_committed_file(tmp_path: Path) -> None:
    # What `pulumi config set` does when one forgets --secret.
    text = stacks.SECRETS["redisPassword"]
    (tmp_path / "Pulumi.try.yaml").write_text(f"config:\n  atlas:redisPassword: {text}\n")
    shutil.copytree(stacks.PROGRAM / "images", tmp_path / "images")
    for config in (stacks.config(), stacks.config(redisPassword=stacks.made_up_secrets()["redisPassword"])):
        secret_keys = set(stacks.SECRETS) - ({"redisPassword"} if config["redisPassword"] == text else set())
        with pytest.raises(
            SettingsError, match=r"^atlas:redisPassword is kept in plain text\..*--secret.*\.$"
        ) as caught:
            load("try", config, secret_keys, tmp_path)
        assert text not in str(caught.value)


def test_names_every_missing_secret_in_one_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        load("try", {}, set())
    (sentence,) = str(caught.value).splitlines()
    wanted = [*stacks.SECRETS, *(f"certificates.{name}" for name in stacks.CERTIFICATES)]
    assert [name for name in wanted if f"atlas:{name}" not in sentence] == []
    assert "atlas up --stack try --init-only" in sentence
    assert "pulumi config set --secret" in sentence


def test_names_the_missing_ones_alone() -> None:
    (sentence,) = refusal(redisPassword="", certificates={**stacks.certificates(), "postgres": ""})
    assert re.findall(r"atlas:[\w.]+\w", sentence) == ["atlas:redisPassword", "atlas:certificates.postgres"]


def test_wants_no_secret_of_a_service_that_is_run_elsewhere() -> None:
    with pytest.raises(SettingsError) as caught:
        load("production", {}, set())
    assert set(re.findall(r"atlas:([\w.]+\w)", str(caught.value))) == {
        "postgresPassword",
        "marquezDatabasePassword",
        "redisPassword",
        "redisTlsKey",
        "objectStoreSecretKey",
        "objectStoreErasureSecretKey",
        "certificates.ca",
        "certificates.redis",
    }


def test_refuses_loopback_ports_on_the_engine_of_docker_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "ssh://ops@data1.example.com")
    (sentence,) = refusal()
    assert "ssh://ops@data1.example.com" in sentence
    assert "atlas:docker.tunnel" in sentence
    # The setting goes first.
    accepted(docker={"host": "unix:///var/run/docker.sock"})


@pytest.mark.parametrize(
    "host", ["ssh://ops@127.0.0.1", "tcp://localhost:2375", "tcp://[::1]:2375", "unix:///run/user/1000/docker.sock"]
)
def test_takes_an_engine_of_this_machine(host: str) -> None:
    assert accepted(docker={"host": host}).docker.host == host


def test_takes_a_tunnel() -> None:
    assert accepted(docker={"host": "ssh://ops@data1", "tunnel": True}).docker.tunnel


def test_takes_redis_without_tls_on_this_machine() -> None:
    redis = accepted(redis={"mode": "external", "host": "127.0.0.1", "tls": False}).redis
    assert isinstance(redis, ExternalRedis)
    assert not redis.tls


@pytest.mark.parametrize(
    "ref",
    [
        "redis:8.0.3",
        "docker.io/library/redis:8.0.3-alpine",
        "registry.example.com:5000/redis:8",
        f"redis@sha256:{'0' * 64}",
        f"registry.example.com:5000/team/redis:8.0.3@sha256:{'f' * 64}",
    ],
)
def test_takes_an_image_with_a_tag_or_a_digest(ref: str) -> None:
    assert accepted(redis={"image": {"ref": ref}}).redis.image.ref == ref  # type: ignore[union-attr]


@pytest.mark.parametrize("host", ["db", "db.example.com", "10.0.0.5", "::1", "2001:db8::5", "::ffff:10.0.0.5"])
def test_takes_a_name_or_an_address(host: str) -> None:
    assert accepted(host=host).host == host


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.10", "127.0.0.2", "::1"])  # noqa: S104
def test_takes_any_address_for_what_speaks_tls(bind: str) -> None:
    assert accepted(redis={"bind": bind}).redis.bind == bind  # type: ignore[union-attr]


def test_takes_numbers_and_switches_that_are_given_as_text() -> None:
    # `pulumi config set` knows nothing but text.
    taken = accepted(
        postgres={"port": "15433", "memory": "2048", "cpus": "1.5"}, keepData="false", docker={"tunnel": "true"}
    )
    assert isinstance(taken.postgres, ContainerPostgres)
    assert (taken.postgres.port, taken.postgres.memory, taken.postgres.cpus) == (15433, 2048, 1.5)
    assert (taken.keep_data, taken.docker.tunnel) == (False, True)


def written(directory: Path, content: str) -> Path:
    (directory / "Pulumi.try.yaml").write_text(content, encoding="utf-8")
    shutil.copytree(stacks.PROGRAM / "images", directory / "images")
    return directory


def test_overlays_the_committed_file_object_by_object(tmp_path: Path) -> None:
    program = written(
        tmp_path,
        "config:\n"
        "  atlas:host: data1.example.com\n"
        "  atlas:redis: {port: 7000, memory: 512}\n"
        "  atlas:redisPassword: {secure: v1:abc}\n"
        "  aws:region: eu-central-1\n",
    )
    taken = load_settings("try", {"redis": '{"mode": "container", "memory": 1024}'}, program)
    # `container` is what no mode means, so the file's port holds.
    assert (taken.host, taken.redis.port, taken.redis.memory) == (  # type: ignore[union-attr]
        "data1.example.com",
        7000,
        1024,
    )


def test_drops_the_other_modes_settings(tmp_path: Path) -> None:
    program = written(tmp_path, "config:\n  atlas:redis: {port: 7000, memory: 512}\n")
    taken = load_settings("try", {"redis": '{"mode": "external", "host": "cache.example.com"}'}, program)
    assert (taken.redis.port, taken.redis.host) == (6379, "cache.example.com")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("file", "private"),
    [('{ref: "redis:8.0.2"}', {"build": "images/postgres"}), ("{build: images/postgres}", {"ref": "redis:8.0.2"})],
)
def test_an_image_may_come_from_elsewhere_than_the_committed_file_says(
    tmp_path: Path, file: str, private: dict[str, str]
) -> None:
    program = written(tmp_path, f"config:\n  atlas:redis: {{image: {file}}}\n")
    image = load_settings("try", {"redis": json.dumps({"image": private})}, program).redis.image  # type: ignore[union-attr]
    assert {"ref": image.ref, "build": image.build} == {"ref": None, "build": None} | private


@pytest.mark.parametrize("content", ["config: [", "- a\n- b\n", "config: yes\n", "config:\n  1: 2\n", "\tx: y\n", "\0"])
def test_refuses_a_stack_file_that_cant_be_read(tmp_path: Path, content: str) -> None:
    with pytest.raises(SettingsError, match=r"Pulumi\.try\.yaml can't be read as a stack's settings\.$"):
        load_settings("try", {}, written(tmp_path, content))


def test_refuses_a_stack_file_of_other_bytes(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.try.yaml").write_bytes(b"config:\n  atlas:host: \xff\xfe\n")
    with pytest.raises(SettingsError, match=r"can't be read as a stack's settings\.$"):
        load_settings("try", {}, tmp_path)


def test_refuses_a_directory_for_a_stack_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.try.yaml").mkdir()
    with pytest.raises(SettingsError, match=r"can't be read as a stack's settings\.$"):
        load_settings("try", {}, tmp_path)


@pytest.mark.parametrize("content", ["", "config:\n", "encryptionsalt: v1:abc\n"])
def test_takes_a_stack_file_that_says_nothing(tmp_path: Path, content: str) -> None:
    assert load_settings("try", {}, written(tmp_path, content)) == Settings()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"redis": {"port": 15432}}, "atlas:redis.port and atlas:postgres.port are both 15432."),
        ({"redisPassword": "changeme"}, "atlas:redisPassword looks like a placeholder."),
        ({"redisPassword": ""}, "Stack try lacks atlas:redisPassword."),
    ],
)
def test_the_program_ends_with_the_sentence_alone(given: dict[str, Any], said: str) -> None:
    with pytest.raises(stacks.RefusedError) as caught:
        stacks.record("try", stacks.config(**given))
    shown = str(caught.value)
    assert shown.startswith(said)
    assert "Traceback" not in shown
    assert shown.count("\n") == 1
    assert not [key for key in stacks.SECRETS if stacks.shows(shown, key)]


def test_the_program_reads_docker_host() -> None:
    with pytest.raises(stacks.RefusedError, match=r"^The Docker engine is at tcp://192\.0\.2\.7:2375, "):
        stacks.record("try", stacks.config(), DOCKER_HOST="tcp://192.0.2.7:2375")


def test_the_program_works_without_a_stack_file() -> None:
    assert not (stacks.PROGRAM / "Pulumi.other.yaml").exists()
    assert stacks.recorded("other").resources


NAMES = [
    "host",
    "keepData",
    "docker",
    "build",
    "postgres",
    "redis",
    "objectStore",
    "marquez",
    "certificates",
    "mode",
    *("bind", "memory", "cpus", "image", "ref", "args", "port", "maxConnections", "tls", "ca", "database", "user"),
    *("endpoint", "accessKey", "erasureAccessKey", "buckets", "landing", "webPort", "policy", "retentionDays"),
]
WORDS = ["container", "external", "127.0.0.1", "::", "redis:8", "https://a", "ssh://a", "atlas", "true", "1e400", "nan"]
names = st.sampled_from(NAMES) | st.text(max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(WORDS)
    | st.sampled_from([1, 64, 512, 1024, 5432, 65535])
    | st.text(max_size=40)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)
texts = values.map(json.dumps) | st.text(max_size=30) | st.sampled_from(['{"a":', "[", "[" * 2000 + "]" * 2000])


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=st.dictionaries(names | st.sampled_from(list(stacks.SECRETS)), texts, max_size=6))
def test_any_configuration_is_taken_or_refused(config: dict[str, str]) -> None:
    outcome = taken_or_refused(stacks.config() | config)
    assert outcome
    assert not [key for key in stacks.SECRETS if key not in config and stacks.shows(outcome, key)]


def taken_or_refused(config: dict[str, str]) -> str:
    try:
        return repr(load("try", config, set(stacks.SECRETS)))
    except SettingsError as error:
        return str(error)
