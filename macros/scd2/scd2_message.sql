{% macro scd2_message(done) %}
    {{ return(
        'SCD2 ' ~ done.opened ~ ' versions written, ' ~ done.superseded ~ ' removed'
        ~ (', ' ~ done.ties ~ ' ties settled' if done.ties else '')
        ~ (', ' ~ done.keyless ~ ' events without their key put aside' if done.keyless else '')
    ) }}
{% endmacro %}
