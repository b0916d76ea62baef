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
    {#- The last four digits, unless they are more than half of them. Two translations are quicker than a pattern. -#}
    {%- set end = 'right(cast(' ~ column ~ ' as text), 200)' -%}
    {%- set others = "translate(" ~ end ~ ", '0123456789', '')" -%}
    case
        when length({{ end }}) - length({{ others }}) >= 8
            then '***' || right(translate({{ end }}, {{ others }}, ''), 4)
        when {{ column }} is not null then '***'
    end
{%- endmacro %}
