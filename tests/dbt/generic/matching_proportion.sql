{% test matching_proportion(model, expression, at_least=none, at_most=none) %}
{{ config(fail_calc='sum(failed)') }}
{%- if at_least is none and at_most is none -%}
    {%- do refuse_argument('at_least or at_most', 'must be given, or both.') -%}
{%- endif -%}
{%- do check_number('at_least', at_least, at_least=0, at_most=1) if at_least is not none -%}
{%- do check_number('at_most', at_most, at_least=at_least or 0, at_most=1) if at_most is not none %}

with counted as (
    select
        count(*) as tested,
        count(case when {{ expression }} then 1 end) as matching
    from {{ model }}
)

select
    tested,
    case
        {%- if at_least is not none %}
        when matching < {{ at_least }} * tested then tested - matching
        {%- endif %}
        {%- if at_most is not none %}
        when matching > {{ at_most }} * tested then matching
        {%- endif %}
        else 0
    end as failed
from counted

{% endtest %}
