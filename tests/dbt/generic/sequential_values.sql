{% test sequential_values(model, column_name, interval=1, datepart=none, group_by=[]) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}
{%- do check_number('interval', interval, at_least=1, whole=true) -%}
{%- do check_columns('group_by', group_by, at_least=0) -%}
{%- do check_datepart(datepart) if datepart is not none -%}
{%- set due = dbt.dateadd(datepart, interval, 'previous_value') if datepart else 'previous_value + ' ~ interval %}

with ordered as (
    select
        {{ column_name }} as present_value,
        lag({{ column_name }}) over (
            {% if group_by %}partition by {{ group_by | join(', ') }} {% endif %}order by {{ column_name }}
        ) as previous_value
    from {{ model }}
    where {{ column_name }} is not null
)

select
    count(*) as tested,
    count(case when present_value <> {{ due }} then 1 end) as failed
from ordered

{% endtest %}
