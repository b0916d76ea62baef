{% macro partition_field(partition_by) -%}
    {{ adapter.quote(partition_by.field) if model.columns[partition_by.field].quote else partition_by.field }}
{%- endmacro %}
