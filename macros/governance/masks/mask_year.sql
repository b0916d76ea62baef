{% macro mask_year(column, data_type) -%}
    {{ adapter.dispatch('mask_year')(column, data_type) }}
{%- endmacro %}

{% macro default__mask_year(column, data_type) -%}
    date_trunc('year', {{ column }})
{%- endmacro %}

{% macro postgres__mask_year(column, data_type) -%}
    {#- The year is UTC's, whatever the reader's zone is. Dates go on where timestamps end, and the first year that there
        is has no first of January: of these nothing is shown. Infinity stays infinity. -#}
    {%- set has_zone = data_type.startswith('timestamptz') or data_type.endswith('with time zone') -%}
    {%- set zone = ' 00:00:00+00' if has_zone else '' -%}
    {%- set truncated = "date_trunc('year', " ~ column ~ ", 'UTC')"
        if has_zone else "date_trunc('year', cast(" ~ column ~ " as timestamp))" -%}
    case
        when not isfinite({{ column }}) then {{ column }}
        when {{ column }} >= '4713-01-02{{ zone }} BC' and {{ column }} < '294276-12-31{{ zone }}' then {{ truncated }}
    end
{%- endmacro %}
