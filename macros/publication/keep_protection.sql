{% macro keep_protection(wanted) %}
    {{ adapter.dispatch('keep_protection')(wanted) }}
{% endmacro %}

{% macro default__keep_protection(wanted) %}{% endmacro %}

{% macro postgres__keep_protection(wanted) %}
    {%- set columns, rows = [], wanted.rows or {'condition': none} -%}
    {%- set lookups = wanted.columns | selectattr('lookup') | map(attribute='name') | list -%}
    {%- for column in wanted.columns -%}
        {%- do columns.append({
            'name': column.name, 'place': loop.index, 'level': column.level, 'mask': column.mask, 'pii': column.pii
        }) -%}
    {%- endfor -%}
    select compliance.keep_protection({{ sql_text(tojson({
        'view_schema': wanted.view.schema,
        'view_name': wanted.view.identifier,
        'base_schema': wanted.base.schema,
        'base_name': wanted.base.identifier,
        'wanted_hash': wanted.wanted_hash,
        'row_condition': rows.condition,
        'sees_all_rows': rows.get('unless'),
        'lookups': lookups if lookup_levels(wanted.columns, wanted.rows) else [],
        'columns': columns
    })) }})
{% endmacro %}
