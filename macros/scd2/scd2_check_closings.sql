{% macro scd2_check_closings(shape, before, after, versions) %}
    {%- set found = run_query(scd2_closings_sql(shape, before, after, versions)).rows[0] -%}
    {%- set closed, current_rows = found['closed'] | int, found['current_rows'] | int(default=0) -%}
    {% if closed > shape.max_closed_share * current_rows and not scd2_is_allowed('scd2_allow_closing') %}
        {% do scd2_refuse(
            'this run would close ' ~ closed ~ ' of ' ~ current_rows ~ ' current rows ('
            ~ '%.1f' % (100.0 * closed / current_rows) ~ ' %), and max_closed_share is ' ~ shape.max_closed_share
            ~ '. Nothing was changed. If the source is right: '
            ~ "--vars '{scd2_allow_closing: " ~ model.name ~ "}'"
        ) %}
    {% endif %}
{% endmacro %}
