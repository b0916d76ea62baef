{% macro walks_due_sql(links, held) -%}
    -- New deployments, also those that hold nothing, start from their own commits.
    select repository, deployment_number, commit_hash
    from deployments_now
    where deployment_id not in (select deployment_id from deployments_kept)
    {% if held is not none -%}
    union
    -- Of commits that are given anew, the deployments at them, and those that have come as far as to a child.
    select repository, n.deployment_number, commit_hash
    from given_commits
    inner join deployments_now as n using (repository, commit_hash)
    union
    select g.repository, n.deployment_number, g.commit_hash
    from given_commits as g
    inner join {{ links }} as l on l.repository = g.repository and l.parent_hash = g.commit_hash
    inner join {{ held }} as h on h.repository = l.repository and h.commit_hash = l.commit_hash
    inner join deployments_now as n on n.deployment_id = h.deployment_id
    where
        not exists (
            select from given_commits as c where c.repository = l.repository and c.commit_hash = l.commit_hash
        )
    {%- endif -%}
{%- endmacro %}
