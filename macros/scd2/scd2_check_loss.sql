{% macro scd2_check_loss(before, now) %}
    {% if now < before and not scd2_is_allowed('scd2_allow_fewer_events') %}
        {% do scd2_refuse(
            'rebuilt, it would hold ' ~ now ~ ' change events, and it holds ' ~ before ~ ' now: some are no longer in '
            ~ 'its source. Nothing was changed. To lose them on purpose: '
            ~ "--vars '{scd2_allow_fewer_events: " ~ model.name ~ "}'"
        ) %}
    {% endif %}
{% endmacro %}
