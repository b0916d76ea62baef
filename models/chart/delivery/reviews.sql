with github as (
    select * from {{ ref('github__reviews') }}
),

gitlab as (
    select * from {{ ref('gitlab__reviews') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

-- A review that is dismissed keeps its time.
latest_github as (
    {{ latest_by(
        'github',
        ['repository_id', 'review_id'],
        ['_event_at', "case when state = 'dismissed' then 1 else 0 end", '_sha256']
    ) }}
),

latest_gitlab as (
    {{ latest_by('gitlab', ['repository_id', 'review_id']) }}
),

from_github as (
    select
        'github' as system,
        repository_id,
        review_id,
        pull_request,
        reviewer_login,
        reviewer_type = 'Bot' as is_by_bot,
        state as verdict,
        _event_at as submitted_at,
        commit_hash
    from latest_github
),

from_gitlab as (
    select
        'gitlab' as system,
        repository_id,
        review_id,
        merge_request as pull_request,
        reviewer_login,
        cast(null as boolean) as is_by_bot,
        state as verdict,
        _event_at as submitted_at,
        cast(null as text) as commit_hash
    from latest_gitlab
),

reviews as (
    select * from from_github
    union all
    select * from from_gitlab
),

named as (
    select
        reviews.system || ':' || reviews.repository_id || ':' || reviews.review_id as review_id,
        reviews.system,
        repositories.repository,
        reviews.system || ':' || reviews.repository_id || '#' || cast(reviews.pull_request as text) as pull_request_id,
        {{ login_id("split_part(reviews.repository_id, '/', 1)", 'reviews.reviewer_login') }} as reviewer_id,
        reviews.reviewer_login,
        reviews.is_by_bot,
        reviews.verdict,
        reviews.submitted_at,
        reviews.commit_hash
    from reviews
    inner join repositories
        on
            reviews.system = repositories.system
            and reviews.repository_id = repositories.repository_id
)

select * from named
