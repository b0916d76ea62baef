{% macro scd2_winners_sql(shape, among=none) -%}
    {{ adapter.dispatch('scd2_winners_sql')(shape, among) }}
{%- endmacro %}

{% macro postgres__scd2_winners_sql(shape, among) -%}
    {#- Of several events of a key at one time: the highest sequence, then the highest hash; never what arrived last. -#}
    {%- set instant = scd2_list(shape.unique_key + [shape.updated_at]) %}
    select distinct on ({{ instant }})
        {{ scd2_list(shape.columns) }},
        {{ quoted_identifier(shape.operation) ~ " = 'delete'" if shape.operation else 'false' }} as is_deleted
    from {{ scd2_scratch('scd2_staged') }}
    where
        not {{ scd2_is_keyless(shape) }}
        {{ 'and (' ~ scd2_list(shape.unique_key) ~ ') in (select ' ~ scd2_list(shape.unique_key) ~ ' from ' ~ among ~ ')'
            if among }}
    order by {{ instant }}
        {%- for name in scd2_ranks(shape) %}, {{ quoted_identifier(name) }} desc{% endfor %}
{%- endmacro %}
