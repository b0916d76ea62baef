{% macro record_test_runs(results) %}
    {% if execute %}
        {% set test_runs = [] %}
        {% for result in results if result.node.resource_type == 'test' %}
            {% do test_runs.append(test_run(result)) %}
        {% endfor %}
        {% if test_runs %}
            select quality.record_test_runs({{ sql_text(tojson(test_runs)) }})
        {% endif %}
    {% endif %}
{% endmacro %}
