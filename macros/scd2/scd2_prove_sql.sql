{% macro scd2_prove_sql() -%}
    {{ adapter.dispatch('scd2_prove_sql')() }}
{%- endmacro %}

{% macro postgres__scd2_prove_sql() -%}
    {#- Now and not at the commit: until then, a hook could not alter or index the table. -#}
    set constraints all immediate
{%- endmacro %}
