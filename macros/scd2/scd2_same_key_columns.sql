{% macro scd2_same_key_columns(shape, held) %}
    {#- Whether the versions of before can be compared key by key. -#}
    {%- set same = [held.is_ours] -%}
    {%- for name in shape.unique_key -%}
        {%- do same.append(held.versions.get(name) == shape.columns[name]) -%}
    {%- endfor -%}
    {{ return(same | reject | list == []) }}
{% endmacro %}
