{% macro connected(relation, one, other) -%}
    {{ adapter.dispatch('connected')(relation, one, other) }}
{%- endmacro %}

{% macro postgres__connected(relation, one, other) -%}
    {#- A union without doubles ends where nothing new is reached, circles or not. -#}
    with recursive reached as (
        select {{ one }}, {{ one }} as {{ other }} from {{ relation }}
        union
        select reached.{{ one }}, link.{{ other }}
        from reached
        inner join {{ relation }} as link on reached.{{ other }} = link.{{ one }}
    )

    select {{ one }}, {{ other }} from reached
{%- endmacro %}
