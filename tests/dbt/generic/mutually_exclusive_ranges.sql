{% test mutually_exclusive_ranges(model, lower_bound, upper_bound, group_by=[], gaps='allowed') %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency'}) }}
{%- do check_columns('group_by', group_by, at_least=0) -%}
{%- do check_choice('gaps', gaps, ['allowed', 'not_allowed']) %}

with ranges as (
    {{ ranges_sql(model, lower_bound, upper_bound, group_by) }}
)

select
    count(*) as tested,
    count(case {{ range_fault(lower_bound, upper_bound, gaps) }} end) as failed
from ranges

{% endtest %}
