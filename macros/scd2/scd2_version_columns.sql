{% macro scd2_version_columns(shape) %}
    {%- set columns = {'version_key': 'uuid'} -%}
    {%- for name in shape.carried -%}
        {%- do columns.update({name: shape.columns[name]}) -%}
    {%- endfor -%}
    {%- set moment = shape.columns[shape.updated_at] -%}
    {%- do columns.update({'valid_from': moment, 'valid_to': moment, 'is_current': 'boolean', 'prev_to': moment}) -%}
    {{ return(columns) }}
{% endmacro %}
