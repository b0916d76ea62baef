{% test relationships(model, column_name, to, field, allowed_rows=none, allowed_share=none) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency'}) }}
{%- do check_relation('to', to) -%}
{%- do check_allowance(allowed_rows, allowed_share) %}

with parents as (
    select distinct {{ field }} as parent_key
    from {{ to }}
    where {{ field }} is not null
),

children as (
    select {{ column_name }} as child_key
    from {{ model }}
    where {{ column_name }} is not null
),

counted as (
    select
        count(*) as tested,
        count(case when parents.parent_key is null then 1 end) as orphans
    from children
    left outer join parents on children.child_key = parents.parent_key
)

select
    tested,
    {{ beyond_allowance('tested', 'orphans', allowed_rows, allowed_share) }} as failed
from counted

{% endtest %}
