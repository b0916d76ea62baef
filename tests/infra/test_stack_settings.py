"""Settings as a user gets them wrong: each is refused with a sentence, before any resource exists."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import stacks
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_support import DATABASE, accepted, loaded, refusal

from atlas_infra.checks import SettingsError
from atlas_infra.settings import ContainerPostgres, ExternalMarquez, ExternalRedis

STORE = {
    "mode": "external",
    "endpoint": "https://s3.example.com",
    "accessKey": "AKIAIOSFODNN7EXAMPLE",
    "erasureAccessKey": "AKIAI44QH8DHBEXAMPLE",
}


# What a user writes, and what the one sentence has to say.
MISTAKES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknown service": ({"postgresql": {"port": 5433}}, ["atlas:postgresql isn't a setting", "postgres,"]),
    "unknown name inside": (
        {"redis": {"prot": 7000}},
        ["atlas:redis.prot isn't a setting", "Did you mean atlas:redis.port?", "policy, port."],
    ),
    "unknown name further inside": (
        {"redis": {"image": {"tag": "8"}}},
        ["atlas:redis.image.tag isn't a setting", "args, build, ref"],
    ),
    "a name of the other mode": (
        {"postgres": DATABASE | {"memory": 512}},
        ["atlas:postgres.memory isn't a setting of a service whose mode is external", "internalHost"],
    ),
    "a word for a number": (
        {"redis": {"port": "standard"}},
        ['atlas:redis.port is "standard"', "a whole number from 1024 to 65535"],
    ),
    "a word for an object": (
        {"redis": "redis.example.com"},
        ['atlas:redis is "redis.example.com"', "an object with settings of its own (image, bind,"],
    ),
    "a word for a switch": ({"keepData": "sometimes"}, ['atlas:keepData is "sometimes"', "true or false"]),
    "a list for a name": ({"host": ["a", "b"]}, ["atlas:host is a list", "without port"]),
    "broken JSON": ({"redis": '{"port": 7000'}, ["atlas:redis is", "an object"]),
    "a port past the last": ({"redis": {"port": 65536}}, ["atlas:redis.port is 65536", "from 1024 to 65535"]),
    "a port of the system's": ({"postgres": {"port": 543}}, ["atlas:postgres.port is 543", "from 1024 to 65535"]),
    "a port twice": (
        {"redis": {"port": 15432}},
        ["atlas:redis.port", "atlas:postgres.port", "15432"],
    ),
    "a port twice in Marquez": (
        {"marquez": {"port": 15001}},
        ["atlas:marquez.port", "atlas:marquez.webPort", "15001"],
    ),
    "too little memory": ({"postgres": {"memory": 128}}, ["atlas:postgres.memory is 128", "from 256 to 1048576 (MiB)"]),
    "no cores": ({"redis": {"cpus": 0}}, ["atlas:redis.cpus is 0", "from 0.1 to 256 (cores)"]),
    "not a number of cores": ({"redis": '{"cpus": NaN}'}, ["atlas:redis.cpus"]),
    "a mode misspelt": ({"redis": {"mode": "extern"}}, ['atlas:redis.mode is "extern"', "container or external"]),
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
    "an API key in plain text over the network": (
        {"marquez": {"mode": "external", "endpoint": "http://lineage.example.com:5000", "apiKey": True}},
        ["atlas:marquez.endpoint", "API key", "plain text"],
    ),
    "an API key in plain text between machines": (
        {
            "marquez": {
                "mode": "external",
                "endpoint": "https://lineage.example.com",
                "internalEndpoint": "http://10.0.0.7:5000",
                "apiKey": True,
            }
        },
        ["atlas:marquez.internalEndpoint", "API key", "plain text"],
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
    "a sslmode that needs an authority": (
        {"postgres": DATABASE | {"tls": "verify-ca"}},
        ["atlas:postgres.tls is verify-ca", "atlas:postgres.ca"],
    ),
    "a secret's name misspelt": (
        {"redisPasword": "kR7-mQ2x_Lw9zT4vB8nY3cF6"},
        ["atlas:redisPasword isn't a setting", "Did you mean atlas:redisPassword?"],
    ),
    "a certificate's name misspelt": (
        {"certificates": stacks.certificates() | {"postgress": "…"}},
        ["atlas:certificates.postgress isn't a setting", "ca, objectStore, postgres, redis."],
    ),
    "a key for a certificate": (
        {"postgres": DATABASE | {"ca": stacks.SECRETS["postgresTlsKey"]}},
        ["atlas:postgres.ca has a value that isn't shown", "-----BEGIN CERTIFICATE-----"],
    ),
    "an address with a password for a host": (
        {"postgres": DATABASE | {"host": "postgresql://atlas:kR7/mQ@2x@db.example.com/atlas"}},
        ['atlas:postgres.host is "postgresql://…@db.example.com/atlas"'],
    ),
    "a list for a build argument": (
        {"redis": {"image": {"build": "images/redis", "args": {"TOKEN": ["kR7"]}}}},
        ["atlas:redis.image.args.TOKEN is a list; it has to be a text."],
    ),
    "nothing for a number": ({"redis": {"port": None}}, ["atlas:redis.port is empty"]),
    "a size with its unit": ({"redis": {"memory": "1GB"}}, ['atlas:redis.memory is "1GB"', "(MiB)"]),
    "a sslmode that checks nothing": (
        {"postgres": DATABASE | {"tls": "prefer"}},
        ['atlas:postgres.tls is "prefer"', "require, verify-ca, verify-full"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_refuses(mistake: str) -> None:
    given, said = MISTAKES[mistake]
    if "postgres" in given and "marquez" not in given and mistake != "Marquez without a database":
        given = given | {"marquez": {"database": {"host": "db.example.com"}}}
    (sentence,) = refusal(**given)
    assert [part for part in said if part not in sentence] == [], sentence


def test_names_all_mistakes_at_once() -> None:
    sentences = refusal(redis={"port": 0, "cpus": "many"}, postgres={"prot": 1}, storage={})
    assert [re.search(r"atlas:\w+(\.\w+)?", sentence)[0] for sentence in sentences] == [  # type: ignore[index]
        "atlas:redis.port",
        "atlas:redis.cpus",
        "atlas:postgres.prot",
        "atlas:storage",
    ]


def test_refuses_loopback_ports_on_the_engine_of_docker_host() -> None:
    (sentence,) = refusal(docker_host="ssh://ops@data1.example.com")
    assert "ssh://ops@data1.example.com" in sentence
    assert "atlas:docker.tunnel" in sentence
    # The setting goes first.
    accepted(docker_host="ssh://ops@data1.example.com", docker={"host": "unix:///var/run/docker.sock"})


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


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_takes_an_api_key_without_tls_on_this_machine(host: str) -> None:
    marquez = accepted(marquez={"mode": "external", "endpoint": f"http://{host}:5000", "apiKey": True}).marquez
    assert isinstance(marquez, ExternalMarquez)
    assert marquez.api_key


@pytest.mark.parametrize(
    "ref",
    [
        "redis:8.0.3",
        "registry.example.com/library/redis:8.0.3-alpine",
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
    assert "\n" not in shown
    assert not [key for key in stacks.SECRETS if stacks.shows(shown, key)]


def test_the_program_reads_docker_host() -> None:
    with pytest.raises(stacks.RefusedError, match=r"^The Docker engine is at tcp://192\.0\.2\.7:2375, "):
        stacks.record("try", stacks.config(), docker_host="tcp://192.0.2.7:2375")


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


@settings(max_examples=200, deadline=None)
@given(config=st.dictionaries(names | st.sampled_from(list(stacks.SECRETS)), texts, max_size=6))
def test_any_configuration_is_taken_or_refused(config: dict[str, str]) -> None:
    outcome = taken_or_refused(stacks.config() | config)
    assert outcome
    assert not [key for key in stacks.SECRETS if key not in config and stacks.shows(outcome, key)]


def taken_or_refused(config: dict[str, str]) -> str:
    try:
        return repr(loaded(config))
    except SettingsError as error:
        return str(error)
