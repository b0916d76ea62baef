{% macro scd2_name_constraints(target) %}
    {#- What scd2_declared_constraints named otherwise, once nothing else has the name. -#}
    {% set declared = model.constraints | list %}
    {% for column in model.columns.values() %}
        {% do declared.extend(column.constraints) %}
    {% endfor %}
    {% for constraint in declared if constraint.type == 'unique' and constraint.name %}
        {% call statement('name_constraint') %}
            {{ adapter.dispatch('scd2_name_constraint_sql')(target, constraint.name) }}
        {% endcall %}
    {% endfor %}
{% endmacro %}

{% macro postgres__scd2_name_constraint_sql(target, name) -%}
    alter table {{ target }} rename constraint {{ scd2_index_name(target, name) }} to {{ name }}
{%- endmacro %}
