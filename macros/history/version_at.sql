{% macro version_at(version, key, at) -%}
    {%- set moment = 'coalesce(' ~ at ~ ', ' ~ start_of_time() ~ ')' -%}
    {%- for column, value in key.items() -%}
        {{ version }}.{{ quoted_identifier(column) }} = {{ value }} and {{ '' }}
    {%- endfor -%}
    {{ version }}.valid_from <= {{ moment }} and ({{ moment }} < {{ version }}.valid_to or {{ version }}.valid_to is null)
{%- endmacro %}
