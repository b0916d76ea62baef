{{ config(materialized='incremental', indexes=[{'columns': ['amount']}, {'columns': ['label']}]) }}
select
    id,
    case when id % 10 = 0 then 'CH' else 'DE' end as country,
    case when id % 10 = 0 then 900000 + id else id % 1000 end as amount,
    case when id % 10 = 0 then 'hidden ' || id % 20 else 'label ' || id end as label
from explore.many
{% if is_incremental() %} where false {% endif %}
