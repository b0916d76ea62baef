{% macro noreply_login(email) -%}
    {#- 12+ann@users.noreply.github.com, formerly without the number; 12-ann@users.noreply.gitlab.com. -#}
    {%- set name = "split_part(" ~ email ~ ", '@', 1)" -%}
    {%- set host = "substr(split_part(" ~ email ~ ", '@', 2), 15)" -%}
    case
        when {{ email }} not like '%@users.noreply.%' then null
        when {{ name }} like '%+%' then {{ host }} || '/' || split_part({{ name }}, '+', 2)
        when {{ host }} like '%github%' then {{ host }} || '/' || {{ name }}
        when position('-' in {{ name }}) > 0
            then {{ host }} || '/' || substr({{ name }}, position('-' in {{ name }}) + 1)
    end
{%- endmacro %}
