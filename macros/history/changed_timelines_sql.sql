{% macro changed_timelines_sql(unique_key) %}
    {#- From when on another version holds than before. A version that stays, but ends at another time, holds as it did
        up to the earlier of its two ends; other values under the same version_key change nothing for a fact. -#}
    {%- set held, now = scd2_scratch('scd2_compared'), scd2_scratch('scd2_folded') %}
    select
        {% for name in unique_key %}
        {%- set column = quoted_identifier(name) -%}
        coalesce(held.{{ column }}, folded.{{ column }}) as {{ column }},
        {% endfor -%}
        min(
            case
                when held.version_key is null then folded.valid_from
                when folded.version_key is null then held.valid_from
                when held.valid_to is null or folded.valid_to < held.valid_to then folded.valid_to
                else held.valid_to
            end
        ) as scd2_changed_from
    from {{ held }} as held
    full outer join {{ now }} as folded on held.version_key = folded.version_key
    where
        held.version_key is null
        or folded.version_key is null
        or held.valid_to is distinct from folded.valid_to
    group by
        {% for name in unique_key %}
        {%- set column = quoted_identifier(name) -%}
        coalesce(held.{{ column }}, folded.{{ column }}){{ ', ' if not loop.last }}
        {%- endfor %}
{% endmacro %}
