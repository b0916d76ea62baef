{% macro scd2_start_over(target, shape, held, staged) %}
    {%- set events, rejected = scd2_sibling(target, 'events'), scd2_sibling(target, 'rejected') -%}
    {%- set fresh = scd2_sibling(target, 'fresh') -%}
    {%- set events_before = scd2_count(events) if held.events else 0 -%}
    {% do scd2_drop([fresh, events, rejected]) %}
    {% set snapshots = scd2_read_snapshots(shape, staged) if shape.delivery == 'snapshot' else none %}

    {% call statement('events') %}{{ scd2_table(events, scd2_new_events_sql(shape, snapshots)) }}{% endcall %}
    {% set events_now = load_result('events')['response'].rows_affected %}
    {% do scd2_check_loss(events_before, events_now) %}
    {% call statement('constrain_events') %}{{ scd2_constrain_events_sql(shape, events) }}{% endcall %}
    {% do scd2_analyze(events) %}
    {% set ties = snapshots.ties if snapshots else none %}
    {% if ties is none %}
        {% set ties = scd2_settle_ties(shape, events) if staged.keyed > events_now else 0 %}
    {% endif %}
    {% call statement('rejected') %}
        {{ scd2_table(rejected, 'select * from ' ~ scd2_scratch('scd2_staged') ~ ' where false') }}
    {% endcall %}
    {% do scd2_put_aside(shape, rejected, staged) %}

    {# Loaded first, constrained after: an index that is built at once costs less than one that grows. #}
    {% call statement('fold') %}{{ scd2_table(fresh, scd2_fold_sql(shape, events)) }}{% endcall %}
    {% set opened = load_result('fold')['response'].rows_affected %}
    {% if scd2_same_key_columns(shape, held) %}
        {% do scd2_check_closings(shape, target, fresh, target) %}
    {% endif %}
    {% call statement('constrain') %}{{ scd2_constrain_sql(shape, target, fresh) }}{% endcall %}
    {% do create_indexes(fresh) %}
    {% do scd2_analyze(fresh) %}
    {% do scd2_set_aside(target, held) %}
    {% do adapter.rename_relation(fresh, target) %}
    {{ return(dict(staged, ties=ties, superseded=0, opened=opened)) }}
{% endmacro %}
