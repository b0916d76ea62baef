{% macro ordered_sum(expression) -%}
    {#- Of fractions, another order may end in another last digit, and rows come in any. -#}
    sum({{ expression }} order by {{ expression }})
{%- endmacro %}
