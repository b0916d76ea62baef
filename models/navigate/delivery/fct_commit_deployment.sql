{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['repository', 'commit_hash'],
        indexes=[{'columns': ['deployment_id']}],
        pre_hook="{{ give_commits(ref('ordered_deployments'), ref('commit_events'), ref('commit_parents'), claimed_batches()) }}"
    )
}}

-- The commits that this run gives to a deployment: those that arrived, and those that changed hands.
with given as (
    select * from {{ given_commits() }}
),

commits as (
    select * from {{ ref('fct_commit') }}
),

deployments as (
    select * from {{ ref('ordered_deployments') }}
),

shipped as (
    select
        commits.repository,
        commits.commit_hash,
        deployments.deployment_id,
        deployments.deployed_at,
        deployments.is_baseline,
        commits.is_merge,
        commits.authored_at,
        case
            when not commits.is_merge and not deployments.is_baseline
                then {{ seconds_between('commits.authored_at', 'deployments.deployed_at') }}
        end as lead_time_s
    from given
    inner join commits on given.repository = commits.repository and given.commit_hash = commits.commit_hash
    left outer join deployments
        on given.repository = deployments.repository and given.deployment_number = deployments.deployment_number
)

select * from shipped
