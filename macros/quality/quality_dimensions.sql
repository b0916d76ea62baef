{% macro quality_dimensions() %}
    {{ return(['completeness', 'uniqueness', 'validity', 'consistency', 'accuracy', 'timeliness']) }}
{% endmacro %}
