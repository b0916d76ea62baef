"""The lineage of this very project, and what the database is told of another one that changes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from atlas.errors import UsageError
from atlas.lineage.edges import trace
from atlas.lineage.graph import around, select
from atlas.lineage.levels import Levels, downgrades, meta_of_column
from atlas.lineage.project import load_project
from atlas.lineage.rows import Origin
from atlas.lineage.written import staleness, write, written_form
from dbt_places import dbt_places

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

    from atlas.settings import Settings

ROOT = Path(__file__).parents[3]

# Who works on a service is a developer, too.
LOGINS = (
    *("github.issues.author_login", "github.pull_requests.author_login", "github.reviews.reviewer_login"),
    *("gitlab.issues.author_login", "gitlab.merge_requests.author_login", "gitlab.reviews.reviewer_login"),
    "jira.issues.author",
)
HOSTS_OF_LOGINS = (
    *("github.issues.repository_id", "github.pull_requests.repository_id", "github.reviews.repository_id"),
    *("gitlab.issues.repository_id", "gitlab.merge_requests.repository_id", "gitlab.reviews.repository_id"),
    "jira.issues.site",
)
# By column, what it comes from in the sources, and the level that follows.
EXPECTED = {
    "dim_customer.email": ({"crm.customers.email"}, "confidential"),
    "dim_customer.phone": ({"crm.customers.phone"}, "confidential"),
    "dim_customer.country_code": ({"crm.customers.country"}, "internal"),
    "dim_customer.segment": ({"crm.customers.segment"}, "public"),
    "dim_customer.version_key": ({"crm.customers.customer_id", "crm.customers.updated_at"}, "internal"),
    "dim_customer.valid_to": ({"crm.customers.updated_at"}, "internal"),
    "mart_customer_segments.customers": (set(), "public"),
    "mart_customer_segments.credit_limit_eur": ({"crm.customers.credit_limit"}, "internal"),
    "customer_segments_as_seen.credit_limit_eur": ({"crm.customers.credit_limit"}, "internal"),
    "customer_segments_as_seen.valid_from": (set(), "public"),
    "customer_segments_as_seen.version_key": ({"crm.customers.segment", "crm.customers.country"}, "internal"),
    "crm__customers._sha256": ({"crm.customers.*"}, "secret"),
    "crm__customers._batch_id": (set(), "public"),
    "fct_commit.author_id": ({"git.commits.author_email", "git.commits.author_name"}, "confidential"),
    "fct_commit.is_reachable": ({"git.commits.operation"}, "internal"),
    "fct_commit.committed_on": ({"git.commits.committed_at"}, "internal"),
    "fct_commit.author_version_key": (
        {
            *("git.commits.author_email", "git.commits.author_name", "git.commits.committed_at"),
            *("git.commits.committer_email", "git.commits.committer_name", *LOGINS, *HOSTS_OF_LOGINS),
        },
        "confidential",
    ),
    "dim_developer.developer_name": (
        {"git.commits.author_name", "git.commits.committer_name", *LOGINS},
        "confidential",
    ),
    "dim_repository.latest_tag": ({"git.refs.name"}, "internal"),
    "mart_commit_activity.authors": (set(), "public"),
    "mart_commit_activity.lines_added": ({"git.commits.lines_added"}, "internal"),
    "mart_repository.last_tagged_at": (
        {"git.refs.kind", "git.refs.operation", "git.refs.tagged_at"},
        "internal",
    ),
    "branch_heads.branch": ({"git.refs.name"}, "internal"),
}


@pytest.fixture(scope="module")
def levels() -> Levels:
    project = load_project(ROOT)
    return Levels(project, trace(project))


def column(levels: Levels, name: str) -> Origin:
    relation, _, column_name = name.rpartition(".")
    ids = [id_ for id_ in levels.project.nodes if levels.project.name(id_) == relation]
    assert len(ids) == 1, name
    return Origin(ids[0], column_name)


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_of_this_project_come_from_where_they_should(levels: Levels, name: str) -> None:
    sources, level = EXPECTED[name]
    found = around(levels.traced, [column(levels, name)], downstream=False)
    assert {
        f"{levels.project.name(o.relation)}.{o.column}" for o in found if o.relation.startswith("source.")
    } == sources
    assert levels.inherited(column(levels, name)).name == level


def test_every_column_of_this_project_is_followed(levels: Levels) -> None:
    gaps = {(id_, name): v.gaps for id_, columns in levels.traced.items() for name, v in columns.items() if v.gaps}
    assert gaps == {}
    assert {id_ for id_, node in levels.project.nodes.items() if node.resource_type == "model"} <= levels.traced.keys()


def test_every_field_of_a_source_has_a_level(levels: Levels) -> None:
    for id_, node in levels.project.nodes.items():
        if node.resource_type == "source":
            bare = [name for name in node.columns if levels.of(Origin(id_, name)).reason != "declared"]
            assert bare == [], node.name


def test_what_declares_personal_data_says_of_whom_and_for_how_long(levels: Levels) -> None:
    for id_, node in levels.project.nodes.items():
        declared = [meta_of_column(levels.project, Origin(id_, name)) for name in node.columns]
        if any("pii" in meta for meta in declared):
            assert node.config.meta.get("retention"), id_
            assert any("subject_key" in meta for meta in declared), id_


def test_what_tests_guarantee_is_known(levels: Levels) -> None:
    bounds = {("model.atlas.dim_customer", "credit_limit_eur"): 0, ("model.atlas.fct_commit", "lines_added"): 0}
    assert bounds.items() <= levels.project.least.items()
    # It only warns, and its bound is no number.
    assert ("model.atlas.fct_commit", "committed_at") not in levels.project.least


def test_what_is_committed_is_as_the_code_has_it(levels: Levels) -> None:
    assert list(staleness(levels.project, written_form(levels.project, levels.traced))) == []
    assert list(downgrades(levels)) == []


def test_the_address_of_a_customer_can_be_followed_downstream(levels: Levels) -> None:
    found = around(levels.traced, [column(levels, "crm.customers.email")], downstream=True)
    assert {levels.project.name(one.relation) for one in found if one.column == "email"} == {
        *("crm.customers", "crm__customers", "customer_changes", "dim_customer")
    }
    assert len(found) == 4


# ---- a build ----

PROJECT_FILE = """
name: shop
profile: atlas
config-version: 2
flags: {send_anonymous_usage_stats: false}
vars: {shown: city}
models:
  shop:
    +schema: shop
    +post-hook: "{{ note_levels() }}"
