{% macro check_schema() %}
    {% if execute %}
        {% set found = run_query(schema_check_sql()).rows[0][0] %}
        {% if not found %}
            {% do exceptions.raise_compiler_error(
                "The database has no Atlas schema yet, or an older one. Make it: atlas migrate"
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
