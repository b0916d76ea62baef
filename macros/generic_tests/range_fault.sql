{% macro range_fault(lower_bound, upper_bound, gaps) -%}
    when {{ lower_bound }} is null or {{ upper_bound }} <= {{ lower_bound }} then 1
    when _earlier_open > 0 or _earlier_end > {{ lower_bound }} then 1
    {%- if gaps == 'not_allowed' %}
    when _earlier_end < {{ lower_bound }} then 1
    {%- endif %}
{%- endmacro %}
