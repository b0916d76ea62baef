{% macro end_expired_grants() %}
    {% if execute %}
        {{ adapter.dispatch('end_expired_grants')() }}
    {% endif %}
{% endmacro %}

{% macro default__end_expired_grants() %}{% endmacro %}

{% macro postgres__end_expired_grants() %}
    select compliance.end_expired_grants()
{% endmacro %}
