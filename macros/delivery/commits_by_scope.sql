{% macro commits_by_scope(commits, commit_teams, organisations, columns) -%}
    {#- A commit counts whole for its repository and organisation, and for teams by the parts that its author is of them. -#}
    {%- set named = 'commits.' ~ columns | join(',\n        commits.') -%}
    select
        'repository' as scope,
        commits.repository as scope_name,
        cast(1 as double precision) as share,
        {{ named }}
    from {{ commits }} as commits
    union all
    select
        'organisation' as scope,
        organisations.organisation as scope_name,
        cast(1 as double precision) as share,
        {{ named }}
    from {{ commits }} as commits
    inner join {{ organisations }} as organisations on commits.repository = organisations.repository
    union all
    select
        'team' as scope,
        commit_teams.team as scope_name,
        commit_teams.allocation as share,
        {{ named }}
    from {{ commits }} as commits
    inner join {{ commit_teams }} as commit_teams
        on commits.repository = commit_teams.repository and commits.commit_hash = commit_teams.commit_hash
{%- endmacro %}
