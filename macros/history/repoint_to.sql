{% macro repoint_to(dimension, columns, starts_over) %}
    {% set changes = scd2_sibling(dimension, 'changes') %}
    {% set reader = sql_text(model.unique_id) %}
    {% call statement('wait') %}{{ lock_shared_until_commit('scd2 ' ~ dimension) }}{% endcall %}
    {% if not scd2_columns(changes) %}
        {% do create_changes(dimension, changes, columns[0].key | list) %}
    {% endif %}
    {% if not starts_over %}
        {% set is_known = scd2_count(changes ~ ' where scd2_changed_from is null and scd2_reader = ' ~ reader) > 0 %}
        {% for declared in columns %}
            {% call statement('repoint') %}
                {{ repoint_sql(this, declared, changes if is_known else none, reader) }}
            {% endcall %}
            {% set repointed = load_result('repoint')['response'].rows_affected %}
            {% if repointed %}
                {% do log(this.identifier ~ '.' ~ declared.column ~ ': ' ~ repointed ~ ' facts re-pointed', info=true) %}
            {% endif %}
        {% endfor %}
    {% endif %}
    {# What it was told, it knows now; the row without a key keeps it known. #}
    {% call statement('forget') %}delete from {{ changes }} where scd2_reader = {{ reader }}{% endcall %}
    {% call statement('ask') %}insert into {{ changes }} (scd2_reader) values ({{ reader }}){% endcall %}
{% endmacro %}
