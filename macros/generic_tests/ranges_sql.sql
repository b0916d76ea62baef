{% macro ranges_sql(model, lower_bound, upper_bound, group_by) -%}
    select
        *,
        max({{ upper_bound }}) over earlier as _earlier_end,
        count(case when {{ upper_bound }} is null then 1 end) over earlier as _earlier_open
    from {{ model }}
    window earlier as (
        {% if group_by %}partition by {{ group_by | join(', ') }}{% endif %}
        order by {{ lower_bound }}, {{ upper_bound }}
        rows between unbounded preceding and 1 preceding
    )
{%- endmacro %}
