{% macro login_id(host, login) -%}
    {{ host }} || '/' || lower({{ login }})
{%- endmacro %}
