with reverts as (
    select * from {{ ref('reverts') }}
),

hotfixes as (
    select * from {{ ref('hotfixes') }}
),

issues as (
    select * from {{ ref('incidents') }}
),

incident_links as (
    select * from {{ ref('incident_links') }}
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
),

deployments as (
    select * from {{ ref('fct_deployment') }}
    where deployment_number is not null
),

-- What a failed deployment brings mends nothing before the first success from then on.
arrivals as (
    select
        repository,
        deployment_id,
        deployment_number,
        case
            when status = 'rollback' then deployment_number
            else min(case when status = 'success' then deployment_number end) over (
                partition by repository
                order by deployment_number
                rows between current row and unbounded following
            )
        end as mending_number
    from deployments
),

mending as (
    select
        arrivals.deployment_id,
        arrivals.deployment_number,
        deployments.deployment_id as restored_by,
        deployments.deployed_at as restored_at
    from arrivals
    left outer join deployments
        on arrivals.repository = deployments.repository and arrivals.mending_number = deployments.deployment_number
),

-- What was taken back in the deployment that brought it never failed anybody.
by_revert as (
    select
        'revert:' || reverts.repository || ':' || reverts.commit_hash || ':' || reverts.reverted_hash as incident_id,
        reverts.repository,
        'revert' as evidence,
        3 as evidence_rank,
        failed.deployment_id,
        failed.deployed_at,
        reverts.reverted_hash,
        reverts.commit_hash as revert_hash,
        cast(null as text) as hotfix_hash,
        mending.restored_by,
        mending.restored_at
    from reverts
    inner join commit_deployments as targets
        on reverts.repository = targets.repository and reverts.reverted_hash = targets.commit_hash
    inner join deployments as failed on targets.deployment_id = failed.deployment_id
    left outer join commit_deployments as sources
        on reverts.repository = sources.repository and reverts.commit_hash = sources.commit_hash
    left outer join mending on sources.deployment_id = mending.deployment_id
    where mending.deployment_number is null or mending.deployment_number > failed.deployment_number
),

-- A rollback takes back the last that was deployed otherwise, and a hotfix mends that; of one place, for what runs
-- there says nothing of another, though both be production.
preceded as (
    select
        repository,
        deployment_id,
        deployed_at,
        status,
        max(case when status <> 'rollback' then deployment_number end) over (
            partition by repository, environment_name
            order by deployment_number
            rows between unbounded preceding and 1 preceding
        ) as preceding_number
    from deployments
),

by_rollback as (
    select
        'rollback:' || preceded.deployment_id as incident_id,
        preceded.repository,
        'rollback' as evidence,
        2 as evidence_rank,
        failed.deployment_id,
        failed.deployed_at,
        cast(null as text) as reverted_hash,
        cast(null as text) as revert_hash,
        cast(null as text) as hotfix_hash,
        preceded.deployment_id as restored_by,
        preceded.deployed_at as restored_at
    from preceded
    inner join deployments as failed
        on preceded.repository = failed.repository and preceded.preceding_number = failed.deployment_number
    where preceded.status = 'rollback'
),

hotfixed as (
    select
        deployment_id,
        commit_hash
    from hotfixes
    where deployment_id is not null
    union all
    select
        commit_deployments.deployment_id,
        hotfixes.commit_hash
    from hotfixes
    inner join commit_deployments
        on hotfixes.repository = commit_deployments.repository and hotfixes.commit_hash = commit_deployments.commit_hash
),

by_hotfix as (
    select
        'hotfix:' || preceded.deployment_id as incident_id,
        preceded.repository,
        'hotfix' as evidence,
        4 as evidence_rank,
        failed.deployment_id,
        failed.deployed_at,
        cast(null as text) as reverted_hash,
        cast(null as text) as revert_hash,
        min(hotfixed.commit_hash) as hotfix_hash,
        mending.restored_by,
        mending.restored_at
    from hotfixed
    inner join preceded on hotfixed.deployment_id = preceded.deployment_id
    inner join mending on hotfixed.deployment_id = mending.deployment_id
    inner join deployments as failed
        on preceded.repository = failed.repository and preceded.preceding_number = failed.deployment_number
    where preceded.status <> 'rollback'
    group by
        preceded.deployment_id,
        preceded.repository,
        mending.restored_by,
        mending.restored_at,
        failed.deployment_id,
        failed.deployed_at
),

-- An incident that names a commit is about the deployment that shipped it.
named as (
    select
        incident_id,
        linked_by,
        deployment_id
    from incident_links
    where linked_by = 'deployment'
    union all
    select
        incident_links.incident_id,
        incident_links.linked_by,
        commit_deployments.deployment_id
    from incident_links
    inner join commit_deployments
        on
            incident_links.repository = commit_deployments.repository
            and incident_links.commit_hash = commit_deployments.commit_hash
    where incident_links.linked_by = 'commit'
),

-- What was deployed after it began, the remedy say, didn't cause it, nor did what had stood for long.
blamed as (
    select
        issues.incident_id,
        deployments.deployment_id,
        deployments.repository,
        deployments.deployed_at,
        max(named.linked_by) as linked_by
    from issues
    inner join named on issues.incident_id = named.incident_id
    inner join deployments on named.deployment_id = deployments.deployment_id
    where
        {{ seconds_between('deployments.deployed_at', 'issues.opened_at') }}
        between 0 and {{ var('incident_link_days') * 86400 }}
    group by issues.incident_id, deployments.deployment_id, deployments.repository, deployments.deployed_at
),

by_issue as (
    select
        issues.incident_id || coalesce(':' || blamed.deployment_id, '') as incident_id,
        coalesce(blamed.repository, issues.repository) as repository,
        'incident' as evidence,
        1 as evidence_rank,
        blamed.deployment_id,
        blamed.deployed_at,
        blamed.linked_by,
        issues.issue_id,
        issues.issue_name,
        issues.opened_at,
        issues.resolved_at
    from issues
    left outer join blamed on issues.incident_id = blamed.incident_id
),

together as (
    select
        incident_id,
        repository,
        deployment_id,
        evidence,
        evidence_rank,
        linked_by,
        issue_id,
        issue_name,
        opened_at,
        resolved_at,
        deployed_at,
        cast(null as text) as reverted_hash,
        cast(null as text) as revert_hash,
        cast(null as text) as hotfix_hash,
        cast(null as text) as restored_by,
        resolved_at as restored_at
    from by_issue
    {% for evidence in ['by_revert', 'by_rollback', 'by_hotfix'] -%}
    union all
    select
        incident_id,
        repository,
        deployment_id,
        evidence,
        evidence_rank,
        null as linked_by,
        null as issue_id,
        null as issue_name,
        null as opened_at,
        null as resolved_at,
        deployed_at,
        reverted_hash,
        revert_hash,
        hotfix_hash,
        restored_by,
        restored_at
    from {{ evidence }}
    {% endfor %}
),

incidents as (
    select
        together.*,
        {{ seconds_between('deployed_at', 'restored_at') }} as recovery_s,
        {{ seconds_between('opened_at', 'resolved_at') }} as restore_s
    from together
)

select * from incidents