"""
FILES = {
    "dbt_project.yml": PROJECT_FILE,
    "macros/shout.sql": "{% macro shout(text) %}upper({{ text }}){% endmacro %}",
    "macros/outer.sql": "{% macro outer_shout(text) %}{{ shout(text) }}{% endmacro %}",
    "macros/note_levels.sql": """
        {% macro note_levels() %}
            {% if execute %}{% for column in adapter.get_columns_in_relation(this) %}
                insert into explore.noted values (
                    '{{ this.identifier }}', {{ sql_text(column.name) }}, '{{ column_level(model, column.name) }}'
                );
            {% endfor %}{% endif %}
        {% endmacro %}
    """,
    "models/sources.yml": """
        sources:
          - name: crm
            schema: explore
            tables:
              - name: people
                identifier: raw_crm__people
                config: {meta: {landing: {delivery: snapshot, key: [id]}}}
                columns:
                  - {name: id, data_type: text, config: {meta: {classification: public}}}
                  - {name: email, data_type: text, config: {meta: {classification: confidential}}}
                  - {name: city, data_type: text, config: {meta: {classification: internal}}}
                  - {name: "it's \\"odd\\" é", data_type: text, config: {meta: {classification: restricted}}}
        models:
          - name: leads
            columns:
              - name: mail
                config:
                  meta: {classification: public, declassified: {reason: hash, by: Jo, note: Reviewed.}}
    """,
    "models/people.sql": "{{ typed_landing('crm', 'people') }}",
    "models/leads.sql": "select id, email as mail, {{ outer_shout('city') }} as city from {{ ref('people') }}",
    "models/reports.sql": "select mail, city, count(*) as n from {{ ref('leads') }} group by mail, city",
    "models/towns.sql": "select id, {{ var('shown') }} as shown from {{ ref('people') }}",
    "models/plain.sql": "select id, email as contact from {{ ref('people') }}",
    "models/labels.sql": "select {{ dbt.concat(['id', 'city']) }} as label from {{ ref('people') }}",
    "models/anew.sql": "select id, {{ 'email' if flags.FULL_REFRESH else 'city' }} as a from {{ ref('people') }}",
    "models/aimed.sql": "select id, {{ 'email' if target.threads == 3 else 'city' }} as a from {{ ref('people') }}",
    "models/onward.sql": "select contact from {{ ref('plain') }}",
}


class Shop(NamedTuple):
    """A project that a test may change, on a database of its own."""

    path: Path
    connection: psycopg.Connection[TupleRow]

    def write(self, name: str, text: str) -> None:
        """Write one of its files."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(textwrap.dedent(text))

    def build(self, *arguments: str) -> dict[str, str]:
        """Run dbt; the level of each column, by ``model.column``."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - takes seconds

        self.connection.execute("drop table if exists explore.noted")
        self.connection.execute("create table explore.noted (model text, name text, level text)")
        directories = ("--project-dir", str(self.path), "--profiles-dir", str(ROOT / "profiles"))
        outcome = dbtRunner().invoke(["--quiet", "run", *directories, *arguments])
        assert outcome.success, outcome.exception or outcome.result
        return {f"{row[0]}.{row[1]}": row[2] for row in self.connection.execute("select * from explore.noted")}


@pytest.fixture
def shop(
    settings: Settings, connection: psycopg.Connection[TupleRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Shop:
    path = tmp_path / "shop"
    shutil.copytree(ROOT / "macros", path / "macros")
    shutil.copytree(ROOT / "profiles", path / "profiles")
    made = Shop(path, connection)
    for name, text in FILES.items():
        made.write(name, text)
    for name in [name for name in os.environ if name.startswith(("ATLAS_", "DBT_", "PG"))]:
        monkeypatch.delenv(name)
    for name, value in dbt_places("shop", settings.database_url, tmp_path).items():
        monkeypatch.setenv(name, value)
    connection.execute("select explore.create_landing_table('crm', 'people')")
    return made


def load(path: Path) -> tuple[Levels, list[str]]:
    """A project's levels, and what is stale of its lineage."""
    project = load_project(path)
    levels = Levels(project, trace(project))
    return levels, list(staleness(project, written_form(project, levels.traced)))


