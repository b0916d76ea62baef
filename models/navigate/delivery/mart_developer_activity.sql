with commits as (
    select * from {{ ref('fct_commit') }}
    where is_reachable
),

developers as (
    select * from {{ ref('dim_developer') }}
    where is_current and not is_login
),

appearances as (
    select
        author_id as developer_id,
        repository,
        committed_at,
        1 as is_author
    from commits
    union all
    select
        committer_id as developer_id,
        repository,
        committed_at,
        0 as is_author
    from commits
),

counted as (
    select
        developers.developer_id,
        developers.developer_name,
        min(appearances.committed_at) as first_commit_at,
        max(appearances.committed_at) as last_commit_at,
        count(case when appearances.is_author = 1 then 1 end) as commits,
        count(distinct case when appearances.is_author = 1 then appearances.repository end) as repositories
    from developers
    left outer join appearances on developers.developer_id = appearances.developer_id
    group by developers.developer_id, developers.developer_name
)

select * from counted
