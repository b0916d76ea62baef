{% macro scd2_increment(target, shape, staged) %}
    {%- set events = scd2_sibling(target, 'events') -%}
    {%- set touched, folded = scd2_scratch('scd2_touched'), scd2_scratch('scd2_folded') -%}
    {%- set compared = scd2_scratch('scd2_compared') -%}
    {% do scd2_put_aside(shape, scd2_sibling(target, 'rejected'), staged) %}
    {% set snapshots = scd2_read_snapshots(shape, staged, events, target) if shape.delivery == 'snapshot' else none %}

    {# Events: the winner of each key and time is kept, and its key touched. #}
    {% call statement('new') %}{{ scd2_temporary('scd2_new', scd2_new_events_sql(shape, snapshots, target)) }}{% endcall %}
    {% call statement('written') %}{{ scd2_temporary('scd2_written', scd2_nothing_written_sql(shape)) }}{% endcall %}
    {% call statement('write_events') %}{{ scd2_write_events_sql(shape, events) }}{% endcall %}
    {% call statement('touch') %}{{ scd2_temporary('scd2_touched', scd2_touched_sql(shape)) }}{% endcall %}
    {% do scd2_analyze(touched) %}
    {% set ties = snapshots.ties if snapshots else 0 %}
    {% if not snapshots %}
        {% set written = run_query(scd2_written_sql()).rows[0] %}
        {% if staged.keyed > written['inserted'] %}
            {% set ties = written['updated'] | int + scd2_settle_ties(shape, events) %}
        {% endif %}
    {% endif %}

    {# Versions: those of touched keys are made anew, and the difference is written. #}
    {% call statement('fold') %}{{ scd2_temporary('scd2_folded', scd2_fold_sql(shape, events, touched)) }}{% endcall %}
    {% do scd2_analyze(folded) %}
    {% call statement('compare') %}
        {{ scd2_temporary('scd2_compared', scd2_compare_sql(shape, target, folded, touched)) }}
    {% endcall %}
    {% do scd2_analyze(compared) %}
    {% do scd2_check_closings(shape, compared, folded, target) %}
    {% call statement('supersede') %}{{ scd2_supersede_sql(target) }}{% endcall %}
    {% call statement('open') %}{{ scd2_open_sql(shape, target) }}{% endcall %}
    {% call statement('prove') %}{{ scd2_prove_sql() }}{% endcall %}
    {{ return(dict(staged, ties=ties,
        superseded=load_result('supersede')['response'].rows_affected,
        opened=load_result('open')['response'].rows_affected
    )) }}
{% endmacro %}
