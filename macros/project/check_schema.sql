{% macro check_schema() %}
    {% if execute %}
        {% set complaint = run_query(schema_check_sql()).rows[0][0] %}
        {% if complaint %}
            {% do exceptions.raise_compiler_error(complaint) %}
        {% endif %}
    {% endif %}
{% endmacro %}
