with github as (
    select * from {{ ref('github__releases') }}
),

repositories as (
    select * from {{ ref('hosted_repositories') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id', 'release_id']) }}
),

from_github as (
    select
        'github:' || repository_id || ':' || release_id as release_id,
        'github' as system,
        repository_id,
        name,
        tag,
        coalesce(is_prerelease, false) as is_prerelease,
        author_login,
        published_at
    from latest_github
    where _operation = 'upsert' and not coalesce(is_draft, false)
),

releases as (
    select * from from_github
),

named as (
    select
        releases.release_id,
        releases.system,
        repositories.repository,
        releases.name,
        releases.tag,
        releases.is_prerelease,
        releases.author_login,
        releases.published_at
    from releases
    inner join repositories
        on
            releases.system = repositories.system
            and releases.repository_id = repositories.repository_id
)

select * from named
