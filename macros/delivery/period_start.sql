{% macro period_start(period, day) -%}
    {%- if period == 'half_year' -%}
        case
            when extract(month from {{ day }}) < 7 then {{ period_start('year', day) }}
            else {{ period_end('half_year', period_start('year', day)) }} + 1
        end
    {%- else -%}
        cast(date_trunc('{{ period }}', cast({{ day }} as timestamp)) as date)
    {%- endif -%}
{%- endmacro %}
