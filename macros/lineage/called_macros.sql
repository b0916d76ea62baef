{% macro called_macros(ids, found) %}
    {#- The SQL of these macros and of all that they call. dbt's own are left out, since the lock says which they are, and
        so are the edges: what depends on them can't be written into them. -#}
    {% for id in ids if id not in found %}
        {% set _, package, name = id.split('.', 2) %}
        {% if package in context and package not in ('dbt', 'dbt_postgres') and name != 'column_lineage' %}
            {% set called = context[package][name].macro %}
            {% do found.update({id: called.macro_sql}) %}
            {% do called_macros(called.depends_on.macros, found) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
