{% macro scd2_ties_sql(shape, winners) %}
    {#- Staged events that lost to another of their key and time, and those of them that nothing but chance set apart. -#}
    {%- set ranks = scd2_ranks(shape) %}
    select
        count(*) as ties,
        {% if ranks -%}
        count(case when ({{ scd2_list(ranks, 'staged') }}) = ({{ scd2_list(ranks, 'won') }}) then 1 end)
        {%- else -%}
        count(*)
        {%- endif %} as undecided
    from {{ scd2_scratch('scd2_staged') }} as staged
    inner join {{ winners }} as won
        on {{ scd2_same_key(shape, 'staged', 'won') }}
        and staged.{{ quoted_identifier(shape.updated_at) }} = won.{{ quoted_identifier(shape.updated_at) }}
    where ({{ scd2_list(shape.columns, 'staged') }}) is distinct from ({{ scd2_list(shape.columns, 'won') }})
{% endmacro %}
