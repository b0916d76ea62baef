{{ config(materialized='incremental') }}
select
    id,
    'C-' || id as number,
    'person' || id || '@example.org' as email,
    'city ' || id % 7 as city
from explore.many
{% if is_incremental() %} where false {% endif %}
