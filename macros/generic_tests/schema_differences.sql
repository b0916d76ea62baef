{% macro schema_differences(differing) %}
    {% set sentences = [] %}
    {% for column in differing %}
        {% if column.found_type is none %}
            {% do sentences.append(column.column_name ~ ' (' ~ column.declared_type ~ ') is missing') %}
        {% elif column.declared_type is none %}
            {% do sentences.append(column.column_name ~ ' (' ~ column.found_type ~ ") isn't declared") %}
        {% else %}
            {% do sentences.append(
                column.column_name ~ ' is ' ~ column.found_type ~ ', declared ' ~ column.declared_type
            ) %}
        {% endif %}
    {% endfor %}
    {{ return(sentences | join('; ')) }}
{% endmacro %}
