with github as (
    select * from {{ ref('github__repositories') }}
),

github_organisations as (
    select * from {{ ref('github__organisations') }}
),

gitlab as (
    select * from {{ ref('gitlab__projects') }}
),

gitlab_groups as (
    select * from {{ ref('gitlab__groups') }}
),

latest_github as (
    {{ latest_by('github', ['repository_id']) }}
),

latest_github_organisations as (
    {{ latest_by('github_organisations', ['organisation_id']) }}
),

latest_gitlab as (
    {{ latest_by('gitlab', ['repository_id']) }}
),

latest_gitlab_groups as (
    {{ latest_by('gitlab_groups', ['group_id']) }}
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
),

from_gitlab as (
    select
        latest_gitlab.repository_id,
        'gitlab' as system,
        latest_gitlab.repository,
        latest_gitlab.group_id as organisation_id,
        latest_gitlab_groups.path as organisation,
        latest_gitlab.default_branch,
        latest_gitlab.visibility,
        latest_gitlab.is_fork,
        latest_gitlab.is_archived,
        latest_gitlab.created_at
    from latest_gitlab
    left outer join latest_gitlab_groups on latest_gitlab.group_id = latest_gitlab_groups.group_id
    where latest_gitlab._operation = 'upsert'
),

repositories as (
    select * from from_github
    union all
    select * from from_gitlab
)

select * from repositories
