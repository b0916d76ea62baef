"""What the services take stays within the memory that their containers may use, whatever the settings say."""

from __future__ import annotations

import itertools
import re

import psycopg
import pytest
import stacks
from properties import label, services

from atlas_infra.components import postgres, redis
from atlas_infra.service import canonical_cpus
from atlas_infra.settings import ContainerPostgres, ContainerRedis

MIB = 1024**2
UNITS = {"B": 1, "kB": 1024, "MB": MIB, "GB": 1024**3}
MEMORIES = (256, 512, 1024, 4096, 65_536, 1_048_576)
CONNECTIONS = (20, 100, 333, 1000)
AUTOVACUUM_WORKERS = 3  # PostgreSQL's default


def size(text: str) -> int:
    """Bytes of a size as PostgreSQL writes it."""
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


def sizes(memory: int, connections: int = 100) -> dict[str, int]:
    settings = postgres.server_settings(ContainerPostgres(memory=memory, max_connections=connections))
    assert settings["max_connections"] == str(connections)
    names = ("shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size")
    return {name: size(settings[name]) for name in names}


@pytest.mark.parametrize("connections", CONNECTIONS)
@pytest.mark.parametrize("memory", MEMORIES)
def test_postgres_stays_within_its_memory(memory: int, connections: int) -> None:
    taken = sizes(memory, connections)
    whole = memory * MIB
    sorting = taken["shared_buffers"] + connections * taken["work_mem"]
    assert sorting <= whole / 2
    assert sorting + AUTOVACUUM_WORKERS * taken["maintenance_work_mem"] <= whole * 3 / 4
    # The documentation calls a quarter reasonable and more than 40 % of no use.
    assert 0.2 <= taken["shared_buffers"] / whole <= 0.4
    # Less isn't accepted.
    assert taken["work_mem"] >= 64 * 1024
    assert taken["maintenance_work_mem"] >= MIB
    assert taken["shared_buffers"] < taken["effective_cache_size"] <= whole


@pytest.mark.parametrize(("less", "more"), list(itertools.pairwise(MEMORIES)))
def test_postgres_uses_more_memory_where_there_is_more(less: int, more: int) -> None:
    before, after = sizes(less), sizes(more)
    assert all(after[name] >= before[name] for name in before)
    assert after["work_mem"] > before["work_mem"]


@pytest.mark.parametrize(("fewer", "more"), list(itertools.pairwise(CONNECTIONS)))
def test_postgres_shares_memory_among_its_connections(fewer: int, more: int) -> None:
    assert sizes(4096, fewer)["work_mem"] > sizes(4096, more)["work_mem"]


@pytest.mark.parametrize("memory", [256, 1024, 1_048_576])
def test_postgres_knows_each_setting_and_takes_its_value(memory: int, server_url: str) -> None:
    given = postgres.server_settings(ContainerPostgres(memory=memory))
    # Settings of extensions are known once these are loaded, which only the image can do.
    given = {name: value for name, value in given.items() if "." not in name and name != "shared_preload_libraries"}
    with psycopg.connect(server_url) as connection:
        known = {
            name: (kind, unit, float(least or 0), float(most or 0), allowed)
            for name, kind, unit, least, most, allowed in connection.execute(
                "select lower(name), vartype, unit, min_val, max_val, enumvals from pg_settings"
            )
        }
    for name, value in given.items():
        kind, unit, least, most, allowed = known[name]
        if kind == "integer":
            step = {"8kB": 8192, "kB": 1024, "MB": MIB}.get(unit, 1)
            number = size(value) // step if unit else int(value)
            assert least <= number <= most, name
        if kind == "enum":
            assert value in [*allowed, "on"], name


@pytest.mark.parametrize("memory", [64, 100, 256, 2048, 1_048_576])
def test_redis_leaves_room_for_the_copy_of_its_log(memory: int) -> None:
    settings = redis.server_settings(ContainerRedis(memory=memory, policy="allkeys-lru"))
    cache = int(settings["maxmemory"].removesuffix("mb"))
    assert 0.4 <= cache / memory <= 0.75
    assert settings["maxmemory-policy"] == "allkeys-lru"


def test_redis_loses_no_event_by_default() -> None:
    settings = redis.server_settings(ContainerRedis())
    assert (settings["appendonly"], settings["maxmemory-policy"]) == ("yes", "noeviction")


@pytest.mark.parametrize("stack", stacks.NAMES)
def test_no_service_is_told_to_take_all_that_its_container_may(stack: str) -> None:
    seen = set()
    for container in services(stacks.recorded(stack)):
        inputs = container["inputs"]
        heap = re.search(r"-Xmx(\d+)m", str(inputs["envs"]))
        cache = re.search(r"'--maxmemory', '(\d+)mb'", str(inputs.get("command", "")))
        for limit in filter(None, (heap, cache)):
            assert int(limit[1]) <= 0.75 * inputs["memory"]
            seen.add(label(container, "atlas.service"))
    assert seen == {"redis", "marquez"}


@pytest.mark.parametrize("stack", ["local", "staging", "other"])
def test_parallel_queries_have_shared_memory(stack: str) -> None:
    # The engine's 64 MB are too little, and what they take counts against the container's limit.
    container = next(it for it in services(stacks.recorded(stack)) if label(it, "atlas.service") == "postgres")
    assert 64 < container["inputs"]["shmSize"] <= container["inputs"]["memory"] / 2


@pytest.mark.parametrize(
    ("cores", "written"),
    [(1, "1.0"), (0.5, "0.5"), (2.0, "2.0"), (1.25, "1.25"), (0.1, "0.1"), (16, "16.0"), (256, "256.0")],
)
def test_cores_are_written_as_the_engine_reports_them(cores: float, written: str) -> None:
    assert canonical_cpus(cores) == written
