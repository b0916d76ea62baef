"""What materializations make of columns, and what sources and seeds have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from atlas.lineage.edges import edges_of, rows_of_source, snapshot_of, trace, versions_of
from atlas.lineage.project import Project
from atlas.lineage.rows import Rows, origin

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = Rows(tuple((name, origin("e", name)) for name in ("id", "part", "colour", "at", "op", "seq", "hash")))


def shown(rows: Rows) -> dict[str, str]:
    """By column, what it comes from."""
    return {
        str(name): " ".join(sorted(one.column for one in value.origins) + ["?"] * bool(value.gaps))
        for name, value in rows.columns
    }


def test_versions_have_the_carried_columns_and_their_own() -> None:
    rules = {
        "unique_key": ["id", "part"],
        "updated_at": "at",
        "operation": "op",
        "sequence": "seq",
        "record_hash": "hash",
    }
    assert shown(versions_of(EVENTS, rules)) == {
        "version_key": "at id part",
        "id": "id",
        "part": "part",
        "colour": "colour",
        "valid_from": "at",
        "valid_to": "at",
        "is_current": "at",
        "prev_to": "at",
    }


def test_roles_are_carried_if_they_are_compared_or_part_of_the_key() -> None:
    rules = {"unique_key": "id", "updated_at": "at", "sequence": "seq", "check_cols": ["at", "colour"]}
    assert set(shown(versions_of(EVENTS, rules))) >= {"at", "op", "hash"}
    assert "seq" not in shown(versions_of(EVENTS, rules))
    assert "at" in shown(versions_of(EVENTS, {"unique_key": ["id", "at"], "updated_at": "at"}))


def test_a_snapshot_has_times_of_runs_or_of_rows() -> None:
    found = shown(snapshot_of(EVENTS, {"strategy": "check", "unique_key": ["id"], "hard_deletes": "new_record"}))
    assert {name: found[name] for name in found if name.startswith("dbt_")} == {
        "dbt_scd_id": "id",
        "dbt_updated_at": "",
        "dbt_valid_from": "",
        "dbt_valid_to": "",
        "dbt_is_deleted": "",
    }
    names = {"dbt_valid_from": "valid_from", "dbt_scd_id": "version_key"}
    rules = {"strategy": "timestamp", "updated_at": "at", "unique_key": "id", "snapshot_meta_column_names": names}
    found = shown(snapshot_of(EVENTS, rules))
    assert (found["version_key"], found["valid_from"], found["dbt_valid_to"]) == ("at id", "at", "at")
    # A key may be an expression.
    assert shown(snapshot_of(EVENTS, {"strategy": "check", "unique_key": "id || part"}))["dbt_scd_id"] == "?"


def test_a_landing_table_has_the_fields_that_its_contract_names() -> None:
    landing = {
        "delivery": "changes",
        "key": ["id", "part"],
        "event_at": "changed_at",
        "operation": {"field": "op", "deletes": ["d"]},
    }
    columns = dict.fromkeys(("id", "part", "changed_at", "op", "email"))
    found = shown(rows_of_source(source(columns, landing)))
    assert found == {
        "batch_id": "",
        "line": "",
        "received_at": "",
        "key": "id part",
        "event_at": "changed_at",
        "operation": "op",
        "payload": "*",
        "sha256": "*",
    }
    found = shown(rows_of_source(source(columns, {"delivery": "snapshot", "key": ["id"]})))
    assert (found["event_at"], found["operation"]) == ("", "")


def test_another_source_may_have_columns_that_nobody_declared() -> None:
    rows = rows_of_source(source({"id": None}, None))
    assert shown(rows) == {"id": "id"}
    assert rows.rest is not None
    assert rows.rest.gaps


def source(columns: dict[str, Any], landing: dict[str, Any] | None) -> Any:
    meta = {} if landing is None else {"landing": landing}
    return SimpleNamespace(
        unique_id="source.p.crm.customers",
        resource_type="source",
        source_name="crm",
        name="customers",
        schema="explore",
        identifier="raw_crm__customers",
        columns=columns,
        config=SimpleNamespace(meta=meta),
    )


def model(name: str, parents: list[str], **facts: Any) -> Any:
    config = {"materialized": "table", **facts.pop("config", {})}
    return SimpleNamespace(
        unique_id=f"model.p.{name}",
        resource_type="model",
        name=name,
        alias=name,
        schema="chart",
        identifier=name,
        language="sql",
        depends_on_nodes=parents,
        columns=facts.pop("columns", {}),
        config=type("Config", (dict,), {"materialized": config["materialized"]})(config),
        **facts,
    )


def traced(nodes: list[Any], compiled: dict[str, tuple[str, ...]], root: Path, **facts: Any) -> dict[str, Any]:
    project = Project(
        root=root,
        nodes={node.unique_id: node for node in nodes},
        compiled=compiled,
        failures=facts.get("failures", {}),
        fingerprints={},
    )
    return {id_: edges_of(columns.items()) for id_, columns in trace(project).items()}


CRM = source({"id": None, "email": None, "city": None}, {"delivery": "snapshot", "key": ["id"]})
RAW = "explore.raw_crm__customers"


def test_an_incremental_model_comes_from_what_either_way_to_build_it_reads(tmp_path: Path) -> None:
    first = f"select payload ->> 'id' as id, payload ->> 'city' as place, 0 as n from {RAW}"
    later = (
        f"select payload ->> 'id' as id, payload ->> 'email' as place, (select max(n) + 1 from chart.m) as n from {RAW}"
    )
    found = traced([CRM, model("m", [CRM.unique_id])], {"model.p.m": (first, later)}, tmp_path)
    assert found["model.p.m"] == {
        "id": ["source.p.crm.customers:id"],
        "place": ["source.p.crm.customers:city", "source.p.crm.customers:email"],
        "n": [],
    }


def test_columns_that_come_from_their_own_table_come_from_what_fills_it(tmp_path: Path) -> None:
    first = f"select payload ->> 'id' as a, payload ->> 'email' as b, 'x' as c from {RAW}"
    later = "select a, b as c, c as b from chart.m"
    found = traced([CRM, model("m", [CRM.unique_id])], {"model.p.m": (first, later)}, tmp_path)
    assert found["model.p.m"] == {
        "a": ["source.p.crm.customers:id"],
        "b": ["source.p.crm.customers:email"],
        "c": ["source.p.crm.customers:email"],
    }


def test_what_is_declared_and_not_selected_has_no_lineage(tmp_path: Path) -> None:
    column = SimpleNamespace(name="Email", quote=None)
    quoted = SimpleNamespace(name="Mail", quote=True)
    node = model("m", [CRM.unique_id], columns={"Email": column, "Mail": quoted})
    found = traced([CRM, node], {"model.p.m": (f"select payload ->> 'email' as email from {RAW}",)}, tmp_path)
    assert found["model.p.m"] == {
        "email": ["source.p.crm.customers:email"],
        "Mail": ["? its query has no such column"],
    }


def test_what_cannot_be_compiled_or_is_no_sql_cannot_be_followed(tmp_path: Path) -> None:
    nodes = [model("asks", [], columns={"a": SimpleNamespace(name="a", quote=None)}), model("python", [])]
    nodes[1].language = "python"
    nodes.append(model("reads", ["model.p.python"]))
    found = traced(
        nodes,
        {"model.p.reads": ("select a from chart.python",)},
        tmp_path,
        failures={"model.p.asks": "it asks the database"},
    )
    assert found["model.p.asks"] == {"a": ["? it asks the database"]}
    assert found["model.p.reads"]["a"][0].startswith("? ")


def test_a_table_outside_of_what_the_model_refers_to_is_not_followed(tmp_path: Path) -> None:
    found = traced([CRM, model("m", [])], {"model.p.m": (f"select payload ->> 'id' as id from {RAW}",)}, tmp_path)
    assert found["model.p.m"] == {"id": ["? explore.raw_crm__customers isn't read by ref() or source()"]}


def test_a_seed_has_the_columns_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("\ufeffcode;meaning\n1;one\n", encoding="utf-8")
    seed = model("codes", [], original_file_path="codes.csv", config={"delimiter": ";"})
    seed.unique_id, seed.resource_type = "seed.p.codes", "seed"
    found = traced([seed, model("m", ["seed.p.codes"])], {"model.p.m": ("select * from chart.codes",)}, tmp_path)
    assert found["model.p.m"] == {"code": ["seed.p.codes:code"], "meaning": ["seed.p.codes:meaning"]}
