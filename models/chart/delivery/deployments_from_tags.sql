with ref_events as (
    select * from {{ ref('ref_events') }}
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

rules as (
    select * from {{ ref('repository_rules') }}
),

latest as (
    {{ latest_by('ref_events', ['repository', 'ref']) }}
),

tags as (
    select
        latest.*,
        coalesce(own.release_tag_pattern, general.release_tag_pattern) as release_tag_pattern
    from latest
    left outer join rules as own on latest.repository = own.repository
    left outer join rules as general on general.repository = '*'
    where latest._operation = 'upsert' and latest.ref_kind = 'tag' and latest.target_hash is not null
),

releases as (
    select * from tags
    where {{ matches_expression('ref_name', 'release_tag_pattern') }}
),

-- A commit that went and came back has several events, which say the same of it.
commit_times as (
    select
        releases.repository,
        releases.ref,
        max(commit_events.committed_at) as committed_at
    from releases
    inner join commit_events
        on releases.repository = commit_events.repository and releases.target_hash = commit_events.commit_hash
    group by releases.repository, releases.ref
),

-- What was made more than a day after it was seen was made by a wrong clock.
timed as (
    select
        releases.repository,
        releases.ref,
        releases.ref_name,
        releases.target_hash,
        case
            when {{ seconds_between('releases.observed_at', 'releases.tagged_at') }} > 86400 then null
            else releases.tagged_at
        end as tagged_at,
        case
            when {{ seconds_between('releases.observed_at', 'commit_times.committed_at') }} > 86400 then null
            else commit_times.committed_at
        end as committed_at
    from releases
    left outer join commit_times
        on releases.repository = commit_times.repository and releases.ref = commit_times.ref
),

-- A tag that was moved is another deployment, so the commit is part of its identity.
deployments as (
    select
        'git:' || repository || ':' || ref || '@' || target_hash as deployment_id,
        'git' as system,
        repository,
        target_hash as commit_hash,
        ref_name as name,
        'production' as environment,
        'production' as environment_name,
        'success' as status,
        coalesce(tagged_at, committed_at) as deployed_at,
        case
            when tagged_at is not null then 'tagger_time'
            when committed_at is not null then 'commit_time'
            else 'no_time'
        end as evidence
    from timed
)

select * from deployments
