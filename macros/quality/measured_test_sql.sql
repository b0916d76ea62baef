{% macro measured_test_sql(sql, fail_calc, warn_if, error_if, limit) %}
    {# A test that answers with one row of (tested, failed) is limited in what it counts, not in its rows. #}
    {%- set is_measured = fail_calc | replace(' ', '') | lower == 'sum(failed)' -%}
    {%- set rows_failed = 'coalesce(' ~ fail_calc ~ ', 0)' if is_measured else fail_calc %}
    select
        failures,
        failures {{ warn_if }} as should_warn,
        failures {{ error_if }} as should_error,
        rows_tested,
        rows_failed
    from (
        select
            {{ 'least(' ~ rows_failed ~ ', ' ~ limit ~ ')' if is_measured and limit is not none else rows_failed }}
                as failures,
            {{ 'coalesce(sum(tested), 0)' if is_measured else 'cast(null as bigint)' }} as rows_tested,
            {{ rows_failed }} as rows_failed
        from (
            {{ sql if is_measured else get_limit_subquery_sql(sql, limit) }}
        ) as dbt_internal_test
    ) as measured
{% endmacro %}
