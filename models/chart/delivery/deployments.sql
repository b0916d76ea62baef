{#- Each system that knows deployments has a model, all with the same columns; another one is a line here. -#}
{%- set systems = [
    'deployments_from_tags',
    'deployments_from_github',
    'deployments_from_gitlab',
] -%}
with known as (
    {% for system in systems -%}
    select
        deployment_id,
        system,
        repository,
        commit_hash,
        name,
        environment,
        environment_name,
        status,
        deployed_at,
        evidence
    from {{ ref(system) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Whoever records what was deployed to an environment knows it; a tag only suggests it.
recorded as (
    select distinct
        repository,
        environment
    from known
    where system <> 'git'
),

deployments as (
    select known.*
    from known
    left outer join recorded
        on known.repository = recorded.repository and known.environment = recorded.environment
    where known.system <> 'git' or recorded.repository is null
)

select * from deployments
