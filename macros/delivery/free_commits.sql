{% macro free_commits(held) -%}
    -- The deployments that hold commits, found by leaps through the index, each with one row to tell what it was.
    with recursive leaps as (
        (select min(deployment_id) as deployment_id from {{ held }})
        union all
        select (select min(h.deployment_id) from {{ held }} as h where h.deployment_id > leaps.deployment_id)
        from leaps
        where leaps.deployment_id is not null
    ),

    holders as (
        select found.deployment_id, found.repository, found.deployed_at, found.is_baseline
        from leaps
        cross join lateral (
            select h.deployment_id, h.repository, h.deployed_at, h.is_baseline
            from {{ held }} as h
            where h.deployment_id = leaps.deployment_id
            limit 1
        ) as found
    ),

    kept as (
        insert into deployments_kept (deployment_id)
        select deployment_id
        from holders
        inner join deployments_now using (deployment_id, repository, deployed_at, is_baseline)
        returning deployment_id
    )

    -- What is gone, has moved in time, or whose repository has another name now, gives its commits back.
    insert into given_commits (repository, commit_hash)
    select h.repository, h.commit_hash
    from holders
    inner join {{ held }} as h on h.deployment_id = holders.deployment_id
    where holders.deployment_id not in (select deployment_id from kept);
{%- endmacro %}
