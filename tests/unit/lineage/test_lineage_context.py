"""What code asks of the run that it is in, and can't be followed for."""

from __future__ import annotations

import pytest

from atlas.lineage.context import unsteady

NAMES = ("dbt", "shop", "is_incremental", "ref_of", "load_relation")
HELD = ("var shown", "env_var SHOWN", "target name")
STEADY = (
    "select {{ var('shown') }}, {{ env_var('SHOWN', 'x') }} from {{ ref('a') }}",
    "{% if target.name == 'prod' or target['name'] == 'dev' %}a{% endif %}",
    "{% if flags.FULL_REFRESH and not flags['EMPTY'] and is_incremental() %}a{% endif %}",
    "{{ config(alias='a' if target.name == 'prod' else 'b') }}{{ dbt.concat(['a']) }}{{ this.schema }}",
    "{% macro a(target, model) %}{{ target.other }}{{ model.config }}{{ caller() }}{% endmacro %}",
    "{% set re = modules.re %}{{ adapter.dispatch('a')(1) }}{{ adapter.quote('a') }}",
    "{% if execute %}{% set mine = 1 %}{% endif %}{{ mine }}",
)
UNSTEADY = {
    "{{ var(name) }}": "var",
    "{{ var('other') }}": "var",
    "{% set v = var %}{{ v('shown') }}": "var",
    "{{ env_var(name) }}": "env_var",
    "{{ target }}": "target",
    "{{ target.other }}": "target",
    "{{ target[name] }}": "target",
    "{% set t = target %}{{ t.name }}": "target",
    "{% if false %}{% set target = {} %}{% endif %}{{ target.other }}": "target",
    "{{ flags.WHICH }}": "flags",
    "{{ flags[name] }}": "flags",
    "{{ invocation_args_dict.vars }}": "invocation_args_dict",
    "{{ graph.nodes }}": "graph",
    "{{ model.config.meta }}": "model",
    "{{ config.get('shown') }}": "config",
    "{{ run_started_at }}": "run_started_at",
    "{{ invocation_id }}": "invocation_id",
    "{{ modules.datetime.datetime.now() }}": "modules",
    "{{ builtins.var('shown') }}": "builtins",
    "{{ context['ref_' ~ name]() }}": "context",
    "{{ adapter.dispatch(name)() }}": "adapter",
    "{{ adapter.get_relation('a', 'b', 'c') }}": "adapter",
    "{{ load_relation(this) }}": "load_relation",
    "{{ dbt.load_relation(this) }}": "load_relation",
    "{{ this.database }}": "database",
    "{{ database }}": "database",
    "{{ ['a', 'b'] | random }}": "random",
}


@pytest.mark.parametrize("code", STEADY)
def test_what_every_run_answers_alike_is_followed(code: str) -> None:
    assert unsteady(code, {}, NAMES, HELD) is None


@pytest.mark.parametrize(("code", "asked"), UNSTEADY.items())
def test_what_only_a_run_knows_is_named(code: str, asked: str) -> None:
    assert unsteady(code, {}, NAMES, HELD) == f"its code asks for {asked}, which only a run knows"
    # So it is in a macro, unless that is Atlas's own.
    macros = {"macro.shop.outer": "", "macro.shop.inner": code}
    assert unsteady("", macros, NAMES, HELD) == f"the macro inner asks for {asked}, which only a run knows"
    assert unsteady("", {"macro.atlas.source_node": code}, NAMES, HELD) is None
