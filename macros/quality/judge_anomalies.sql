{% macro judge_anomalies() %}
    {% if execute %}
        {% set opened = run_query(
            'select quality.judge_run(' ~ sql_text(invocation_id) ~ ', ' ~ sql_text(tojson(anomaly_severities())) ~ ')'
        ).rows[0][0] %}
        {% if opened > 0 %}
            select quality.link_anomalies({{ sql_text(invocation_id) }}, {{ sql_text(tojson(parent_tables())) }})
        {% endif %}
    {% endif %}
{% endmacro %}
