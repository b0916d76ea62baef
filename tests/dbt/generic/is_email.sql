{% test is_email(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{#- What HTML calls a valid e-mail address (WHATWG HTML Living Standard, 4.10.5.1.5), with a dot in its domain. -#}
{%- set label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?' -%}
{%- set pattern = "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@" ~ label ~ '([.]' ~ label ~ ')+$' %}

select
    count({{ column_name }}) as tested,
    count(case when not {{ matches(column_name, pattern) }} then 1 end) as failed
from {{ model }}

{% endtest %}
