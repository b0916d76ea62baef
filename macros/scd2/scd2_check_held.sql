{% macro scd2_check_held(held, shape) %}
    {#- Versions of other columns or by other rules can't be continued: the untouched ones would stay as they were. -#}
    {% if not held.starts_over %}
        {% set rebuild = ' Rebuild it: dbt run --full-refresh --select ' ~ model.name %}
        {% set expected = dict(shape.columns, is_deleted='boolean') %}
        {% set differences = scd2_differences(held.events, expected, 'it was', 'now it is') %}
        {% if differences %}
            {% do scd2_refuse('its columns have changed. ' ~ differences | join('; ') ~ '.' ~ rebuild) %}
        {% endif %}
        {% set before, now = held.rules or {}, fromjson(scd2_kept_rules(shape)) %}
        {% for rule in now if before.get(rule) != now[rule] %}
            {% do scd2_refuse(
                'its ' ~ rule ~ ' was ' ~ tojson(before.get(rule)) ~ ' when the versions were made, and is now '
                ~ tojson(now[rule]) ~ '.' ~ rebuild
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
