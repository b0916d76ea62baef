{% macro percentiles(expression, shares) -%}
    {{ adapter.dispatch('percentiles')(expression, shares) }}
{%- endmacro %}

{% macro default__percentiles(expression, shares) -%}
    approx_percentile({{ expression }}, array[{{ shares | join(', ') }}])
{%- endmacro %}

{% macro postgres__percentiles(expression, shares) -%}
    percentile_disc(array[{{ shares | join(', ') }}]) within group (order by {{ expression }})
{%- endmacro %}
