{% test relationships(model, column_name, to, field) %}
{{ config(fail_calc='sum(failed)') }}

with parents as (
    select distinct {{ field }} as parent_key
    from {{ to }}
    where {{ field }} is not null
),

children as (
    select {{ column_name }} as child_key
    from {{ model }}
    where {{ column_name }} is not null
)

select
    count(*) as tested,
    count(case when parents.parent_key is null then 1 end) as failed
from children
left join parents on children.child_key = parents.parent_key

{% endtest %}
