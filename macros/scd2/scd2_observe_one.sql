{% macro scd2_observe_one(shape, snapshot, versions) %}
    {#- Most of a snapshot is as it was: only the keys whose rows differ from what is held are looked at closely. -#}
    {%- set observed = scd2_scratch('scd2_observed') -%}
    {% call statement('differing') %}
        {{ scd2_temporary('scd2_differing', scd2_differing_sql(shape, versions, snapshot.is_partial)) }}
    {% endcall %}
    {% do scd2_analyze(scd2_scratch('scd2_differing')) %}
    {% call statement('observed') %}
        {{ scd2_temporary('scd2_observed', scd2_observed_sql(shape, scd2_scratch('scd2_differing'))) }}
    {% endcall %}
    {% do scd2_analyze(observed) %}
    {{ return(scd2_settle_ties(shape, observed) if load_result('observed')['response'].rows_affected else 0) }}
{% endmacro %}
