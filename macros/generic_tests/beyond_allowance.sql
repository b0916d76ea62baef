{% macro beyond_allowance(tested, failed, allowed_rows, allowed_share) -%}
    {%- set allowed = allowed_share ~ ' * ' ~ tested if allowed_share is not none else allowed_rows or 0 -%}
    case when {{ failed }} > {{ allowed }} then {{ failed }} else 0 end
{%- endmacro %}
