{% macro partition_by_complaints(declared, known, columns) %}
    {% if declared is not mapping or declared.keys() | reject('in', known) | list %}
        {{ return(['partition_by must be a mapping that knows only ' ~ known | join(', ') ~ '.']) }}
    {% endif %}
    {% set complaints = [] %}
    {% if 'field' in known and declared.get('field') not in columns %}
        {% do complaints.append("partition_by's field must be one of the model's declared columns.") %}
    {% endif %}
    {% if declared.get('granularity', none if 'field' in known else 'month') not in ('month', 'quarter', 'year') %}
        {% do complaints.append("partition_by's granularity must be month, quarter or year.") %}
    {% endif %}
    {% set ahead = declared.get('ahead', 1) %}
    {% if ahead is not integer or not 0 <= ahead <= 120 %}
        {% do complaints.append("partition_by's ahead must be a whole number from 0 to 120.") %}
    {% endif %}
    {% set keep = declared.get('keep') %}
    {% if keep is not none and (keep is not integer or keep < 1) %}
        {% do complaints.append("partition_by's keep must be a whole number above 0, or left out.") %}
    {% endif %}
    {{ return(complaints) }}
{% endmacro %}
