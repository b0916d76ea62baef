{% macro macros_in_code(node) %}
    {#- dbt counts what hooks call among what a node depends on, and hooks read what this decides. -#}
    {% set hooks = (node.config.get('pre-hook', []) + node.config.get('post-hook', [])) | map(attribute='sql') | join %}
    {% set found = [] %}
    {% for id in node.depends_on.macros %}
        {% set name = id.split('.') | last %}
        {% do found.append(id) if name in node.raw_code or name not in hooks %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
