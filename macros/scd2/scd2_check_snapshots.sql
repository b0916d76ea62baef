{% macro scd2_check_snapshots(shape, events) %}
    {%- set found = run_query(scd2_check_snapshots_sql(shape, events)).rows[0] -%}
    {% if found['strays'] %}
        {% do scd2_refuse(
            found['strays'] ~ ' rows have a ' ~ shape.updated_at ~ ' at which no snapshot was read. Select the claimed '
            ~ 'batches, and the time of the snapshot (_event_at) as updated_at.'
        ) %}
    {% elif found['held_at'] is not none and found['first_at'] is not none and found['first_at'] <= found['held_at'] %}
        {% do scd2_refuse(
            'a snapshot of ' ~ found['first_at'] ~ ' has arrived, and one of ' ~ found['held_at'] ~ ' has been read: what '
            ~ 'was deleted in between cannot be told. To read all snapshots in the order of their times: '
            ~ 'dbt run --full-refresh --select ' ~ model.name
        ) %}
    {% elif found['refused'] and not scd2_is_allowed('scd2_allow_partial_snapshots') %}
        {% do scd2_refuse(
            'the snapshot of ' ~ found['partial_at'] ~ ' is partial, ' ~ found['refused'] ~ ' records wait in '
            ~ 'quarantine: absence from it is no delete. Replay them (atlas quarantine list), or take the rest as it '
            ~ "is, with no deletes: --vars '{scd2_allow_partial_snapshots: " ~ model.name ~ "}'"
        ) %}
    {% endif %}
    {{ return({'count': found['snapshots'] | int, 'is_partial': (found['refused'] | int(default=0)) > 0}) }}
{% endmacro %}
