{% macro seconds_between(earlier, later) -%}
    {{ adapter.dispatch('seconds_between')(earlier, later) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    cast(to_unixtime({{ later }}) - to_unixtime({{ earlier }}) as double precision)
{%- endmacro %}

{% macro postgres__seconds_between(earlier, later) -%}
    cast(extract(epoch from {{ later }} - {{ earlier }}) as double precision)
{%- endmacro %}
