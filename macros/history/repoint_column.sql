{% macro repoint_column(declared, changes) %}
    {% set due = scd2_scratch('scd2_due') %}
    {% call statement('lock') %}{{ lock_writes_until_commit(this) }}{% endcall %}
    {% call statement('due') %}{{ scd2_temporary('scd2_due', due_versions_sql(this, declared, changes)) }}{% endcall %}
    {% set facts = load_result('due')['response'].rows_affected %}
    {% if facts %}
        {% do scd2_analyze(due) %}
        {% call statement('repoint') %}{{ repoint_sql(this, declared.column, due) }}{% endcall %}
        {% do log(this.identifier ~ '.' ~ declared.column ~ ': ' ~ facts ~ ' facts re-pointed', info=true) %}
    {% endif %}
    {% do scd2_drop([due]) %}
{% endmacro %}
