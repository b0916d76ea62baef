{% test is_uuid(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- set pattern = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' %}

select
    count({{ column_name }}) as tested,
    count(case when not {{ matches('cast(' ~ column_name ~ ' as varchar)', pattern) }} then 1 end) as failed
from {{ model }}

{% endtest %}
