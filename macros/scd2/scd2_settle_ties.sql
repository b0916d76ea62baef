{% macro scd2_settle_ties(shape, winners) %}
    {%- set found = run_query(scd2_ties_sql(shape, winners)).rows[0] -%}
    {% if found['undecided'] %}
        {% do scd2_refuse(
            found['undecided'] ~ ' events differ from another of the same key and ' ~ shape.updated_at
            ~ ', and nothing says which holds. Name columns that do: sequence, record_hash.'
        ) %}
    {% endif %}
    {{ return(found['ties'] | int) }}
{% endmacro %}
