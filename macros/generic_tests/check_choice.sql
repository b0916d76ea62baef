{% macro check_choice(argument, value, choices) %}
    {% if value not in choices %}
        {% do refuse_argument(
            argument, 'must be one of ' ~ choices | join(', ') ~ ', and is ' ~ (value | tojson) ~ '.'
        ) %}
    {% endif %}
{% endmacro %}
