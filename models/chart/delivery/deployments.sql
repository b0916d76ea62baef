-- One part for each system that knows deployments, all with these columns.
with from_tags as (
    select * from {{ ref('deployments_from_tags') }}
),

deployments as (
    select
        deployment_id,
        system,
        repository,
        commit_hash,
        name,
        environment,
        status,
        deployed_at,
        evidence
    from from_tags
)

select * from deployments
