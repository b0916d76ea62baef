{% macro judge_anomalies() %}
    {% if execute %}
        select quality.judge_run({{ sql_text(invocation_id) }}, {{ sql_text(tojson(anomaly_severities())) }})
    {% endif %}
{% endmacro %}
