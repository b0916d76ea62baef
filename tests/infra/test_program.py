"""The program loaded whole: what each stack exports, makes and leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import stacks
from properties import CONTAINER, VOLUME, containers, label, seeds, services

from atlas_infra.outputs import OUTPUTS

if TYPE_CHECKING:
    from stacks import Resource, Stack

CA = stacks.certificates()["ca"]


def exported(stack: Stack) -> dict[str, Any]:
    return {name: output["value"] for name, output in stack.outputs.items()}


def service_names(stack: Stack) -> set[str | None]:
    return {label(container, "atlas.service") for container in services(stack)}


def service(stack: Stack, name: str) -> Resource:
    return next(container for container in services(stack) if label(container, "atlas.service") == name)


def inputs(stack: Stack) -> dict[str, Any]:
    """What the engine is asked for, by resource."""
    return {resource["urn"]: resource["inputs"] for resource in stack.resources}


def changed(before: Stack, after: Stack) -> set[str]:
    """Names of the resources of ``after`` that aren't as before, or are gone."""
    old, new = inputs(before), inputs(after)
    return {urn.rpartition("::")[2] for urn in old.keys() | new.keys() if old.get(urn) != new.get(urn)}


@pytest.mark.parametrize("name", stacks.NAMES)
def test_exports_the_contract_and_nothing_else(name: str) -> None:
    outputs = stacks.recorded(name).outputs
    assert sorted(outputs) == sorted(output.name for output in OUTPUTS)
    for output in OUTPUTS:
        # Pulumi drops None; a bool would pass for an int.
        assert type(outputs[output.name]["value"]) is output.type, output.name
        assert outputs[output.name]["secret"] is output.secret, output.name


@pytest.mark.parametrize("name", stacks.NAMES)
def test_keeps_passwords_and_secret_keys_secret(name: str) -> None:
    outputs = stacks.recorded(name).outputs
    assert {key for key, output in outputs.items() if output["secret"]} == {
        "postgres_password",
        "redis_password",
        "object_store_secret_key",
        "object_store_erasure_secret_key",
        "marquez_api_key",
    }
    shown = str([output["value"] for output in outputs.values() if not output["secret"]])
    assert not [key for key in stacks.SECRETS if stacks.shows(shown, key)]


@pytest.mark.parametrize("name", stacks.NAMES)
def test_exports_the_passwords_that_are_configured(name: str) -> None:
    values = exported(stacks.recorded(name))
    assert values["postgres_password"] == stacks.SECRETS["postgresPassword"]
    assert values["redis_password"] == stacks.SECRETS["redisPassword"]
    # Nothing asks for one.
    assert values["marquez_api_key"] == ""
    assert values["object_store_secret_key"] == stacks.SECRETS["objectStoreSecretKey"]
    assert values["object_store_erasure_secret_key"] == stacks.SECRETS["objectStoreErasureSecretKey"]


# Addresses in a service's own file are for this machine alone (local, other), for a server's clients (staging), or of
# services that are run elsewhere (production).
ADDRESSES: dict[str, dict[str, Any]] = {
    "local": {
        "postgres_host": "localhost",
        "postgres_port": 15432,
        "postgres_internal_host": "postgres",
        "postgres_internal_port": 5432,
        "postgres_sslmode": "verify-full",
        "postgres_ca": CA,
        "redis_host": "localhost",
        "redis_port": 16379,
        "redis_internal_host": "redis",
        "redis_internal_port": 6379,
        "redis_scheme": "rediss",
        "object_store_endpoint": "https://localhost:19000",
        "object_store_internal_endpoint": "https://object-store:9000",
        "marquez_endpoint": "http://localhost:15000",
        "marquez_internal_endpoint": "http://marquez:5000",
        "marquez_web": "http://localhost:15001",
    },
    "staging": {
        "postgres_host": "atlas-staging.example.com",
        "postgres_port": 5432,
        "postgres_internal_host": "postgres",
        "postgres_internal_port": 5432,
        "redis_host": "atlas-staging.example.com",
        "redis_port": 6379,
        "object_store_endpoint": "https://atlas-staging.example.com:9000",
        "object_store_internal_endpoint": "https://object-store:9000",
        "marquez_endpoint": "http://localhost:15000",
        "marquez_web": "http://localhost:15001",
    },
    "production": {
        "postgres_host": "atlas-db.example.com",
        "postgres_port": 5432,
        "postgres_internal_host": "atlas-db.example.com",
        "postgres_internal_port": 5432,
        "postgres_database": "atlas",
        "postgres_sslmode": "verify-full",
        "postgres_ca": "",
        "redis_host": "atlas.example.com",
        "redis_port": 6379,
        "redis_internal_host": "redis",
        "redis_ca": CA,
        "object_store_endpoint": "https://s3.eu-central-1.amazonaws.com",
        "object_store_internal_endpoint": "https://s3.eu-central-1.amazonaws.com",
        "object_store_region": "eu-central-1",
        "object_store_ca": "",
        "object_store_bucket_landing": "example-atlas-landing",
        "object_store_bucket_docs": "example-atlas-docs",
        "marquez_endpoint": "http://localhost:15000",
        "marquez_internal_endpoint": "http://marquez:5000",
    },
    "other": {
        "postgres_host": "localhost",
        "redis_port": 16379,
        "object_store_endpoint": "https://localhost:9443",
        "object_store_internal_endpoint": "https://object-store:9000",
    },
}


