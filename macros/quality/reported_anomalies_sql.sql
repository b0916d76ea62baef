{% macro reported_anomalies_sql() %}
    {{ return(adapter.dispatch('reported_anomalies_sql')()) }}
{% endmacro %}

{% macro default__reported_anomalies_sql() %}
    select anomaly_id, severity, sentence
    from quality.anomalies
    where last_run = cast({{ sql_text(invocation_id) }} as uuid) and state in ('open', 'incident') and closed_at is null
    order by severity, anomaly_id
{% endmacro %}
