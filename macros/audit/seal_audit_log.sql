{% macro seal_audit_log() -%}
    {% if execute %}{{ adapter.dispatch('seal_audit_log')() }}{% endif %}
{%- endmacro %}

{% macro default__seal_audit_log() %}{% endmacro %}

{% macro postgres__seal_audit_log() -%}
    select compliance.seal_audit_log()
{%- endmacro %}
