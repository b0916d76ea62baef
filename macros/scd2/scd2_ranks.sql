{% macro scd2_ranks(shape) %}
    {{ return([shape.sequence, shape.record_hash] | reject('none') | list) }}
{% endmacro %}
