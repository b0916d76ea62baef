{% macro report_anomalies() %}
    {# A hook of its own: when it fails, what the hooks before it recorded is committed. #}
    {% if execute %}
        {% set errors = [] %}
        {% for anomaly in run_query(reported_anomalies_sql()).rows %}
            {% set words = 'Anomaly ' ~ anomaly['anomaly_id'] ~ ': ' ~ anomaly['sentence'] %}
            {% if anomaly['severity'] == 'error' %}
                {% do errors.append(words) %}
            {% else %}
                {% do exceptions.warn(words) %}
            {% endif %}
        {% endfor %}
        {% if errors %}
            {% do exceptions.raise_compiler_error(
                errors | join('\n  ') ~ '\n  What to do: atlas anomalies ack, expected or incident; see docs/guides/quality.md.'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
