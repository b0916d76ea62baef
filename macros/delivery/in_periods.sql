{% macro in_periods(relation, columns, day, periods, bounds=false) -%}
    {% for period in periods -%}
    select
        {{ columns | join(',\n        ') }},
        {% if bounds -%}
        '{{ period }}' as period,
        {{ period_start(period, day) }} as starts_on,
        {{ period_end(period, period_start(period, day)) }} as ends_on,
        {% endif -%}
        {{ period_name(period, day) }} as period_name
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}
