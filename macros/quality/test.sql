{% materialization test, default %}
    {% if should_store_failures() %}
        {% do exceptions.raise_compiler_error('store_failures is refused: ' ~ refusals('store_failures')) %}
    {% endif %}
    {% set measured_sql = measured_test_sql(
        sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), config.get('limit')
    ) %}
    {% do write(measured_sql) %}
    {% call statement('measured', fetch_result=True) -%}
        {{ measured_sql }}
    {%- endcall %}

    {# dbt reads three columns of main, and says 0 failures for a test within its threshold; the rest rides along. #}
    {% set measured = load_result('measured').table %}
    {% set row = measured.rows[0] %}
    {% do store_raw_result(
        'main',
        message='rows failed: ' ~ row['rows_failed'] ~ ', tested: ' ~ row['rows_tested'],
        code=(row['rows_failed'] | int) | string,
        rows_affected=row['rows_tested'] | int if row['rows_tested'] is not none else none,
        agate_table=measured.select(['failures', 'should_warn', 'should_error'])
    ) %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
