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

ref_events as (
    select distinct repository from {{ ref('ref_events') }}
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
        latest_github.repository as present_name,
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
        latest_gitlab.repository as present_name,
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

hosted as (
    select * from from_github
    union all
    select * from from_gitlab
),

names as (
    select
        repository_id,
        repository,
        max(_event_at) as known_at
    from github
    group by repository_id, repository
    union all
    select
        repository_id,
        repository,
        max(_event_at) as known_at
    from gitlab
    group by repository_id, repository
),

-- A clone keeps the name that it was made by, in whatever letters, when the service has long given another.
cloned as (
    select
        names.repository_id,
        ref_events.repository,
        row_number() over (
            partition by names.repository_id
            order by
                case when names.repository = hosted.present_name then 0 else 1 end,
                names.known_at desc,
                {{ by_code_points('ref_events.repository') }}
        ) as place
    from names
    inner join hosted on names.repository_id = hosted.repository_id
    inner join ref_events on lower(names.repository) = lower(ref_events.repository)
),

repositories as (
    select
        hosted.repository_id,
        hosted.system,
        coalesce(cloned.repository, hosted.present_name) as repository,
        hosted.present_name,
        hosted.organisation_id,
        hosted.organisation,
        hosted.default_branch,
        hosted.visibility,
        hosted.is_fork,
        hosted.is_archived,
        hosted.created_at
    from hosted
    left outer join cloned on hosted.repository_id = cloned.repository_id and cloned.place = 1
)

select * from repositories
