{% macro profile_tables(results) %}
    {#- A run over no rows, or over a part of them, says nothing of the data. -#}
    {% if execute and not (flags.EMPTY or flags.SAMPLE) %}
        {% set tables, sources = [], [] %}
        {% for result in results if wrote_rows(result) %}
            {% do tables.append(table_to_profile(result)) %}
        {% endfor %}
        {% for node in graph.sources.values() if node.config.meta.get('landing') %}
            {% do sources.append(source_to_profile(node)) %}
        {% endfor %}
        {% if tables or sources %}
            {% set unprofiled = run_query(
                'select * from quality.profile_tables(' ~ sql_text(invocation_id) ~ ', ' ~ sql_text(tojson(tables))
                ~ ', ' ~ sql_text(tojson(sources)) ~ ')'
            ) %}
            {% for row in unprofiled.rows %}
                {% do exceptions.warn(
                    row['table_schema'] ~ '.' ~ row['table_name'] ~ ' has no profile of this run: the database refused, '
                    ~ 'with SQLSTATE ' ~ row['complaint'] ~ '.'
                ) %}
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}
