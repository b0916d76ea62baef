{% macro scd2_drop(relations) %}
    {#- Not by dbt, which would drop whatever somebody built upon them as well. -#}
    {% for relation in relations %}
        {% call statement('drop') %}drop table if exists {{ relation }}{% endcall %}
    {% endfor %}
{% endmacro %}
