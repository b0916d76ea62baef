with commits as (
    select * from {{ ref('fct_commit') }}
),

monthly as (
    select
        repository,
        {{ month_of('committed_on') }} as month_on,
        count(*) as commits,
        count(distinct author_id) as authors,
        count(case when is_merge then 1 end) as merge_commits,
        cast(coalesce(sum(lines_added), 0) as bigint) as lines_added,
        cast(coalesce(sum(lines_deleted), 0) as bigint) as lines_deleted
    from commits
    where is_reachable
    group by repository, {{ month_of('committed_on') }}
)

select * from monthly
