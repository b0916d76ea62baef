{% macro scd2_written_sql() %}
    select
        count(case when scd2_is_new then 1 end) as inserted,
        count(case when not scd2_is_new then 1 end) as updated
    from {{ scd2_scratch('scd2_written') }}
{% endmacro %}
