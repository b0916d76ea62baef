{% test unique_combination(model, columns) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'uniqueness'}) }}
{%- do check_columns('columns', columns) %}

with copies as (
    select count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
)

select
    coalesce(sum(row_count), 0) as tested,
    coalesce(sum(case when row_count > 1 then row_count end), 0) as failed
from copies

{% endtest %}