@pytest.mark.parametrize("name", stacks.NAMES)
def test_gives_an_address_to_clients_and_one_to_containers(name: str) -> None:
    values = exported(stacks.recorded(name))
    assert {key: values[key] for key in ADDRESSES[name]} == ADDRESSES[name]


def test_puts_ipv6_into_brackets() -> None:
    database = {"host": "2001:db8::5"}
    stack = stacks.record(
        "six", stacks.config(host="2001:db8::1", objectStore={"bind": "::"}, marquez={"database": database})
    )
    assert exported(stack)["object_store_endpoint"] == "https://[2001:db8::1]:19000"
    (files,) = (seed["inputs"]["uploads"] for seed in seeds(stack) if label(seed, "atlas.service") == "marquez")
    assert "jdbc:postgresql://[2001:db8::5]:5432/marquez?" in str(files)


@pytest.mark.parametrize("name", stacks.NAMES)
def test_publishes_what_it_exports(name: str) -> None:
    stack = stacks.recorded(name)
    published = {
        (label(container, "atlas.service"), port["internal"], port["external"])
        for container in services(stack)
        for port in container["inputs"]["ports"]
    }
    values = exported(stack)
    inside = {
        ("postgres", values["postgres_internal_port"], values["postgres_port"]),
        ("redis", values["redis_internal_port"], values["redis_port"]),
        ("object-store", *ports(values["object_store_internal_endpoint"], values["object_store_endpoint"])),
        ("marquez", *ports(values["marquez_internal_endpoint"], values["marquez_endpoint"])),
        ("marquez-web", 3000, *ports(values["marquez_web"])),
    }
    assert published == {entry for entry in inside if entry[0] in service_names(stack)}


def ports(*urls: str) -> list[int | None]:
    return [urlsplit(url).port for url in urls]


def test_runs_every_service_in_a_container_by_default() -> None:
    everything = {"postgres", "redis", "object-store", "marquez", "marquez-web"}
    for name in ("local", "staging", "other"):
        assert service_names(stacks.recorded(name)) == everything


def test_makes_nothing_for_services_that_are_run_elsewhere() -> None:
    stack = stacks.recorded("production")
    assert service_names(stack) == {"redis", "marquez", "marquez-web"}
    named = [resource["name"] for resource in stack.resources if resource["type"].startswith("docker:")]
    assert not [name for name in named if name.startswith(("postgres", "object-store"))]


