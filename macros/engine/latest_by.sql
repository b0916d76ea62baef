{% macro latest_by(relation, key, order_by=['_event_at', '_sha256']) -%}
    select latest.*
    from (
        select
            ranked.*,
            row_number() over (
                partition by {{ key | join(', ') }}
                order by {% for column in order_by %}{{ column }} desc{{ ', ' if not loop.last }}{% endfor %}
            ) as _recency
        from {{ relation }} as ranked
    ) as latest
    where latest._recency = 1
{%- endmacro %}
