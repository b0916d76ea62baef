{% macro record_run(results) %}
    {% if execute %}
        {% set test_runs = [] %}
        {% for result in results if result.node.resource_type == 'test' %}
            {% do test_runs.append(test_run(result)) %}
        {% endfor %}
        {% set rules = [] %}
        {% for node in graph.nodes.values() if node.resource_type == 'test' %}
            {% do rules.append(rule(node)) %}
        {% endfor %}
        select quality.record_run(
            {{ sql_text(invocation_id) }}, {{ sql_text(project_name) }},
            {{ sql_text(tojson(test_runs)) }}, {{ sql_text(tojson(rules)) }}
        )
    {% endif %}
{% endmacro %}
