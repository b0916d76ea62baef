{% macro declared_shares_sql(shares) -%}
    {%- set named = {} -%}
    {%- for value in shares -%}
        {%- do named.update({value: shares[value]} if shares is mapping else {loop.index0: value}) -%}
    {%- endfor -%}
    {%- for value, share in named.items() -%}
    select cast({{ sql_text(value | string) }} as varchar) as category, {{ share }} as weight
    union all
    {% endfor -%}
    select cast(null as varchar) as category, {{ [1 - named.values() | sum, 0] | max | round(9) }} as weight
{%- endmacro %}
