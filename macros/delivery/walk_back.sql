{% macro walk_back(links, held) -%}
    {#- Of commits that are met: those that are there, and that no deployment as early as this has reached. -#}
    {%- set open_ones -%}
    left join given_commits as g on g.repository = due.repository and g.commit_hash = met.commit_hash
            {%- if held is not none %}
            left join {{ held }} as h on h.repository = due.repository and h.commit_hash = met.commit_hash
            left join deployments_now as n on n.deployment_id = h.deployment_id
            where
                coalesce(g.commit_hash, h.commit_hash) is not null
                and (
                    case when g.commit_hash is not null then g.deployment_number else n.deployment_number end
                    > due.deployment_number
                ) is not false
            {%- else %}
            where g.commit_hash is not null and (g.deployment_number > due.deployment_number) is not false
            {%- endif %}
    {%- endset -%}
    {%- set joins = ['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan'] -%}
do $walk_back$
declare
    due record;
    {% for setting in joins -%}
    {{ setting }} text := current_setting('{{ setting }}');
    {% endfor %}
begin
    -- Each step looks up a few rows of tables that grow meanwhile, which the planner would read whole.
    {% for setting in joins -%}
    perform set_config('{{ setting }}', 'off', true);
    {% endfor -%}
    -- Earlier deployments first: where one has been, no later one goes.
    for due in
        select w.repository, w.deployment_number, array_agg(w.commit_hash) as commits
        from walks as w
        group by w.repository, w.deployment_number
        order by w.repository, w.deployment_number
    loop
        with recursive reached as (
            select met.commit_hash
            from unnest(due.commits) as met (commit_hash)
            {{ open_ones }}
            union
            select met.commit_hash
            from reached
            inner join (
                select l.repository, l.commit_hash as child_hash, l.parent_hash as commit_hash from {{ links }} as l
            ) as met on met.repository = due.repository and met.child_hash = reached.commit_hash
            {{ open_ones }}
        )

        insert into given_commits (repository, commit_hash, deployment_number)
        select due.repository, r.commit_hash, due.deployment_number
        from reached as r
        on conflict (repository, commit_hash) do update set deployment_number = excluded.deployment_number;
    end loop;
    {% for setting in joins -%}
    perform set_config('{{ setting }}', {{ setting }}, true);
    {% endfor -%}
end
$walk_back$
{%- endmacro %}
