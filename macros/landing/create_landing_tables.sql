{% macro create_landing_tables() %}
    {#- So that a project builds before its first delivery, with empty views. -#}
    {% if execute %}
        {% set declared = [] %}
        {% for node in graph.sources.values() if node.config.meta.get('landing') %}
            {% do declared.append('(' ~ sql_text(node.source_name) ~ ', ' ~ sql_text(node.name) ~ ')') %}
        {% endfor %}
        {% if declared %}
            select explore.create_landing_table(declared.system, declared.entity)
            from (values {{ declared | join(', ') }}) as declared (system, entity)
            where to_regclass('explore.raw_' || declared.system || '__' || declared.entity) is null
        {% endif %}
    {% endif %}
{% endmacro %}
