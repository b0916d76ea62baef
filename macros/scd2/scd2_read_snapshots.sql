{% macro scd2_read_snapshots(shape, staged, events=none) %}
    {#- Which snapshots this run has claimed, and what each of them shows; refused unless they continue what is held. -#}
    {% do scd2_check_feed() %}
    {% call statement('snapshots') %}{{ scd2_temporary('scd2_snapshots', scd2_snapshots_sql()) }}{% endcall %}
    {% do scd2_check_snapshots(shape, events) %}
    {% call statement('observed') %}{{ scd2_temporary('scd2_observed', scd2_winners_sql(shape)) }}{% endcall %}
    {% do scd2_analyze(scd2_scratch('scd2_observed')) %}
    {% if staged.keyed > load_result('observed')['response'].rows_affected %}
        {{ return(scd2_settle_ties(shape, scd2_scratch('scd2_observed'))) }}
    {% endif %}
    {{ return(0) }}
{% endmacro %}
