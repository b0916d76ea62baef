{% macro brought_back(ended, succeeded) -%}
    {%- set order = ['ended_at', by_code_points('name'), by_code_points('deployment_id')] | join(', ') -%}
    {#- How many other commits were tried before it: more than when it ran there last, if one of them replaced it. -#}
    select
        counted.*,
        others > max(case when {{ succeeded }} then others end) over (
            partition by repository_id, environment_name, commit_hash
            order by {{ order }}
            rows between unbounded preceding and 1 preceding
        ) as is_back
    from (
        select
            *,
            row_number() over (partition by repository_id, environment_name order by {{ order }})
            - row_number() over (partition by repository_id, environment_name, commit_hash order by {{ order }})
            as others
        from {{ ended }}
    ) as counted
{%- endmacro %}