def test_a_build_knows_the_levels_and_takes_what_changed_for_secret(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels, _ = load(shop.path)
    write(shop.path, written_form(levels.project, levels.traced))
    before = shop.build()
    expected = {
        f"{levels.project.name(id_)}.{name}": levels.of(Origin(id_, name)).name
        for id_, columns in levels.traced.items()
        for name in columns
    }
    assert before == expected
    assert {name: before[name] for name in before if not name.startswith("people._")} == {
        "people.id": "public",
        "people.email": "confidential",
        "people.city": "internal",
        'people.it\'s "odd" é': "restricted",
        "leads.id": "public",
        "leads.mail": "public",
        "leads.city": "internal",
        "reports.mail": "public",
        "reports.city": "internal",
        "reports.n": "public",
        "towns.id": "public",
        "towns.shown": "internal",
        "plain.id": "public",
        "plain.contact": "confidential",
        "onward.contact": "confidential",
        "labels.label": "internal",
        "anew.id": "public",
        # By a flag that this build doesn't have, it would be the address.
        "anew.a": "confidential",
        "aimed.id": "public",
        "aimed.a": "internal",
    }

    # A macro that one that is called calls, a model, a variable, the target, and a level: nothing is written again.
    shop.write("macros/concat.sql", "{% macro postgres__concat(fields) %}{{ fields | join('||') }}{% endmacro %}")
    # What only hooks call is of no matter.
    shop.write("macros/note_levels.sql", FILES["macros/note_levels.sql"].replace("noted values", "noted  values"))
    shop.write("macros/shout.sql", "{% macro shout(text) %}lower({{ text }} || email){% endmacro %}")
    shop.write("models/plain.sql", "select id, city as contact from {{ ref('people') }}")
    raised = FILES["models/sources.yml"].replace(
        "name: id, data_type: text, config: {meta: {classification: public}}",
        "name: id, data_type: text, config: {meta: {classification: restricted}}",
    )
    shop.write("models/sources.yml", raised)
    monkeypatch.setenv("ATLAS_DBT_THREADS", "3")
    after = shop.build("--vars", "{shown: email}", "--full-refresh")
    monkeypatch.delenv("ATLAS_DBT_THREADS")
    assert {name: (before[name], level) for name, level in after.items() if before[name] != level} == {
        "people.id": ("public", "restricted"),
        "people._key": ("public", "restricted"),
        # Declared levels stay; what comes of the declared one of leads.mail does, too.
        **{f"leads.{name}": (level, "secret") for name, level in (("id", "public"), ("city", "internal"))},
        "reports.city": ("internal", "secret"),
        **{f"towns.{name}": (level, "secret") for name, level in (("id", "public"), ("shown", "internal"))},
        **{f"plain.{name}": (level, "secret") for name, level in (("id", "public"), ("contact", "confidential"))},
        "onward.contact": ("confidential", "secret"),
        "labels.label": ("internal", "secret"),
        "anew.id": ("public", "restricted"),
        **{f"aimed.{name}": (level, "secret") for name, level in (("id", "public"), ("a", "internal"))},
    }

    _, stale = load(shop.path)
    assert [sentence.partition(": ")[2] for sentence in stale] == [
        "labels (models/labels.sql) has changed since: code, a macro that it calls, or a source.",
        "leads (models/leads.sql) has changed since: columns city.",
        "plain (models/plain.sql) has changed since: columns contact.",
    ]


def test_a_model_that_asks_the_database_or_the_run_is_not_followed(shop: Shop) -> None:
    shop.write("models/towns.sql", "select {{ dbt_utils_like() }} from {{ ref('people') }}")
    shop.write(
        "macros/asks.sql",
        "{% macro dbt_utils_like() %}{% if execute %}{{ run_query('select 1').columns | length }}{% endif %} as one"
        "{% endmacro %}",
    )
    shop.write("models/hidden.sql", "{% set n = 'flip' %}select {% if var(n, 0) %}email{% else %}'x'{% endif %} as a")
    shop.write("models/hidden.yml", "models: [{name: hidden, columns: [{name: a, meta: {classification: public}}]}]")
    levels, stale = load(shop.path)
    assert list(downgrades(levels)) == [
        "models/hidden.yml: hidden.a is declared public, but comes from what can't be followed"
        " (its code asks for var, which only a run knows), which is secret."
    ]
    assert levels.traced["model.shop.towns"] == {}
    assert "connection" in levels.project.failures["model.shop.towns"]
    assert levels.of(Origin("model.shop.towns", "one")).name == "secret"
    assert any("towns" in sentence for sentence in stale)


# ---- the command ----


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "atlas", "lineage", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "ATLAS_PROJECT": str(ROOT), **environment},
    )


