{% macro scd2_differences(before, now, before_is, now_is) %}
    {%- set differences = [] -%}
    {%- for name, type in before.items() if now.get(name) != type -%}
        {%- do differences.append(
            name ~ ': ' ~ before_is ~ ' ' ~ type ~ ', ' ~ now_is ~ ' ' ~ now.get(name, 'no such column')
        ) -%}
    {%- endfor -%}
    {%- for name, type in now.items() if name not in before -%}
        {%- do differences.append(name ~ ': ' ~ before_is ~ ' nothing, ' ~ now_is ~ ' ' ~ type) -%}
    {%- endfor -%}
    {{ return(differences) }}
{% endmacro %}
