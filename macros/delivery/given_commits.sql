{% macro given_commits() -%}
    {{ adapter.dispatch('given_commits')() }}
{%- endmacro %}

{% macro postgres__given_commits() -%}
    {#- Made by give_commits() in the model's own transaction. -#}
    pg_temp.given_commits
{%- endmacro %}
