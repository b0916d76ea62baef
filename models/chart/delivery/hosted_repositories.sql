with github as (
    select * from {{ ref('github__repositories') }}
),

github_organisations as (
    select * from {{ ref('github__organisations') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id']) }}
),

latest_github_organisations as (
    {{ latest_by('github_organisations', ['organisation_id']) }}
),

from_github as (
    select
        latest_github.repository_id,
        'github' as system,
        latest_github.repository,
        latest_github.organisation_id,
        latest_github_organisations.login as organisation,
        latest_github.default_branch,
        latest_github.visibility,
        latest_github.is_fork,
        latest_github.is_archived,
        latest_github.created_at
    from latest_github
    left outer join latest_github_organisations
        on latest_github.organisation_id = latest_github_organisations.organisation_id
    where latest_github._operation = 'upsert'
)

select * from from_github
