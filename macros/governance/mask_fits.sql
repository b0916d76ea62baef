{% macro mask_fits(mask, data_type) %}
    {%- set known = mask_types()[mask] -%}
    {%- set bare = modules.re.sub('\\s*\\([^)]*\\)', '', data_type | lower | trim) -%}
    {{ return(known is none or bare in known) }}
{% endmacro %}
