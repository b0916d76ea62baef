{% macro in_band(bands, measures) -%}
    {%- set measured -%}
        case {{ bands }}.measure
            {%- for measure, value in measures.items() %} when '{{ measure }}' then {{ value }}{% endfor %} end
    {%- endset -%}
    {{ measured }} >= coalesce({{ bands }}.at_least, {{ measured }})
            and {{ measured }} <= coalesce({{ bands }}.at_most, {{ measured }})
            and ({{ measured }} < {{ bands }}.below or {{ bands }}.below is null)
{%- endmacro %}
