{% macro scd2_check_events(shape) %}
    {#- What no rule can order stops the run. An event without its whole key is put aside: nobody knows whose it is. -#}
    {%- set staged = run_query(scd2_faults_sql(shape)).rows[0] -%}
    {% for fault in [
        [staged['untimed'], 'have no finite ' ~ shape.updated_at],
        [staged['unknown_operations'], (shape.operation or '') ~ " is neither 'upsert' nor 'delete'"],
        [staged['unsequenced'], 'have no ' ~ (shape.sequence or '')],
        [staged['unhashed'], 'have no ' ~ (shape.record_hash or '')],
    ] if fault[0] %}
        {% do scd2_refuse(fault[0] ~ ' of ' ~ staged['events'] ~ ' events cannot be taken: ' ~ fault[1] ~ '.') %}
    {% endfor %}
    {% set events, keyless = staged['events'] | int, staged['keyless'] | int %}
    {{ return({'keyed': events - keyless, 'keyless': keyless}) }}
{% endmacro %}