def test_makes_no_container_where_all_is_run_elsewhere() -> None:
    given = {key: text for key, text in stacks.config().items() if key not in {*stacks.KEYS, "certificates"}}
    elsewhere = stacks.record(
        "elsewhere",
        {
            **given,
            "postgres": '{"mode": "external", "host": "db.example.com", "internalHost": "10.0.0.5", "port": 6432}',
            "redis": '{"mode": "external", "host": "cache.example.com", "user": "app"}',
            "objectStore": '{"mode": "external", "endpoint": "https://s3.example.com/", "accessKey": "AKIA", '
            '"erasureAccessKey": "AKIB", "internalEndpoint": "https://10.0.0.6:9000"}',
            "marquez": '{"mode": "external", "endpoint": "https://lineage.example.com:5000", "apiKey": true}',
        },
    )
    assert not [resource for resource in elsewhere.resources if resource["type"] in {CONTAINER, VOLUME}]
    values = exported(elsewhere)
    assert (values["postgres_host"], values["postgres_internal_host"]) == ("db.example.com", "10.0.0.5")
    assert (values["postgres_port"], values["postgres_internal_port"]) == (6432, 6432)
    assert (values["redis_scheme"], values["redis_user"]) == ("rediss", "app")
    assert values["object_store_endpoint"] == "https://s3.example.com"
    assert values["object_store_internal_endpoint"] == "https://10.0.0.6:9000"
    assert (values["marquez_internal_endpoint"], values["marquez_web"]) == ("https://lineage.example.com:5000", "")
    assert elsewhere.outputs["marquez_api_key"] == {"value": stacks.SECRETS["marquezApiKey"], "secret": True}
    assert sorted(values) == sorted(output.name for output in OUTPUTS)


# Which service gets to see which secret.
NEEDED = {
    "postgres": {"postgresPassword", "postgresTlsKey", "marquezDatabasePassword"},
    "redis": {"redisPassword", "redisTlsKey"},
    "object-store": {
        "objectStoreRootPassword",
        "objectStoreSecretKey",
        "objectStoreErasureSecretKey",
        "objectStoreBackupSecretKey",
        "objectStoreTlsKey",
    },
    "marquez": {"marquezDatabasePassword"},
}


@pytest.mark.parametrize("name", stacks.NAMES)
def test_gives_a_service_its_own_secrets_alone(name: str) -> None:
    for seed in seeds(stacks.recorded(name)):
        carried = str(seed["inputs"]["uploads"])
        assert {key for key in stacks.SECRETS if stacks.shows(carried, key)} == NEEDED[
            label(seed, "atlas.service") or ""
        ]


def rotated(key: str) -> Stack:
    return stacks.record("local", stacks.config(**{key: stacks.made_up_secrets()[key]}))


@pytest.mark.parametrize(
    ("key", "replaced"),
    [
        ("redisPassword", {"redis", "redis-seed"}),
        ("objectStoreTlsKey", {"object-store", "object-store-seed"}),
        # Two services share it.
        ("marquezDatabasePassword", {"postgres", "postgres-seed", "marquez", "marquez-seed"}),
    ],
)
def test_rotating_a_secret_replaces_its_service_and_seed(key: str, replaced: set[str]) -> None:
    assert changed(stacks.recorded("local"), rotated(key)) == replaced


def test_the_same_settings_again_change_nothing() -> None:
    assert changed(stacks.recorded("local"), stacks.record("local", stacks.config())) == set()


@pytest.mark.parametrize(
    ("setting", "value", "replaced"),
    [
        ("redis", {"memory": 512}, {"redis"}),
        ("redis", {"image": {"ref": "redis:8.0.4"}}, {"redis-image", "redis", "redis-seed"}),
        ("objectStore", {"retentionDays": 31}, {"object-store"}),
        ("marquez", {"webPort": 15002}, {"marquez-web"}),
    ],
)
def test_a_setting_changes_its_own_service(setting: str, value: Any, replaced: set[str]) -> None:
    # The private configuration overlays the committed file, object by object: what it doesn't name stays.
    assert changed(stacks.recorded("local"), stacks.record("local", stacks.config(**{setting: value}))) == replaced


def test_a_private_configuration_may_turn_a_service_over_to_another_one() -> None:
    there = {"host": "db.example.com"}
    stack = stacks.record("staging", stacks.config(postgres=there | {"mode": "external"}, marquez={"database": there}))
    # Neither the port nor the bind of the committed file's container means anything now.
    assert exported(stack)["postgres_port"] == 5432
    assert service_names(stack) == {"redis", "object-store", "marquez", "marquez-web"}


def test_a_private_configuration_may_bring_a_service_home() -> None:
    stack = stacks.record("production", stacks.config(objectStore={"mode": "container"}))
    values = exported(stack)
    assert "object-store" in service_names(stack)
    # The other mode's settings went with it.
    assert (values["object_store_region"], values["object_store_bucket_landing"]) == ("us-east-1", "landing")


