{% macro scd2_differing_sql(shape, versions, is_partial) %}
    {#- A key that comes twice in a snapshot, with two states, is among them: one of the two differs from what is held. -#}
    {%- set state = shape.check_cols %}
    select distinct
        {% for name in shape.unique_key -%}
        {%- set column = quoted_identifier(name) -%}
        coalesce(seen.{{ column }}, before.{{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from (
        select {{ scd2_list(shape.unique_key + state) }}, true as scd2_is_there
        from {{ scd2_scratch('scd2_staged') }}
        where not {{ scd2_is_keyless(shape) }}
    ) as seen
    {{ 'left' if is_partial else 'full' }} outer join (
        select {{ scd2_list(shape.unique_key + state) }}, is_current from {{ versions }} where is_current
    ) as before on {{ scd2_same_key(shape, 'seen', 'before') }}
    where
        seen.scd2_is_there is null
        or before.is_current is null
        {{ 'or (' ~ scd2_list(state, 'seen') ~ ') is distinct from (' ~ scd2_list(state, 'before') ~ ')' if state }}
{% endmacro %}
