{% macro called_macros(ids, found) %}
    {#- The SQL of these macros and of all that they call. dbt's own SQL is left out, since the lock says which it is, but
        not what overrides it. So are the edges: what depends on them can't be written into them. -#}
    {% for id in ids if id not in found %}
        {% set _, package, name = id.split('.', 2) %}
        {% set is_dbts = package in ('dbt', 'dbt_postgres') %}
        {% set called = context.get('dbt' if is_dbts else package, {}).get(name) %}
        {% if called and name != 'column_lineage' %}
            {% do found.update({id: '' if is_dbts else called.macro.macro_sql}) %}
            {% do called_macros(called.macro.depends_on.macros, found) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
