{% macro scd2_count(relation) %}
    {{ return(run_query('select count(*) as row_count from ' ~ relation).rows[0]['row_count'] | int) }}
{% endmacro %}
