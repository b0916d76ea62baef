{% macro unnested(relation, columns, items, item) -%}
    {{ adapter.dispatch('unnested')(relation, columns, items, item) }}
{%- endmacro %}

{% macro default__unnested(relation, columns, items, item) -%}
    select
        {% for column in columns %}one_row.{{ column }},
        {% endfor %}unnested.{{ item }}
    from {{ relation }} as one_row
    cross join unnest(one_row.{{ items }}) as unnested ({{ item }})
{%- endmacro %}
