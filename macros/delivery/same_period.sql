{% macro same_period(left, right) -%}
    {{ left }}.scope = {{ right }}.scope
            and {{ left }}.scope_name = {{ right }}.scope_name
            and {{ left }}.period_name = {{ right }}.period_name
{%- endmacro %}
