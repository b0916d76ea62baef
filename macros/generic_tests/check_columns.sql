{% macro check_columns(argument, names, at_least=1) %}
    {% set wrong = names is string or names is mapping or names is not sequence %}
    {% if wrong or names | length < at_least or names | reject('string') | list %}
        {% do refuse_argument(argument, 'must be a list of columns' ~ (', not an empty one' if at_least) ~ '.') %}
    {% endif %}
{% endmacro %}
