"""What every service of a running stack has to do, however the stack was brought up."""

from __future__ import annotations

import json
import re
import secrets
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import botocore.config
import botocore.exceptions
import psycopg
import pytest
import redis
from leak_search import given_away
from redis.backoff import NoBackoff
from redis.retry import Retry
from stack_support import Stack, docker, inspect, program, retried, wait_healthy

from atlas.stacks.certificates import new_authority

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = "samples/crm.customers"


def check_main_job(stack: Stack) -> None:
    """Migrate, land, build and look, by the variables that the stack gives."""
    stack.run(program("atlas"), "migrate")
    stack.run(program("atlas"), "land", "crm.customers", SAMPLE)
    stack.run(program("dbt"), "build", "--quiet")
    doctor = stack.run(program("atlas"), "doctor").stdout
    assert "PostgreSQL 17" in doctor
    assert "Redis" in doctor
    assert customers(stack) > 0


def customers(stack: Stack) -> int:
    """How many customers the warehouse holds."""
    with connect(stack) as connection:
        row = connection.execute("select count(*) from navigate.dim_customer").fetchone()
    assert row is not None
    return int(row[0])


def connect(stack: Stack, **changes: Any) -> psycopg.Connection[Any]:
    """A connection to the stack's PostgreSQL, as libpq makes it from the stack's outputs."""
    outputs = stack.outputs
    parameters = {
        "host": outputs["postgres_host"],
        "port": outputs["postgres_port"],
        "dbname": outputs["postgres_database"],
        "user": outputs["postgres_user"],
        "password": outputs["postgres_password"],
        "sslmode": outputs["postgres_sslmode"],
        "sslrootcert": stack.environment["PGSSLROOTCERT"],
        "connect_timeout": 10,
    }
    return psycopg.connect(**(parameters | changes), autocommit=True)


def check_postgres(stack: Stack, tmp_path: Path) -> None:
    """TLS that is verified, one way in, and no more power than the login needs."""
    # As itself: a session that works as the owner sees nothing of its own connection.
    with connect(stack, options="-c role=none") as connection:
        tls = connection.execute("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()").fetchone()
        assert tls is not None
        assert tls[0]
        assert tls[1] in {"TLSv1.2", "TLSv1.3"}
        login = connection.execute(
            "select rolsuper, rolbypassrls, rolreplication from pg_roles where rolname = current_user"
        ).fetchone()
        assert login == (False, False, False)
        extensions = {row[0] for row in connection.execute("select extname from pg_extension")}
        assert {"postgis", "pgaudit", "btree_gist"} <= extensions
        stranger = connection.execute("show password_encryption").fetchone()
        assert stranger == ("scram-sha-256",)
    with connect(stack, host="127.0.0.1"):
        pass
    other = tmp_path / "other.crt"
    other.write_text(new_authority("somebody else").certificate)
    for changes, complaint in (
        ({"sslmode": "disable"}, "no pg_hba.conf entry|rejects connection"),
        ({"password": "not the password"}, "password authentication failed"),
        ({"sslrootcert": str(other)}, "certificate verify failed"),
        ({"user": "postgres"}, "rejects connection|password authentication failed|no pg_hba.conf entry"),
        ({"dbname": "marquez"}, "permission denied for database"),
    ):
        with pytest.raises(psycopg.OperationalError, match=complaint):
            connect(stack, **changes)


def check_reads(stack: Stack) -> None:
    """What a cleared login reads is on record, by its grant; or else the doctor names it."""
    login, password, container = "e2e_reader", secrets.token_hex(16), stack.container("postgres")

    def as_superuser(*statements: str) -> None:
        psql = ["psql", "--quiet", "--no-psqlrc", "--host=/run/postgresql", "--username=postgres", "--dbname=atlas"]
        commands = [f"--command={statement}" for statement in statements]
        docker("exec", container, *psql, "--set=ON_ERROR_STOP=1", *commands)

    as_superuser(f"create role {login} login password '{password}'")
    try:
        stack.run(program("atlas"), "roles", "grant", login, "read")
        granted = stack.run(program("atlas"), "roles", "grant", login, "confidential")
        assert "isn't on record yet" in granted.stdout
        doctor = stack.run(program("atlas"), "doctor", ok=False)
        assert doctor.returncode != 0
        assert login in doctor.stdout
        as_superuser(
            "grant set on parameter pgaudit.log to atlas",
            f"grant {login} to atlas with admin true, inherit false, set false",
        )
        granted = stack.run(program("atlas"), "roles", "grant", login, "confidential")
        assert "isn't on record yet" not in granted.stdout
        stack.run(program("atlas"), "doctor")
        with connect(stack, user=login, password=password) as reader:
            reader.execute("select email from navigate.dim_customer")
        # The number is the statement's in its session; what the view asks has numbers, too.
        said = rf"{login}@atlas LOG:  AUDIT: SESSION,\d+,1,READ,SELECT,,,select email from navigate\.dim_customer"
        assert re.search(said, docker("logs", container))
    finally:
        as_superuser(f"drop role {login}", "revoke set on parameter pgaudit.log from atlas")


