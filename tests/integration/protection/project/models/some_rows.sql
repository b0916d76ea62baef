{{ config(meta={'row_access': {
    'condition': "city <> 'hidden' and id not in (select h.id from explore.people as h where h.city = 'elsewhere')",
    'unless': 'restricted'
}}) }}
select
    id,
    city
from explore.people
