{% macro scd2_shape(rules, columns) %}
    {#- The rules, with the columns that the model's query really has. -#}
    {%- set roles = [rules.updated_at, rules.operation, rules.sequence, rules.record_hash] -%}
    {%- set own = ['version_key', 'valid_from', 'valid_to', 'is_current', 'prev_to', 'is_deleted'] -%}
    {% set tracks_all = rules.check_cols is string and rules.check_cols == 'all' %}
    {% set named = [] if tracks_all else ([rules.check_cols] if rules.check_cols is string else rules.check_cols) %}
    {% for name in rules.unique_key + roles + named if name is not none and name not in columns %}
        {% do scd2_refuse(
            'the config names the column ' ~ name ~ ', which its query lacks. It has ' ~ columns | join(', ') ~ '.'
        ) %}
    {% endfor %}
    {% for name in own if name in columns %}
        {% do scd2_refuse('its query must not have a column ' ~ name ~ ': scd2 makes that one.') %}
    {% endfor %}
    {% do scd2_check_types(rules, columns) %}

    {% set carried, tracked = [], [] %}
    {% for name in columns if name in rules.unique_key or name in named or name not in roles %}
        {% do carried.append(name) %}
        {% do tracked.append(name) if name not in rules.unique_key and (tracks_all or name in named) %}
    {% endfor %}
    {{ return(dict(rules, columns=columns, carried=carried, check_cols=tracked)) }}
{% endmacro %}
