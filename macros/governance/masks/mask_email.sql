{% macro mask_email(column, data_type) -%}
    {{ adapter.dispatch('mask_email')(column, data_type) }}
{%- endmacro %}

{% macro default__mask_email(column, data_type) -%}
    case
        when {{ column }} is not null
            then 'hidden@' || coalesce(
                regexp_extract({{ column }}, '[^@]@([A-Za-z0-9.-]+\.[A-Za-z]{2,}[A-Za-z0-9-]*)$', 1), 'hidden.invalid'
            )
    end
{%- endmacro %}

{% macro postgres__mask_email(column, data_type) -%}
    {#- What follows the last @ is shown only if it can be a domain's name, which has at most 253 characters. In
        collation C, since there are others that refuse patterns. Matching costs a quarter of what substring() does. -#}
    {%- set end = 'right(cast(' ~ column ~ ' as text), 255) collate "C"' -%}
    case
        when {{ end }} ~ '[^@]@[A-Za-z0-9.-]+\.[A-Za-z]{2,}[A-Za-z0-9-]*$'
            then 'hidden@' || split_part({{ end }}, '@', -1)
        when {{ column }} is not null then 'hidden@hidden.invalid'
    end
{%- endmacro %}
