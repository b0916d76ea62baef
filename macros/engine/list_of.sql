{% macro list_of(text) -%}
    {{ adapter.dispatch('list_of')(text) }}
{%- endmacro %}

{% macro default__list_of(text) -%}
    case when {{ text }} is null then cast(array[] as array(varchar)) else array[{{ text }}] end
{%- endmacro %}

{% macro postgres__list_of(text) -%}
    array_remove(array[{{ text }}], null)
{%- endmacro %}
