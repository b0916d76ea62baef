{% macro column_mask(node, column_name, data_type) %}
    {%- set meta = column_meta(node, column_name) -%}
    {%- set mask = meta.get('mask') or pii_patterns().get(meta.get('pii'), ['null'])[0] -%}
    {{ return(mask if mask in mask_types() and mask_fits(mask, data_type) else 'null') }}
{% endmacro %}
