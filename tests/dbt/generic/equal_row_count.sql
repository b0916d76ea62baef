{% test equal_row_count(model, compare_model, allowed_rows=none, allowed_share=none) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'completeness'}) }}
{%- do check_relation('compare_model', compare_model) -%}
{%- do check_allowance(allowed_rows, allowed_share) %}

with here as (
    select count(*) as row_count
    from {{ model }}
),

there as (
    select count(*) as row_count
    from {{ compare_model }}
),

compared as (
    select
        greatest(here.row_count, there.row_count) as tested,
        abs(here.row_count - there.row_count) as difference
    from here
    cross join there
)

select
    tested,
    {{ beyond_allowance('tested', 'difference', allowed_rows, allowed_share) }} as failed
from compared

{% endtest %}
