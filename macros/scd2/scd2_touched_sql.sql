{% macro scd2_touched_sql(shape) %}
    select distinct {{ scd2_list(shape.unique_key) }} from {{ scd2_scratch('scd2_written') }}
{% endmacro %}
