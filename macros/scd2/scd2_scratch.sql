{% macro scd2_scratch(name) %}
    {{ return(adapter.dispatch('scd2_scratch')(name)) }}
{% endmacro %}

{% macro default__scd2_scratch(name) %}
    {{ return(api.Relation.create(identifier=name)) }}
{% endmacro %}

{% macro postgres__scd2_scratch(name) %}
    {#- Named in full: a table of somebody's could have that name. -#}
    {{ return(api.Relation.create(schema='pg_temp', identifier=name)) }}
{% endmacro %}
