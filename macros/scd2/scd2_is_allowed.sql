{% macro scd2_is_allowed(override) %}
    {#- An override names its models, so that one run's exception never covers another model by accident. -#}
    {%- set models = var(override, []) -%}
    {{ return(model.name in ([models] if models is string else models)) }}
{% endmacro %}
