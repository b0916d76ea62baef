{% macro report_anomalies() %}
    {# A hook of its own: when it fails, what the hooks before it recorded is committed. #}
    {% if execute %}
        {% set errors = [] %}
        {% for anomaly in run_query(reported_anomalies_sql()).rows %}
            {% set words = 'Anomaly ' ~ anomaly['anomaly_id'] ~ ': ' ~ anomaly['sentence'] %}
            {% if anomaly['upstream_anomaly'] is not none %}
                {% set words = words ~ ' It follows anomaly ' ~ anomaly['upstream_anomaly'] ~ ', in '
                    ~ anomaly['upstream_table'] ~ '.' %}
            {% endif %}
            {% if anomaly['severity'] == 'error' %}
                {% do errors.append(words) %}
            {% else %}
                {% do exceptions.warn(words) %}
            {% endif %}
        {% endfor %}
        {% if errors %}
            {# As a statement that fails: dbt takes what is raised while it renders a last hook for an interrupt. #}
            {% set advice = 'Answer by atlas anomalies ack, expected or incident; see docs/guides/quality.md.' %}
            {{ raise_error((errors + [advice]) | join('\n  ')) }}
        {% endif %}
    {% endif %}
{% endmacro %}
