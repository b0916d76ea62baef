{% macro postgres__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {{ replace_view(relation, sql) }}
{%- endmacro %}
