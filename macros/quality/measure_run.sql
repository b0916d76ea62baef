{% macro measure_run(results) %}
    {#- A run over no rows, or over a part of them, says nothing of the data. -#}
    {% if execute and not (flags.EMPTY or flags.SAMPLE) %}
        {% set built, sources = [], [] %}
        {% for result in results if is_built_table(result) %}
            {% set is_added_to = not (is_made_anew(result.node) or flags.FULL_REFRESH) %}
            {% do built.append({
                'table_schema': published_schema(result.node.schema),
                'table_name': result.node.alias,
                'seconds': result.execution_time,
                'rows_added': result.adapter_response.get('rows_affected') if is_added_to else none
            }) %}
        {% endfor %}
        {% for node in graph.sources.values() if node.config.meta.get('landing') %}
            {% do sources.append({
                'reader': node.unique_id,
                'system': node.source_name,
                'entity': node.name,
                'table_schema': node.schema,
                'table_name': node.identifier
            }) %}
        {% endfor %}
        select quality.measure_run(
            {{ sql_text(invocation_id) }}, {{ sql_text(tojson(built)) }}, {{ sql_text(tojson(sources)) }}
        );
        select quality.forget({{ var('measurements_kept_days') or 'null' }})
    {% endif %}
{% endmacro %}
