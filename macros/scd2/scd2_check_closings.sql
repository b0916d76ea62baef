{% macro scd2_check_closings(shape, versions, folded, touched=none) %}
    {%- set found = run_query(scd2_closings_sql(shape, versions, folded, touched)).rows[0] -%}
    {%- set closed = found['closed'] | int -%}
    {% if closed > shape.max_closed_share * (found['current_rows'] or 0) | int and not scd2_is_allowed('scd2_allow_closing') %}
        {% do scd2_refuse(
            'this run would close ' ~ closed ~ ' of ' ~ found['current_rows'] ~ ' current rows ('
            ~ '%.1f' % (100.0 * closed / (found['current_rows'] | int)) ~ ' %), and max_closed_share is '
            ~ shape.max_closed_share ~ '. Nothing was changed. If the source is right: '
            ~ "--vars '{scd2_allow_closing: " ~ model.name ~ "}'"
        ) %}
    {% endif %}
    {{ return(closed) }}
{% endmacro %}
