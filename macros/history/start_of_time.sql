{% macro start_of_time() -%}
    {#- Not the first of January: that lies before the year 1 where the clock is behind UTC, and many clients can't show it. -#}
    timestamp with time zone '0001-01-02 00:00:00+00:00'
{%- endmacro %}
