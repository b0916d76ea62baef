{% macro scd2_declared_constraints() %}
    {#- What the model's YAML declares of its versions, as parts of an ALTER TABLE. -#}
    {%- set declared, parts = [], [] -%}
    {% for constraint in model.constraints %}
        {% do declared.append(constraint) %}
    {% endfor %}
    {% for column in model.columns.values() %}
        {% set name = quoted_identifier(column.name) %}
        {% for constraint in column.constraints %}
            {% if constraint.type == 'not_null' %}
                {% do parts.append('alter column ' ~ name ~ ' set not null') %}
            {% else %}
                {% do declared.append(dict(constraint, columns=[name])) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% for constraint in declared %}
        {% if constraint.type == 'foreign_key' %}
            {% do scd2_refuse('foreign keys are refused: a rebuilt table loses them without a word. Use a relationships test.') %}
        {% elif constraint.type != 'primary_key' %}
            {% if constraint.type == 'unique' and constraint.name %}
                {# Its index would meet that of the table that is replaced; it gets its own name in the end. #}
                {% set constraint = dict(constraint, name=scd2_index_name(this, constraint.name)) %}
            {% endif %}
            {% for part in adapter.render_raw_model_constraints(raw_constraints=[constraint]) %}
                {% do parts.append('add ' ~ part) %}
            {% endfor %}
        {% elif constraint.columns | map('replace', '"', '') | list != ['version_key'] %}
            {% do scd2_refuse('its primary key is version_key; a key has a row for each of its versions.') %}
        {% endif %}
    {% endfor %}
    {{ return(parts) }}
{% endmacro %}
