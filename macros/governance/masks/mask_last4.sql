{% macro mask_last4(column, data_type) -%}
    {{ adapter.dispatch('mask_last4')(column, data_type) }}
{%- endmacro %}

{% macro default__mask_last4(column, data_type) -%}
    case
        when length(regexp_replace({{ column }}, '[^0-9]', '')) >= 8
            then '***' || substr(regexp_replace({{ column }}, '[^0-9]', ''), -4)
        when {{ column }} is not null then '***'
    end
{%- endmacro %}

{% macro postgres__mask_last4(column, data_type) -%}
    {#- The last four digits, unless they are half of them or more. -#}
    {%- set digits -%}
    regexp_replace(right(cast({{ column }} as text), 200) collate "C", '[^0-9]', '', 'g')
    {%- endset -%}
    case
        when length({{ digits }}) >= 8 then '***' || right({{ digits }}, 4)
        when {{ column }} is not null then '***'
    end
{%- endmacro %}
