{% macro repoint_facts() %}
    {% if execute and model.config.get('version_keys') %}
        {% set starts_over = starts_from_nothing() %}
        {% set declared = version_keys_of(model) %}
        {% set held = scd2_columns(this) %}
        {% for one in declared if not starts_over and one.column not in held %}
            {% do exceptions.raise_compiler_error(
                this.identifier ~ ' has no column ' ~ one.column ~ ' yet. Rebuild it: dbt run --full-refresh --select '
                ~ model.name
            ) %}
        {% endfor %}
        {# In one order for all facts, for each step waits until nobody writes the dimension. #}
        {% for _, columns in declared | groupby('dimension.identifier') %}
            {% do repoint_to(columns[0].dimension, columns, starts_over) %}
        {% endfor %}
    {% endif %}
{% endmacro %}
