{% macro public_columns(node) %}
    {% set names = [] %}
    {% for column in node.columns.values() %}
        {% set meta = column.config.meta or column.meta %}
        {% if meta.get('classification') == 'public' and not meta.get('pii') %}
            {% do names.append(column.name) %}
        {% endif %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
