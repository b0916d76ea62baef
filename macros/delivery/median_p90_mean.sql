{% macro median_p90_mean(amount, name, unit='') -%}
    {{ percentile_cont(amount, 0.5) }} as {{ name ~ unit }},
        {{ percentile_cont(amount, 0.9) }} as {{ name ~ '_p90' ~ unit }},
        {{ ordered_sum('cast(' ~ amount ~ ' as double precision)') }} / nullif(count({{ amount }}), 0) as {{ name ~ '_mean' ~ unit }}
{%- endmacro %}
