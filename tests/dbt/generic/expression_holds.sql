{% test expression_holds(model, expression) %}
{{ config(fail_calc='sum(failed)') }}

select
    count(*) as tested,
    count(case when not ({{ expression }}) then 1 end) as failed
from {{ model }}

{% endtest %}
