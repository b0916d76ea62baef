{% macro postgres__snapshot_get_time() -%}
    {#- dbt's own drops the time zone, so its times would mean what the session's zone is, and go back in autumn. -#}
    {{ current_timestamp() }}
{%- endmacro %}
