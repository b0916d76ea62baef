{% macro check_relation(argument, value) %}
    {% if value is string or value is number or not value.identifier %}
        {% do refuse_argument(argument, "must be ref('…') or source('…', '…').") %}
    {% endif %}
{% endmacro %}
