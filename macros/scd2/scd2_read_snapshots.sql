{% macro scd2_read_snapshots(shape, staged, events=none, versions=none) %}
    {#- Which snapshots this run has claimed, and what each of them shows; refused unless they continue what is held. -#}
    {% do scd2_check_feed() %}
    {% call statement('snapshots') %}{{ scd2_temporary('scd2_snapshots', scd2_snapshots_sql()) }}{% endcall %}
    {% set claimed = scd2_check_snapshots(shape, events) %}
    {% if claimed.count == 1 and not versions %}
        {#- All there is of a first snapshot is new. -#}
        {{ return({'are_new': true, 'differ': false, 'ties': none}) }}
    {% elif claimed.count == 1 %}
        {{ return({'are_new': false, 'differ': true, 'ties': scd2_observe_one(shape, claimed, versions)}) }}
    {% endif %}
    {{ return({'are_new': false, 'differ': false, 'ties': scd2_observe_all(shape, staged, versions)}) }}
{% endmacro %}
