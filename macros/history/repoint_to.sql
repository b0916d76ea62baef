{% macro repoint_to(dimension, columns, starts_over) %}
    {% set changes = scd2_sibling(dimension, 'changes') %}
    {% set notes = changes ~ ' where scd2_reader = ' ~ sql_text(model.unique_id) %}
    {% call statement('wait') %}{{ lock_shared_until_commit('scd2 ' ~ dimension) }}{% endcall %}
    {% if not scd2_columns(changes) %}
        {% do create_changes(dimension, changes, columns[0].key | list) %}
    {% endif %}
    {# One row says that these facts have asked; the others are what they were told. #}
    {% set noted = scd2_count(notes) %}
    {% if not starts_over and noted != 1 %}
        {% for declared in columns %}
            {% do repoint_column(declared, changes if noted else none) %}
        {% endfor %}
    {% endif %}
    {% if noted != 1 or starts_over %}
        {% call statement('forget') %}delete from {{ notes }}{% endcall %}
        {% call statement('ask') %}
            insert into {{ changes }} (scd2_reader) values ({{ sql_text(model.unique_id) }})
        {% endcall %}
    {% endif %}
{% endmacro %}
