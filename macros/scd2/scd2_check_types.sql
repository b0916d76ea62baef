{% macro scd2_check_types(rules, columns) %}
    {{ return(adapter.dispatch('scd2_check_types')(rules, columns)) }}
{% endmacro %}

{% macro postgres__scd2_check_types(rules, columns) %}
    {% if columns[rules.updated_at] != 'timestamp with time zone' %}
        {% do scd2_refuse(
            'updated_at must be a timestamp with time zone; ' ~ rules.updated_at ~ ' is ' ~ columns[rules.updated_at] ~ '.'
        ) %}
    {% endif %}
    {#- The version key is a hash of the key as text, and the text of these depends on the session. -#}
    {% for name in rules.unique_key
        if columns[name] in ('real', 'double precision', 'interval', 'money') or columns[name].endswith('[]') %}
        {% do scd2_refuse('the key column ' ~ name ~ ' is ' ~ columns[name] ~ ', which has no one text. Cast it.') %}
    {% endfor %}
    {% for name, type in columns.items() if type in ('json', 'xml') %}
        {% do scd2_refuse(name ~ ' is ' ~ type ~ ', whose values cannot be compared. Cast it to jsonb or text.') %}
    {% endfor %}
{% endmacro %}
