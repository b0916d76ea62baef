{% macro scd2_observe_all(shape, staged, versions) %}
    {%- set observed = scd2_scratch('scd2_observed') -%}
    {% call statement('observed') %}{{ scd2_temporary('scd2_observed', scd2_observed_sql(shape)) }}{% endcall %}
    {% do scd2_analyze(observed) %}
    {% set ties = 0 %}
    {% if staged.keyed > load_result('observed')['response'].rows_affected %}
        {% set ties = scd2_settle_ties(shape, observed) %}
    {% endif %}
    {% set partial = 'select scd2_ordinal from ' ~ scd2_scratch('scd2_snapshots') ~ ' where refused > 0 order by scd2_ordinal' %}
    {% for row in run_query(partial).rows if versions or row['scd2_ordinal'] > 1 %}
        {% call statement('complete') %}{{ scd2_complete_sql(shape, row['scd2_ordinal'] | int, versions) }}{% endcall %}
    {% endfor %}
    {{ return(ties) }}
{% endmacro %}
