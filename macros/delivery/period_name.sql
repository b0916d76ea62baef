{% macro period_name(period, day) -%}
    {%- if period == 'all' -%}
        'all'
    {%- else -%}
        {{ adapter.dispatch('period_name')(period, day) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__period_name(period, day) -%}
    {%- set year = 'year_of_week' if period == 'week' else 'year' -%}
    {%- set number = {
        'week': "'-W' || lpad(cast(week(" ~ day ~ ") as varchar), 2, '0')",
        'month': "'-' || lpad(cast(month(" ~ day ~ ") as varchar), 2, '0')",
        'quarter': "'-Q' || cast(quarter(" ~ day ~ ") as varchar)",
        'half_year': "'-H' || cast(1 + month(" ~ day ~ ") / 7 as varchar)",
    }[period] -%}
    lpad(cast({{ year }}({{ day }}) as varchar), 4, '0') || {{ number }}
{%- endmacro %}

{% macro postgres__period_name(period, day) -%}
    {%- if period == 'half_year' -%}
        to_char({{ day }}, 'YYYY') || case when extract(month from {{ day }}) < 7 then '-H1' else '-H2' end
    {%- else -%}
        to_char({{ day }}, '{{ {'week': 'IYYY-"W"IW', 'month': 'YYYY-MM', 'quarter': 'YYYY-"Q"Q'}[period] }}')
    {%- endif -%}
{%- endmacro %}
