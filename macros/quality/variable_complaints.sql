{% macro variable_complaints() %}
    {% set complaints = [] %}
    {% set rows, days = var('profiled_rows', 1), var('measurements_kept_days', none) %}
    {% if rows is not integer or rows < 1 %}
        {% do complaints.append('vars: profiled_rows must be a whole number of 1 or more, and is ' ~ tojson(rows) ~ '.') %}
    {% endif %}
    {% if days is not none and (days is not integer or days < 190) %}
        {% do complaints.append(
            'vars: measurements_kept_days must be a whole number of 190 or more, for anomalies are judged by as many '
            ~ 'days, or null to keep all, and is ' ~ tojson(days) ~ '.'
        ) %}
    {% endif %}
    {{ return(complaints) }}
{% endmacro %}
