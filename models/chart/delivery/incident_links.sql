with incidents as (
    select * from {{ ref('incidents') }}
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

deployments as (
    select * from {{ ref('deployments') }}
),

quoted_hashes as (
    {{ unnested('incidents', ['incident_id', 'repository'], 'mentioned_hashes', 'quoted_hash') }}
),

quoted_names as (
    {{ unnested('incidents', ['incident_id', 'repository'], 'mentioned_names', 'quoted_name') }}
),

-- An incident without a repository may be of any; what several could be names none of them. Seven digits are what a
-- hash is joined by, for of fewer nobody quotes it.
commits as (
    select
        quoted_hashes.incident_id,
        'commit' as linked_by,
        min(commit_events.repository) as repository,
        min(commit_events.commit_hash) as commit_hash,
        cast(null as text) as deployment_id
    from quoted_hashes
    inner join commit_events
        on
            substr(quoted_hashes.quoted_hash, 1, 7) = substr(commit_events.commit_hash, 1, 7)
            and quoted_hashes.quoted_hash = substr(commit_events.commit_hash, 1, length(quoted_hashes.quoted_hash))
            and (quoted_hashes.repository = commit_events.repository or quoted_hashes.repository is null)
    group by quoted_hashes.incident_id, quoted_hashes.quoted_hash
    having count(distinct commit_events.repository || ' ' || commit_events.commit_hash) = 1
),

-- A branch is deployed again and again, so its name tells of no deployment.
releases as (
    select
        quoted_names.incident_id,
        'deployment' as linked_by,
        min(deployments.repository) as repository,
        min(deployments.commit_hash) as commit_hash,
        min(deployments.deployment_id) as deployment_id
    from quoted_names
    inner join deployments
        on
            quoted_names.quoted_name = deployments.name
            and (quoted_names.repository = deployments.repository or quoted_names.repository is null)
    where deployments.environment = 'production'
    group by quoted_names.incident_id, quoted_names.quoted_name
    having count(*) = 1
),

links as (
    select * from commits
    union
    select * from releases
)

select * from links