def redis_client(stack: Stack, password: str | None) -> redis.Redis:
    """A client of the stack's Redis."""
    outputs = stack.outputs
    return redis.Redis(
        host=outputs["redis_host"],
        port=outputs["redis_port"],
        username=outputs["redis_user"] if password else None,
        password=password,
        ssl=True,
        ssl_ca_certs=stack.environment["ATLAS_REDIS_CA"],
        socket_timeout=10,
        # It would take a refused password for a lost connection, and try again.
        retry=Retry(NoBackoff(), 0),
    )


def check_redis(stack: Stack) -> None:
    """Answers with a password and not without; keeps what it is told; can't be administered."""
    password = stack.outputs["redis_password"]
    with redis_client(stack, password) as client:
        assert client.ping()
        client.set("atlas:e2e", "kept")
        for command in ("CONFIG GET maxmemory", "FLUSHALL", "ACL LIST"):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command.split())
    with redis_client(stack, None) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
    with redis_client(stack, "not the password") as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()


def s3(stack: Stack, credential: str = "") -> Any:
    """A client of the stack's object store, as Atlas or (``erasure_``) as whoever erases lawfully."""
    outputs = stack.outputs
    return boto3.client(
        "s3",
        endpoint_url=outputs["object_store_endpoint"],
        region_name=outputs["object_store_region"],
        aws_access_key_id=outputs[f"object_store_{credential}access_key"],
        aws_secret_access_key=outputs[f"object_store_{credential}secret_key"],
        verify=stack.environment["ATLAS_OBJECT_STORE_CA"],
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def check_object_store(stack: Stack) -> None:
    """Puts and gets; the archive is locked for Atlas, and only for lawful erasure it isn't."""
    atlas, erasure = s3(stack), s3(stack, "erasure_")
    for bucket in ("landing", "archive", "docs"):
        atlas.put_object(Bucket=bucket, Key="e2e/one", Body=b"what was put")
        assert atlas.get_object(Bucket=bucket, Key="e2e/one")["Body"].read() == b"what was put"
    key = f"e2e/{uuid.uuid4()}"
    version = atlas.put_object(Bucket="archive", Key=key, Body=b"a person's data")["VersionId"]
    one = {"Bucket": "archive", "Key": key, "VersionId": version}
    for client, bypass in ((atlas, False), (atlas, True), (erasure, False)):
        with pytest.raises(botocore.exceptions.ClientError, match=r"AccessDenied|InvalidRequest|WORM"):
            client.delete_object(**one, BypassGovernanceRetention=bypass)
    assert atlas.get_object(**one)["Body"].read() == b"a person's data"
    erasure.delete_object(**one, BypassGovernanceRetention=True)
    with pytest.raises(botocore.exceptions.ClientError, match=r"NoSuchVersion|NoSuchKey|404"):
        atlas.get_object(**one)
    for forbidden in (
        lambda: atlas.create_bucket(Bucket="another"),
        lambda: atlas.delete_bucket(Bucket="docs"),
        lambda: atlas.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Suspended"}),
        lambda: erasure.get_object(Bucket="docs", Key="e2e/one"),
        lambda: erasure.put_object(Bucket="archive", Key="e2e/one", Body=b"something else"),
    ):
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            forbidden()  # type: ignore[no-untyped-call]


def check_marquez(stack: Stack) -> str:
    """Post an OpenLineage event and read it back; gives the job's name."""
    job = f"e2e-{uuid.uuid4()}"
    event = {
        "eventType": "COMPLETE",
        "eventTime": datetime.now(UTC).isoformat(),
        "run": {"runId": str(uuid.uuid4())},
        "job": {"namespace": "atlas-e2e", "name": job},
        "inputs": [],
        "outputs": [{"namespace": "atlas-e2e", "name": "navigate.dim_customer"}],
        "producer": "https://example.com/atlas/e2e",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/definitions/RunEvent",
    }
    request = urllib.request.Request(
        f"{stack.outputs['marquez_endpoint']}/api/v1/lineage",
        data=json.dumps(event).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 201
    retried(lambda: read_job(stack, job))
    with urllib.request.urlopen(stack.outputs["marquez_web"], timeout=30) as page:
        assert page.status == 200
    return job


def read_job(stack: Stack, job: str) -> dict[str, Any]:
    """A job as Marquez knows it."""
    address = f"{stack.outputs['marquez_endpoint']}/api/v1/namespaces/atlas-e2e/jobs/{job}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
    assert found["name"] == job
    return found


def check_data_survives_restarts(stack: Stack, job: str | None) -> None:
    """Stop and start all containers at once, gently and by SIGKILL, and find all data."""
    before = customers(stack)
    names = [stack.container(service) for service in sorted(stack.services)]
    for commands in (("restart",), ("kill", "start")):
        for command in commands:
            with ThreadPoolExecutor(len(names)) as pool:
                list(pool.map(docker, [command] * len(names), names))
        wait_healthy(names)
        assert retried(lambda: customers(stack)) == before
        with redis_client(stack, stack.outputs["redis_password"]) as client:
            assert retried(lambda: client.get("atlas:e2e")) == b"kept"
        assert s3(stack).get_object(Bucket="archive", Key="e2e/one")["Body"].read() == b"what was put"
        if job is not None:
            retried(lambda: read_job(stack, job))


def check_confinement(stack: Stack) -> None:
    """What the engine itself says of each container: the declared limits took hold."""
    for service in stack.services:
        container = inspect(stack.container(service))
        host = container["HostConfig"]
        assert host["CapDrop"] == ["ALL"]
        assert not host["CapAdd"]
        assert host["ReadonlyRootfs"]
        assert "no-new-privileges:true" in host["SecurityOpt"]
        assert not host["Privileged"]
        assert host["Memory"] == host["MemorySwap"] > 0
        assert host["NanoCpus"] > 0
        assert container["Config"]["User"].partition(":")[0] not in {"", "0", "root"}
        assert {port["HostIp"] for ports in host["PortBindings"].values() for port in ports} == {"127.0.0.1"}
        status = docker("exec", stack.container(service), "cat", "/proc/1/status")
        capabilities = [line.split()[1] for line in status.splitlines() if line.startswith(("CapEff", "CapBnd"))]
        assert capabilities == ["0" * 16, "0" * 16]


def check_no_leak(stack: Stack, *texts: str) -> None:
    """No secret, however it is spelled, where anybody but the stack's owner may look.

    That is what the engine tells of containers, images and the rest, arguments of processes, logs, also of containers
    that are gone, what dbt wrote, the shell's variables, and ``texts``.
    """
    told = {str(path): path.read_text(errors="replace") for path in (*files(stack.watched), *files(stack.home / "dbt"))}
    assert any(path.endswith(".log") for path in told)
    assert any(path.endswith("manifest.json") for path in told)
    for name in stack.identities():
        container = stack.container(name)
        image = inspect(container)["Image"]
        told[f"inspect {name}"] = docker("inspect", container)
        told[f"logs {name}"] = docker("logs", container, ok=False)
        told[f"image {name}"] = docker("image", "inspect", image) + docker("history", "--no-trunc", image)
    for service in stack.services:
        told[f"top {service}"] = docker("top", stack.container(service), "-eo", "pid,args")
    for kind in ("volume", "network"):
        listed = docker(kind, "ls", "-q", "--filter", f"label=atlas.stack={stack.name}").split()
        told[kind] = docker(kind, "inspect", *listed)
    told["variables"] = json.dumps(stack.environment)
    told |= {f"text {number}": text for number, text in enumerate(texts)}
    leaky = {place: found for place, text in told.items() if (found := given_away(stack.secrets, text))}
    assert not leaky, leaky


def files(directory: Path) -> list[Path]:
    """All files below a directory."""
    return [path for path in directory.rglob("*") if path.is_file()]
