{% macro is_made_anew(node) %}
    {{ return(node.config.materialized in ('table', 'seed')) }}
{% endmacro %}
