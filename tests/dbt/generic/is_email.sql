{% test is_email(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{#- RFC 5321 without its quoted names and literal addresses; RFC 6531 lets letters beyond ASCII in. -#}
{%- set edge = '[^\\s!-/:-@\\[-`{-~]' -%}
{%- set label = edge ~ '([^\\s!-,./:-@\\[-`{-~]*' ~ edge ~ ')?' -%}
{%- set pattern = '^[^\\s@(),:;<>"\\[\\]\\\\]+@' ~ label ~ '([.]' ~ label ~ ')+$' %}

select
    count({{ column_name }}) as tested,
    count(case when not {{ matches(column_name, pattern) }} then 1 end) as failed
from {{ model }}

{% endtest %}
