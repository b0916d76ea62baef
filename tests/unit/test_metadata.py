"""Declarations of who may see what that can't be meant so: found in YAML with file and line, and by dbt's own start."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import UsageError
from atlas.metadata import KNOWN, LEVELS, MASKS, PII, complaints

ROOT = Path(__file__).parents[2]
HEAD = """\
models:
  - name: things
    config: {meta: {row_access: {condition: "true"}}}
    columns:
      - {name: at_pseudonym, data_type: text}
      - name: at
"""
COLUMN = re.compile(r"things\.at: (.*)")
# What is said of a column `at`, by the lines of its declaration.
COLUMNS = {
    "config: {meta: {clasification: public}}": "meta has no key clasification; a column has classification, pii, mask",
    "config: {meta: {classification: confidental}}": "classification must be one of public, internal, confidential",
    "config: {meta: {classification: [public]}}": "classification must be one of public",
    "config: {meta: {pii: mail}}": "pii must be one of email, phone,",
    "config: {meta: {pii: [email]}}": "pii must be one of email, phone,",
    "config: {meta: {classification: public, pii: email}}": "personal data of the kind email is confidential at",
    "config: {meta: {classification: internal, pii: us_ssn}}": "personal data of the kind us_ssn is restricted at",
    "config: {meta: {classification: restricted, pii: api_key}}": "personal data of the kind api_key is secret at",
    "config: {meta: {mask: stars}}": "mask must be one of null, redact, email,",
    "config: {meta: {mask: null}}": "mask must be one of null, redact, email, email_hidden, last4,",
    "config: {meta: {mask: redact}}": "mask redact needs to know the data_type of the column.",
    "data_type: date\n        config: {meta: {mask: email}}": "mask email can't mask date; it can text, varchar,",
    "data_type: varchar(30)\n        config: {meta: {mask: year}}": "mask year can't mask varchar(30); it can date,",
    "data_type: text[]\n        config: {meta: {mask: redact}}": "mask redact can't mask text[]; it can text,",
    "config: {meta: {lookup: often}}": "lookup must be true or false.",
    "config: {meta: {classification: internal, lookup: true}}": "lookup is for who sees all rows; row_access has no",
    "meta: {classification: nonsense}": "classification must be one of",
}
RIGHT = (
    "config: {meta: {classification: public}}",
    "config: {meta: {classification: restricted, pii: iban, mask: 'null', subject_key: true}}",
    "data_type: TIMESTAMP(3) WITH TIME ZONE\n        config: {meta: {mask: year}}",
    "data_type: character varying(30)\n        config: {meta: {mask: last4}}",
    "data_type: text\n        config: {meta: {mask: pseudonym}}",
)
TABLES = {
    "{retain: forever}": "meta has no key retain; a table has owner, retention",
    "{row_access: all}": "row_access must have a condition, in SQL on the columns.",
    "{row_access: {unless: secret}}": "row_access must have a condition, in SQL on the columns.",
    "{row_access: {condition: 'true', unless: public}}": "row_access's unless must be one of internal, confidential",
    "{row_access: {condition: 'true', except: secret}}": "meta has no key except; a row_access has condition, unless.",
}


def found_in(directory: Path, text: str) -> list[str]:
    (directory / "models").mkdir()
    (directory / "models" / "things.yml").write_text(text)
    return [str(complaint) for complaint in complaints(directory)]


@pytest.mark.parametrize(("lines", "sentence"), COLUMNS.items())
def test_a_wrong_column_is_named_with_file_and_line(tmp_path: Path, lines: str, sentence: str) -> None:
    text = f"{HEAD}        {lines}\n"
    (found,) = found_in(tmp_path, text)
    assert found.startswith(f"models/things.yml:{len(text.splitlines())}: things.at: {sentence}")


def test_a_pseudonym_needs_its_column(tmp_path: Path) -> None:
    text = (
        HEAD.replace("at_pseudonym", "other") + "        data_type: text\n        config: {meta: {mask: pseudonym}}\n"
    )
    (found,) = found_in(tmp_path, text)
    assert found.endswith("mask pseudonym needs a column at_pseudonym, made by pseudonym().")


@pytest.mark.parametrize("lines", RIGHT)
def test_what_is_right_is_let_be(tmp_path: Path, lines: str) -> None:
    assert found_in(tmp_path, f"{HEAD}        {lines}\n") == []


@pytest.mark.parametrize(("meta", "sentence"), TABLES.items())
def test_a_wrong_table_is_named_with_file_and_line(tmp_path: Path, meta: str, sentence: str) -> None:
    (found,) = found_in(tmp_path, f"models:\n  - name: things\n    config:\n      meta: {meta}\n")
    assert found.startswith(f"models/things.yml:4: things: {sentence}")


def test_who_is_looked_up_is_no_secret_to_all(tmp_path: Path) -> None:
    rows = "{row_access: {condition: 'true', unless: secret}}"
    table = "models:\n  - name: things\n    config: {meta: %s}\n    columns:\n"
    column = "      - {name: at, config: {meta: {classification: public, lookup: true}}}\n"
    assert found_in(tmp_path, table % rows + column) == []
    (tmp_path / "models/things.yml").write_text(table % "{}" + column)
    (found,) = map(str, complaints(tmp_path))
    assert found.startswith("models/things.yml:5: things.at: lookup is for what not everybody sees;")


@pytest.mark.parametrize("text", ["models: [", "models: \udcff"])
def test_what_is_no_yaml_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "things.yml").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"things\.yml"):
        list(complaints(tmp_path))


def test_the_project_declares_nothing_wrongly() -> None:
    assert [str(complaint) for complaint in complaints(ROOT)] == []


def macro(name: str, *arguments: Any) -> Any:
    """What one of the project's macros returns."""
    import jinja2  # noqa: PLC0415

    class Returned(Exception):
        pass

    def back(value: Any) -> None:
        raise Returned(value)

    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 - no HTML
    text = (ROOT / "macros" / "governance" / f"{name}.sql").read_text()
    module: Any = environment.from_string(text, globals={"return": back, "none": None}).module
    try:
        getattr(module, name)(*arguments)
    except Returned as returned:
        return returned.args[0]
    raise AssertionError(f"{name} returned nothing")


def test_dbt_and_python_know_the_same_words() -> None:
    assert macro("classification_levels") == list(LEVELS)
    assert macro("pii_patterns") == {code: list(facts) for code, facts in PII.items()}
    with (ROOT / "seeds" / "pii_patterns.csv").open(encoding="utf-8", newline="") as lines:
        seeded = {row["code"]: (row["default_mask"], row["least_level"]) for row in csv.DictReader(lines)}
    assert seeded == PII
    with (ROOT / "seeds" / "classification_levels.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["level"] for row in sorted(csv.DictReader(lines), key=lambda row: int(row["rank"]))] == list(LEVELS)
    assert macro("mask_types") == {name: None if types is None else list(types) for name, types in MASKS.items()}
    for of, keys in KNOWN.items():
        assert macro("known_meta", of) == list(keys)
    described = (ROOT / "macros/governance/masks/_masks__macros.yml").read_text()
    assert all(f"- name: mask_{name}\n" in described for name in MASKS)
