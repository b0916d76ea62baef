{% macro scd2_check_contract(shape) %}
    {#- dbt leaves contracts to the materialization; its own check would compare the events with them. -#}
    {% if config.get('contract').enforced %}
        {% set casts = [] %}
        {% for column in model.columns.values() %}
            {% do casts.append(
                'cast(null as ' ~ (column.data_type or 'text') ~ ') as ' ~ quoted_identifier(column.name)
            ) %}
        {% endfor %}
        {% call statement('declared') %}{{ scd2_temporary('scd2_declared', 'select ' ~ casts | join(', ')) }}{% endcall %}
        {% set declared = scd2_columns(scd2_scratch('scd2_declared')) %}
        {% set differences = scd2_differences(declared, scd2_version_columns(shape), 'declared', 'the versions have') %}
        {% if differences %}
            {% do scd2_refuse('its contract does not fit. ' ~ differences | join('; ') ~ '.') %}
        {% endif %}
    {% endif %}
{% endmacro %}
