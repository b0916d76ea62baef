{% test sums_reconcile(model, parts, expression='1', group_by=[], tolerance=0) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency'}) }}
{%- do check_columns('group_by', group_by, at_least=0) -%}
{%- do check_number('tolerance', tolerance, at_least=0) -%}
{%- do check_parts(parts) %}

with amounts as (
    select
        {% for column in group_by %}{{ column }}, {% endfor -%}
        coalesce(sum({{ expression }}), 0) as _amount
    from {{ model }}
    {% if group_by %}group by {{ group_by | join(', ') }}{% endif %}
    {%- for part in parts %}
    union all
    select
        {% for column in group_by %}{{ column }}, {% endfor -%}
        -coalesce(sum({{ part.expression | default('1') }}), 0) as _amount
    from {{ part.relation }}
    {% if part.where %}where {{ part.where }}{% endif %}
    {% if group_by %}group by {{ group_by | join(', ') }}{% endif %}
    {%- endfor %}
),

differences as (
    select sum(_amount) as difference
    from amounts
    {% if group_by %}group by {{ group_by | join(', ') }}{% endif %}
)

select
    count(*) as tested,
    count(case when abs(difference) > {{ tolerance }} then 1 end) as failed
from differences

{% endtest %}
