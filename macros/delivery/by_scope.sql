{% macro by_scope(relation, columns, at=none, members=none) -%}
    {#- A piece of work counts whole for its repository, and by their allocations for the teams that its person was in then;
        over all teams that is no more than one whole. -#}
    select
        'repository' as scope,
        work.repository as scope_name,
        cast(1 as double precision) as share,
        {% for column in columns -%}
        work.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as work
    where work.repository is not null
    {%- if members is not none %}
    union all
    select
        'team' as scope,
        members.team as scope_name,
        members.allocation as share,
        {% for column in columns -%}
        work.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ relation }} as work
    inner join {{ members }} as members on {{ version_at('members', {'person_id': 'work.person_id'}, 'work.' ~ at) }}
    where members.allocation > 0
    {%- endif %}
{%- endmacro %}
