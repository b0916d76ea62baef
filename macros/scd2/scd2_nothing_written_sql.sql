{% macro scd2_nothing_written_sql(shape) %}
    select {{ scd2_list(shape.unique_key) }}, cast(null as boolean) as scd2_is_new from {{ scd2_scratch('scd2_new') }} where false
{% endmacro %}
