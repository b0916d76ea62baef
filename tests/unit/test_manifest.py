"""The dbt project's rules, checked on its manifest: no database is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
LAYERS = ["explore", "chart", "navigate"]
DIMENSIONS = {"completeness", "uniqueness", "validity", "consistency", "accuracy", "timeliness"}
# Fewer than these and something has stopped being parsed. Raise them with the project.
FEWEST_DATA_TESTS = 185
FEWEST_UNIT_TESTS = 60

PROFILE = """
atlas:
  target: nowhere
  outputs:
    nowhere: {type: postgres, host: nowhere, port: 5432, user: nobody, password: "", dbname: nothing, schema: chart}
"""


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

    home = tmp_path_factory.mktemp("dbt")
    (home / "profiles.yml").write_text(PROFILE)
    options = {"project-dir": PROJECT, "profiles-dir": home, "target-path": home / "target", "log-path": home / "logs"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    outcome = dbtRunner().invoke(["--quiet", "--no-partial-parse", "--warn-error", "parse", *arguments])
    assert outcome.success, outcome.exception
    return outcome.result


def nodes_of(manifest: Any, resource_type: str) -> Iterator[Any]:
    found = [node for node in manifest.nodes.values() if node.resource_type == resource_type]
    assert found, f"no {resource_type} was found"
    yield from found


def layer_of(manifest: Any, unique_id: str) -> str:
    if unique_id.startswith("source."):
        return "source"
    if unique_id.startswith("snapshot."):
        return "navigate"
    if unique_id.startswith("seed."):
        return "seed"
    return str(manifest.nodes[unique_id].fqn[1])


def complaints_about_layers(manifest: Any) -> list[str]:
    allowed = {"explore": {"source"}, "chart": {"explore", "chart", "seed"}, "navigate": {"chart", "navigate", "seed"}}
    return [
        f"{model.name} ({layer}) reads {parent} ({layer_of(manifest, parent)})"
        for model in [*nodes_of(manifest, "model"), *nodes_of(manifest, "snapshot")]
        for layer in [layer_of(manifest, model.unique_id)]
        for parent in model.depends_on.nodes
        if layer_of(manifest, parent) not in allowed.get(layer, set())
    ]


def test_a_layer_reads_only_its_left_neighbour_and_itself(manifest: Any) -> None:
    assert complaints_about_layers(manifest) == []


def test_the_layer_rule_finds_what_breaks_it(manifest: Any) -> None:
    customer = manifest.nodes["model.atlas.dim_customer"]
    customer.depends_on.nodes.append("source.atlas.crm.customers")
    try:
        assert complaints_about_layers(manifest) == [
            "dim_customer (navigate) reads source.atlas.crm.customers (source)"
        ]
    finally:
        customer.depends_on.nodes.pop()


def test_models_are_built_in_their_layers_schema(manifest: Any) -> None:
    schemas = {"explore": "explore", "chart": "chart", "navigate": "navigate_base"}
    for model in nodes_of(manifest, "model"):
        assert model.schema == schemas[layer_of(manifest, model.unique_id)], model.name


def test_what_is_read_is_published_last(manifest: Any) -> None:
    for model in nodes_of(manifest, "model"):
        if layer_of(manifest, model.unique_id) == "navigate":
            assert model.config.post_hook[-1].sql == "{{ publish_model() }}", model.name


def test_names_tell_the_layer(manifest: Any) -> None:
    patterns = {
        "explore": r"[a-z][a-z0-9_]*?__[a-z0-9_]+",
        "chart": r"(?!bridge_|dim_|fct_|mart_)\w+",
        "navigate": r"(bridge|dim|fct|mart)_\w+",
    }
    for model in nodes_of(manifest, "model"):
        assert re.fullmatch(patterns[layer_of(manifest, model.unique_id)], model.name), model.name


def without_a_dimension(manifest: Any) -> list[str]:
    return [t.name for t in nodes_of(manifest, "test") if t.config.meta.get("quality_dimension") not in DIMENSIONS]


def test_every_data_test_has_a_quality_dimension(manifest: Any) -> None:
    assert without_a_dimension(manifest) == []


def test_the_dimension_rule_finds_what_breaks_it(manifest: Any) -> None:
    def first(**attributes: str | None) -> Any:
        return next(
            node
            for node in nodes_of(manifest, "test")
            if all(str(getattr(node, name, None)).startswith(str(value)) for name, value in attributes.items())
        )

    broken = [
        first(file_key_name="sources."),
        first(attached_node="snapshot."),
        first(attached_node="model."),
        first(test_metadata=None),
    ]
    kept = [node.config.meta for node in broken]
    try:
        for node, meta in zip(broken, ({}, {"quality_dimension": "beauty"}, {}, {"weight": 1}), strict=True):
            node.config.meta = meta
        assert set(without_a_dimension(manifest)) == {node.name for node in broken}
    finally:
        for node, meta in zip(broken, kept, strict=True):
            node.config.meta = meta


def test_every_singular_test_says_what_it_is_about(manifest: Any) -> None:
    for node in nodes_of(manifest, "test"):
        if getattr(node, "test_metadata", None) is not None:
            continue
        assert node.raw_code.startswith("-- Fails if "), f"{node.name} doesn't say what would be wrong in the world"
        read = {parent.rpartition(".")[2] for parent in node.depends_on.nodes}
        assert node.config.meta.get("table") in read, f"{node.name}: meta.table must be one of {sorted(read)}"


def test_there_are_as_many_tests_as_there_were(manifest: Any) -> None:
    assert len(list(nodes_of(manifest, "test"))) >= FEWEST_DATA_TESTS
    assert len(manifest.unit_tests) >= FEWEST_UNIT_TESTS


def test_every_model_is_described_and_tested(manifest: Any) -> None:
    tested = {parent for node in nodes_of(manifest, "test") for parent in node.depends_on.nodes}
    for model in nodes_of(manifest, "model"):
        assert model.description, f"{model.name} has no description"
        assert "Grain: " in model.description, f"{model.name} doesn't say what a row is"
        is_view = layer_of(manifest, model.unique_id) == "explore"
        assert is_view or model.unique_id in tested, f"{model.name} has no test"


def test_navigate_models_are_declared_in_full(manifest: Any) -> None:
    groups = {group.name for group in manifest.groups.values() if group.owner.name}
    for model in nodes_of(manifest, "model"):
        if layer_of(manifest, model.unique_id) != "navigate":
            continue
        assert model.config.contract.enforced, f"{model.name} has no contract"
        assert model.group in groups, f"{model.name} has no group with an owner"
        assert "access" in model.unrendered_config, f"{model.name} doesn't declare its access"
        assert any(c.type == "primary_key" for c in model.constraints), f"{model.name} has no primary key"
        assert model.columns, model.name
        for column in model.columns.values():
            assert column.description, f"{model.name}.{column.name} has no description"
            assert column.data_type, f"{model.name}.{column.name} has no data_type"


def test_chart_columns_are_described(manifest: Any) -> None:
    for model in nodes_of(manifest, "model"):
        if layer_of(manifest, model.unique_id) == "chart":
            bare = [column.name for column in model.columns.values() if not column.description]
            assert bare == [], model.name
            assert model.columns, model.name


def test_seeds_are_described_typed_and_tested(manifest: Any) -> None:
    tested = {parent for node in nodes_of(manifest, "test") for parent in node.depends_on.nodes}
    for seed in nodes_of(manifest, "seed"):
        assert "Grain: " in seed.description, f"{seed.name} doesn't say what a row is"
        assert seed.unique_id in tested, f"{seed.name} has no test"
        assert seed.config.column_types == {name: column.data_type for name, column in seed.columns.items()}
        assert all(column.description for column in seed.columns.values()), seed.name


def test_snapshots_are_private_described_and_tested(manifest: Any) -> None:
    tested = {parent for node in nodes_of(manifest, "test") for parent in node.depends_on.nodes}
    groups = {group.name for group in manifest.groups.values() if group.owner.name}
    for snapshot in nodes_of(manifest, "snapshot"):
        assert snapshot.name.endswith("_as_seen"), f"{snapshot.name} doesn't say that it was seen"
        assert snapshot.schema == "navigate_base", f"{snapshot.name} can be read where it is built"
        assert [hook.sql for hook in snapshot.config.post_hook] == ["{{ publish_model() }}"], snapshot.name
        assert snapshot.config.get("hard_deletes") == "invalidate", f"{snapshot.name} keeps what is gone"
        assert snapshot.config.snapshot_meta_column_names.dbt_valid_from == "valid_from", snapshot.name
        assert "Grain: " in snapshot.description, f"{snapshot.name} doesn't say what a row is"
        assert snapshot.config.group in groups, f"{snapshot.name} has no group with an owner"
        assert snapshot.unique_id in tested, f"{snapshot.name} has no test"
        assert {"valid_from", "valid_to"} < set(snapshot.columns), snapshot.name
        assert all(column.description for column in snapshot.columns.values()), snapshot.name


def test_versions_that_facts_take_are_joined_and_tested(manifest: Any) -> None:
    tested = {
        (node.attached_node, node.column_name): node.test_metadata.kwargs
        for node in nodes_of(manifest, "test")
        if getattr(node, "test_metadata", None) and node.test_metadata.name == "version_was_valid"
    }
    dimensions = {model.name: model for model in nodes_of(manifest, "model")}
    taken = 0
    for model in nodes_of(manifest, "model"):
        for column, declared in model.config.get("version_keys", {}).items():
            taken += 1
            arguments = tested[model.unique_id, column]
            assert declared["dimension"] in arguments["dimension"], f"{model.name}.{column} is tested otherwise"
            assert (arguments["key"], arguments["at"]) == (declared["key"], declared["at"]), f"{model.name}.{column}"
            assert f" as {column}" in model.raw_code
            placeholder = dimensions[declared["dimension"]].config.get("placeholder", {})
            assert placeholder.get("is_placeholder"), f"{declared['dimension']} has no placeholder"
    assert taken == len(tested) > 0


def test_every_history_tests_its_keys(manifest: Any) -> None:
    tests = [node for node in nodes_of(manifest, "test") if getattr(node, "test_metadata", None)]
    histories = {m.unique_id: m for m in nodes_of(manifest, "model") if m.config.materialized == "scd2"}
    for name in ("every_event_has_its_key", "no_keys_look_alike"):
        tested = {node.attached_node: node.test_metadata for node in tests if node.test_metadata.name == name}
        assert tested.keys() == histories.keys(), name
    assert all(test.kwargs["unique_key"] == histories[id_].config.unique_key for id_, test in tested.items())


def test_nothing_works_outside_of_the_publication_hook(manifest: Any) -> None:
    for node in manifest.nodes.values():
        assert not getattr(node.config, "grants", None), f"{node.name} declares grants"
        assert not getattr(node.config, "store_failures", None), f"{node.name} stores failures"


def test_incremental_models_read_by_claimed_batches(manifest: Any) -> None:
    for model in nodes_of(manifest, "model"):
        if model.config.materialized in {"incremental", "scd2"}:
            assert "claimed_batches()" in model.raw_code, f"{model.name} reads more than it claims"


def test_every_macro_and_each_of_its_arguments_is_described(manifest: Any) -> None:
    for macro in manifest.macros.values():
        # dbt's materializations can't be described, and a macro's variants for engines are described once.
        is_variant = re.match(r"(default|postgres|trino)__", macro.name) and not macro.description
        if macro.package_name != "atlas" or macro.name.startswith("materialization_") or is_variant:
            continue
        assert macro.description, f"macro {macro.name} has no description"
        folder = Path(macro.original_file_path).parent
        assert Path(macro.patch_path.partition("://")[2]).parent == folder, f"{macro.name} is described elsewhere"
        declared = re.search(r"{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%}", macro.macro_sql, re.DOTALL)
        assert declared, macro.name
        parts = re.sub(r"\[.*?\]", "", declared[1]).split(",")
        names = [part.partition("=")[0].strip() for part in parts if part.strip()]
        assert [argument.name for argument in macro.arguments] == names, macro.name
        assert all(argument.type and argument.description for argument in macro.arguments), macro.name


def test_every_source_says_how_it_is_landed(manifest: Any) -> None:
    for source in manifest.sources.values():
        assert source.identifier == f"raw_{source.source_name}__{source.name}"
        assert source.loaded_at_field == "received_at", source.unique_id
        assert source.freshness.warn_after.count, source.unique_id
        landing = source.config.meta["landing"]
        assert set(landing["key"]) <= set(source.columns), source.unique_id
        assert all(column.description and column.data_type for column in source.columns.values()), source.unique_id
