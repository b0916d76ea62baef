{% macro check_datepart(datepart) %}
    {% do check_choice('datepart', datepart, ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']) %}
{% endmacro %}
