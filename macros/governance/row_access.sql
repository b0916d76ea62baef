{% macro row_access(node) %}
    {#- The config meta row_access: readers see the rows for which `condition` holds; those cleared for `unless`, all. -#}
    {{ return((node.config.meta or {}).get('row_access') or none) }}
{% endmacro %}
