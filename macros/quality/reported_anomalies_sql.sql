{% macro reported_anomalies_sql() %}
    {{ return(adapter.dispatch('reported_anomalies_sql')()) }}
{% endmacro %}

{% macro default__reported_anomalies_sql() %}
    select
        a.anomaly_id, a.severity, a.sentence, a.upstream_anomaly, u.table_schema || '.' || u.table_name as upstream_table
    from quality.anomalies as a
    left join quality.anomalies as u on u.anomaly_id = a.upstream_anomaly
    where
        a.last_run = cast({{ sql_text(invocation_id) }} as uuid) and a.state in ('open', 'incident')
        and a.closed_at is null
    order by coalesce(a.upstream_anomaly, a.anomaly_id), a.upstream_anomaly nulls first, a.anomaly_id
{% endmacro %}
