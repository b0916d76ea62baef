{% test no_keys_look_alike(model, unique_key) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'uniqueness'}) }}

with held as (
    select distinct {{ unique_key | join(', ') }}
    from {{ model }}
),

alike as (
    select count(*) as key_count
    from held
    group by {% for column in unique_key %}{{ text_as_it_looks(column) }}{{ ', ' if not loop.last }}{% endfor %}
)

select
    coalesce(sum(key_count), 0) as tested,
    coalesce(sum(case when key_count > 1 then key_count end), 0) as failed
from alike

{% endtest %}
