with commits as (
    select * from {{ ref('fct_commit') }}
    where is_reachable
),

file_types as (
    select * from {{ ref('commit_file_types') }}
),

developers as (
    select * from {{ ref('dim_developer') }}
    where is_current
),

monthly as (
    select
        commits.repository,
        {{ month_of('commits.committed_on') }} as month_on,
        file_types.file_type,
        count(*) as commits,
        count(distinct coalesce(developers.person_id, commits.author_id)) as authors,
        cast(sum(file_types.files_changed) as bigint) as files_changed,
        cast(sum(file_types.lines_added) as bigint) as lines_added,
        cast(sum(file_types.lines_deleted) as bigint) as lines_deleted
    from commits
    inner join file_types
        on commits.repository = file_types.repository and commits.commit_hash = file_types.commit_hash
    left outer join developers on commits.author_id = developers.developer_id
    group by commits.repository, {{ month_of('commits.committed_on') }}, file_types.file_type
)

select * from monthly
