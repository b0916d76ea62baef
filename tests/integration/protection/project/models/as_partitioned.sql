{{ config(partition_by={'field': 'joined_on', 'granularity': 'year'}, contract={'enforced': true}) }}
select
    id,
    email,
    joined_on
from explore.people
