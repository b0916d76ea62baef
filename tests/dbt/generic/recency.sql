{% test recency(model, column_name, datepart, interval, group_by=[]) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'timeliness'}) }}
{%- do check_datepart(datepart) -%}
{%- do check_number('interval', interval, at_least=1, whole=true) -%}
{%- do check_columns('group_by', group_by, at_least=0) %}

{#- A time to come is a wrong clock's, and no sign that something has arrived. #}
with latest as (
    {% if group_by -%}
    select max(case when {{ column_name }} <= current_timestamp then {{ column_name }} end) as latest_at
    from {{ model }}
    group by {{ group_by | join(', ') }}
    {%- else -%}
    select max({{ column_name }}) as latest_at
    from {{ model }}
    where {{ column_name }} <= current_timestamp
    {%- endif %}
)

select
    count(*) as tested,
    count(case when latest_at >= {{ dbt.dateadd(datepart, -interval, 'current_timestamp') }} then null else 1 end) as failed
from latest

{% endtest %}
