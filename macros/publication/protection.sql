{% macro protection(node, base) %}
    {#- How a published table has to be protected, compiled from its metadata, and whether its view is so already. -#}
    {%- set view = api.Relation.create(schema=published_schema(base.schema), identifier=base.identifier) -%}
    {%- set found = columns_to_protect(base, view) -%}
    {%- set names = found.columns | map(attribute='name') | list -%}
    {%- set columns, rows = [], row_access(node) -%}
    {%- for one in found.columns -%}
        {%- do columns.append(protected_column(node, one, names, rows)) -%}
    {%- endfor -%}
    {%- set query = protected_query(base, columns, rows) | trim -%}
    {%- set comments = [node.description, node.columns.values() | map(attribute='description') | list] -%}
    {%- set wanted_hash = local_md5(tojson([query, columns, rows, comments])) -%}
    {{ return({
        'view': view,
        'base': base,
        'columns': columns,
        'rows': rows,
        'query': query,
        'wanted_hash': wanted_hash,
        'is_current': found.made_as == wanted_hash,
    }) }}
{% endmacro %}
