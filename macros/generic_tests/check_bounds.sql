{% macro check_bounds(min_value, max_value) %}
    {% if min_value is none and max_value is none %}
        {% do refuse_argument('min_value or max_value', 'must be given, or both.') %}
    {% endif %}
    {% if min_value is number and max_value is number and min_value > max_value %}
        {% do refuse_argument('min_value', 'must not be above max_value: ' ~ min_value ~ ' > ' ~ max_value ~ '.') %}
    {% endif %}
{% endmacro %}
