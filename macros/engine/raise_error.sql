{% macro raise_error(message) %}
    {{ return(adapter.dispatch('raise_error')(message)) }}
{% endmacro %}

{% macro default__raise_error(message) %}
    select cast({{ sql_text(message) }} as integer)
{% endmacro %}

{% macro postgres__raise_error(message) %}
    do {{ sql_text('begin raise exception using message = ' ~ sql_text(message) ~ '; end') }}
{% endmacro %}