def test_the_command_prints_edges() -> None:
    done = command("dim_customer.email", "--upstream")
    assert done.stdout.splitlines() == [
        "dim_customer.email (confidential, declared) <- customer_changes.email",
        "customer_changes.email (confidential, declared) <- crm__customers.email",
        "crm__customers.email (confidential) <- crm.customers.email",
        "crm.customers.email (confidential, declared)",
    ]
    assert all(line in (ROOT / "docs/guides/lineage.md").read_text() for line in done.stdout.splitlines())


def test_wrong_use_is_answered_in_a_sentence(levels: Levels) -> None:
    for arguments in (("--write", "--check"), ("--check", "dim_customer"), ("--upstream", "--downstream")):
        done = command(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("atlas: ")
    with pytest.raises(UsageError, match="dim_nobody is no model"):
        select(levels.project, levels.traced, "dim_nobody")
    with pytest.raises(UsageError, match="no model"):
        select(levels.project, levels.traced, "dim_customer.nothing")


def test_the_selection_knows_models_sources_and_columns(levels: Levels) -> None:
    def selected(wanted: str | None) -> list[str]:
        return [
            f"{levels.project.name(one.relation)}.{one.column}" for one in select(levels.project, levels.traced, wanted)
        ]

    assert selected("dim_customer.email") == ["dim_customer.email"]
    assert selected("crm.customers.email") == ["crm.customers.email"]
    assert {"crm.customers.email", "crm.customers.op", "crm.customers.*"} <= set(selected("crm.customers"))
    assert selected("mart_repository")[:2] == ["mart_repository.repository", "mart_repository.branches"]
    assert set(selected("dim_customer")) < set(selected(None))
