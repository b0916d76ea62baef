{% test scd2_shape(
    model, unique_key, valid_from='valid_from', valid_to='valid_to', is_current=none, prev_to=none, gaps='allowed'
) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency'}) }}
{%- do check_columns('unique_key', unique_key) -%}
{%- do check_choice('gaps', gaps, ['allowed', 'not_allowed']) %}

with versions as (
    {{ ranges_sql(model, valid_from, valid_to, unique_key) }}
)

select
    count(*) as tested,
    count(case
        when {{ unique_key | join(' is null or ') }} is null then 1
        {{ range_fault(valid_from, valid_to, gaps) }}
        {%- if is_current is not none %}
        when {{ is_current }} is distinct from ({{ valid_to }} is null) then 1
        {%- endif %}
        {%- if prev_to is not none %}
        when {{ prev_to }} is distinct from _earlier_end then 1
        {%- endif %}
    end) as failed
from versions

{% endtest %}
