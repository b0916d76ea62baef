{% macro by_scope(relation, columns, at=none, members=none, teams=none) -%}
    {#- A piece of work counts whole for its repository, and by their allocations for the teams that its person was in
        then; what that leaves is no team's, so that all teams together are one whole. -#}
    {%- set named = 'work.' ~ columns | join(',\n        work.') -%}
    select
        'repository' as scope,
        work.repository as scope_name,
        cast(1 as double precision) as share,
        {{ named }}
    from {{ relation }} as work
    where work.repository is not null
    {%- if members is not none %}
    {%- set then = version_at('members', {'person_id': 'work.person_id'}, 'work.' ~ at) %}
    union all
    select
        'team' as scope,
        members.team as scope_name,
        members.allocation as share,
        {{ named }}
    from {{ relation }} as work
    inner join {{ members }} as members on {{ then }}
    union all
    select
        'team' as scope,
        '(no team)' as scope_name,
        1 - coalesce({{ ordered_sum('members.allocation') }}, 0) as share,
        {{ named }}
    from {{ relation }} as work
    left outer join {{ members }} as members on {{ then }}
    where exists (select teams.team from {{ teams }} as teams)
    group by
        {{ named }}
    having 1 - coalesce({{ ordered_sum('members.allocation') }}, 0) > 0.000000001
    {%- endif %}
{%- endmacro %}
