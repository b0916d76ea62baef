{% macro protected_column(node, found, names, rows) %}
    {%- set level = column_level(node, found.name) -%}
    {%- set mask = column_mask(node, found.name, found.data_type) -%}
    {%- if mask == 'pseudonym' and found.name ~ '_pseudonym' not in names -%}
        {%- set mask = 'null' -%}
    {%- endif -%}
    {%- set is_masked = level != classification_levels()[0] -%}
    {%- set sql = quoted_identifier(found.name) -%}
    {{ return({
        'name': found.name,
        'level': level,
        'pii': column_meta(node, found.name).get('pii'),
        'mask': mask if is_masked else none,
        'lookup': column_meta(node, found.name).get('lookup') is true and (is_masked or rows is not none),
        'sql': sql,
        'masked_sql': masked(mask, sql, found.data_type, found.collation) | trim if is_masked else none,
    }) }}
{% endmacro %}
