{% macro classification_levels() %}
    {{ return(['public', 'internal', 'confidential', 'restricted', 'secret']) }}
{% endmacro %}
