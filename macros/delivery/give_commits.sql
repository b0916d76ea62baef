{% macro give_commits(deployments, commit_events, links, arrived) -%}
    {{ adapter.dispatch('give_commits')(deployments, commit_events, links, arrived) }}
{%- endmacro %}

{% macro postgres__give_commits(deployments, commit_events, links, arrived) -%}
    {#- With --empty, a relation renders as a query of no rows, which can't have a name of its own beside it. -#}
    {%- set parents = links.render() -%}
    {%- set held = this.render() if is_incremental() else none -%}
    create temporary table deployments_now on commit drop as
    select deployment_id, repository, commit_hash, deployed_at, is_baseline, deployment_number
    from {{ deployments.render() }};
    create unique index on deployments_now (deployment_id);
    create index on deployments_now (repository, commit_hash);
    create temporary table deployments_kept (deployment_id text primary key) on commit drop;
    create temporary table given_commits (
        repository text, commit_hash text, deployment_number bigint, primary key (repository, commit_hash)
    ) on commit drop;

    {% if held is not none -%}
    {{ free_commits(held) }}
    {% endif -%}
    insert into given_commits (repository, commit_hash)
    select distinct e.repository, e.commit_hash
    from {{ commit_events.render() }} as e
    where
        _operation = 'upsert' and {{ arrived }}
        {% if held is not none -%}
        and not exists (select from {{ held }} as h where h.repository = e.repository and h.commit_hash = e.commit_hash)
        {%- endif %}
    on conflict do nothing;
    analyze deployments_now;
    analyze given_commits;

    create temporary table walks on commit drop as
    {{ walks_due_sql(parents, held) }};
    {{ walk_back(parents, held) }}
{%- endmacro %}
