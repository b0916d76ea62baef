{% macro declared_anomalies(holder) %}
    {% set meta = (holder.get('config') or {}).get('meta') or holder.get('meta') or {} %}
    {% set quality = meta.get('quality') or {} %}
    {% if quality is not mapping %}
        {{ return(quality) }}
    {% endif %}
    {{ return(quality.get('anomalies') or {}) }}
{% endmacro %}
