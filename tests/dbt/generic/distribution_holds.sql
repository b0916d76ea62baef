{% test distribution_holds(
    model, column_name, compare_model=none, compare_column=none, shares=none, bins=none, cut_points=none, max_psi=0.2
) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'accuracy'}) }}
{%- do check_distribution(compare_model, shares, bins, cut_points, max_psi) -%}
{%- set baseline_column = compare_column or column_name -%}
{%- set quantiles = '(select cuts from quantiles)' if bins else none -%}
{%- set cuts = 'array[' ~ cut_points | join(', ') ~ ']' if cut_points else quantiles %}

with {% if bins %}quantiles as (
    select {{ percentiles(baseline_column, equal_shares(bins)) }} as cuts
    from {{ compare_model }}
),

{% endif -%}
present as (
    select {{ category_of(column_name, shares, cuts) }} as category
    from {{ model }}
),

baseline as (
    {% if shares is none -%}
    select
        {{ category_of(baseline_column, shares, cuts) }} as category,
        1 as weight
    from {{ compare_model }}
    {%- else -%}
    {{ declared_shares_sql(shares) }}
    {%- endif %}
),

{# A category that one side lacks counts as 0.0001 there: the logarithm knows no 0. -#}
counted as (
    select
        category,
        cast(count(*) as {{ dbt.type_float() }}) as present_weight,
        cast(0 as {{ dbt.type_float() }}) as baseline_weight
    from present
    group by category
    union all
    select
        category,
        0 as present_weight,
        sum(weight) as baseline_weight
    from baseline
    group by category
),

weighed as (
    select
        sum(present_weight) as present_weight,
        sum(baseline_weight) as baseline_weight,
        sum(sum(present_weight)) over () as present_total,
        sum(sum(baseline_weight)) over () as baseline_total
    from counted
    group by category
),

shared as (
    select
        greatest(present_weight / present_total, 0.0001) as present_share,
        greatest(baseline_weight / baseline_total, 0.0001) as baseline_share
    from weighed
    where present_total > 0 and baseline_total > 0
),

compared as (
    select sum((present_share - baseline_share) * ln(present_share / baseline_share)) as psi
    from shared
)

select
    count(psi) as tested,
    count(case when psi > {{ max_psi }} then 1 end) as failed,
    max(psi) as psi
from compared

{% endtest %}
