{% test versions_dont_overlap(model, unique_key) %}
{{ config(fail_calc='sum(failed)') }}

with timeline as (
    select
        valid_from,
        valid_to,
        lead(valid_from) over (partition by {{ unique_key | join(', ') }} order by valid_from, valid_to) as next_valid_from
    from {{ model }}
)

select
    count(*) as tested,
    count(case
        when valid_to <= valid_from then 1
        when next_valid_from < valid_to or (valid_to is null and next_valid_from is not null) then 1
    end) as failed
from timeline

{% endtest %}