@pytest.mark.parametrize("name", stacks.NAMES)
def test_names_the_engine_where_the_settings_do(name: str) -> None:
    stack = stacks.recorded(name)
    engines = [resource for resource in stack.resources if resource["type"] == "pulumi:providers:docker"]
    parts = [resource for resource in stack.resources if resource["type"].startswith("docker:")]
    if name == "other":
        (engine,) = engines
        assert engine["inputs"]["host"] == stacks.OTHER["docker"]["host"]
        assert {part["options"]["provider"] for part in parts} == {f"{engine['urn']}::{engine['id']}"}
    else:
        assert not engines
        assert {part["options"]["provider"] for part in parts} == {""}


def test_keeps_no_data_where_a_stack_is_to_be_deleted() -> None:
    stack = stacks.record("throwaway", stacks.config(keepData="false"))
    kept = [volume["name"] for volume in stack.resources if volume["options"]["protect"]]
    assert (kept, [volume for volume in stack.resources if volume["options"]["retain_on_delete"]]) == ([], [])
    assert len([resource for resource in stack.resources if resource["type"] == VOLUME]) == 7


def test_marquez_waits_for_the_database_that_it_keeps_its_data_in() -> None:
    waits = {
        name: {urn.rpartition("::")[2] for urn in service(stacks.recorded(name), "marquez")["options"]["depends_on"]}
        for name in stacks.COMMITTED
    }
    assert {name: "postgres" in found for name, found in waits.items()} == {
        "local": True,
        "staging": True,
        "production": False,
    }


@pytest.mark.parametrize("name", ["local", "production"])
def test_marquez_checks_the_certificate_of_its_database(name: str) -> None:
    stack = stacks.recorded(name)
    seed = next(seed for seed in seeds(stack) if label(seed, "atlas.service") == "marquez")
    files = {upload["file"]: str(upload["content"]) for upload in seed["inputs"]["uploads"]}
    assert "sslmode=verify-full" in files["/run/secrets/marquez.yml"]
    # A managed database's certificate is checked against the authorities that Java knows.
    assert ("/run/secrets/database-ca.crt" in files) == (name == "local")
    assert ("sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory" in files["/run/secrets/marquez.yml"]) == (
        name == "production"
    )


def test_builds_with_the_base_and_network_of_the_settings() -> None:
    images = [resource for resource in stacks.recorded("other").resources if "build" in resource["inputs"]]
    assert {image["name"] for image in images} == {"redis-image", "object-store-image"}
    for image in images:
        assert image["inputs"]["build"]["args"]["BASE"] == stacks.OTHER["build"]["base"]
        assert image["inputs"]["build"]["network"] == "host"


def test_every_service_that_clients_sign_in_to_speaks_tls() -> None:
    for name in stacks.NAMES:
        for seed in seeds(stacks.recorded(name)):
            files = {upload["file"] for upload in seed["inputs"]["uploads"]}
            if label(seed, "atlas.service") != "marquez":
                assert any(file.endswith(("tls.key", "private.key")) for file in files)
    command = service(stacks.recorded("local"), "redis")["inputs"]["command"]
    assert command[command.index("--port") + 1] == "0"


def test_postgres_keeps_no_password_in_its_statistics_or_log() -> None:
    command = service(stacks.recorded("local"), "postgres")["inputs"]["command"]
    assert {
        "password_encryption=scram-sha-256",
        "pg_stat_statements.track_utility=off",
        "pgaudit.log_parameter=off",
    } <= set(command)
    # An extension can't be created before its library is loaded.
    (libraries,) = (word for word in command if word.startswith("shared_preload_libraries="))
    assert "pgaudit" in libraries


def test_mounts_no_container_without_its_volume_first() -> None:
    for name in stacks.NAMES:
        stack = stacks.recorded(name)
        volumes = {item["inputs"]["name"]: item["urn"] for item in stack.resources if item["type"] == VOLUME}
        for container in containers(stack):
            for mount in container["inputs"].get("volumes", []):
                assert volumes[mount["volumeName"]] in container["options"]["depends_on"]
