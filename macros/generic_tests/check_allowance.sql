{% macro check_allowance(allowed_rows, allowed_share) %}
    {% if allowed_rows is not none and allowed_share is not none %}
        {% do refuse_argument('allowed_rows and allowed_share', 'exclude each other.') %}
    {% endif %}
    {% do check_number('allowed_rows', allowed_rows, at_least=0, whole=true) if allowed_rows is not none %}
    {% do check_number('allowed_share', allowed_share, at_least=0, at_most=1) if allowed_share is not none %}
{% endmacro %}
