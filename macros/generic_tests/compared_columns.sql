{% macro compared_columns(relation, columns) %}
    {% set declared = [] %}
    {% for name, data_type in (columns if columns is not none else declared_types()).items() %}
        {% do declared.append({'name': name, 'data_type': data_type | lower}) %}
    {% endfor %}
    {% set compared = [] %}
    {% for row in run_query(schema_comparison_sql(relation, declared)).rows %}
        {% do compared.append(row.dict()) %}
    {% endfor %}
    {{ return(compared) }}
{% endmacro %}
