{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['member_id']}],
        version_keys={
            'member_version_key': {
                'dimension': 'dim_member', 'key': {'member_id': 'member_id'}, 'at': 'visited_at'
            }
        }
    )
}}

with visits as (
    select * from bind.{{ 'new_visits' if is_incremental() else 'visits' }}
)

select
    visits.*,
    coalesce(members.version_key, {{ placeholder_key() }}) as member_version_key
from visits
left outer join {{ ref('dim_member') }} as members
    on {{ version_at('members', {'member_id': 'visits.member_id'}, 'visits.visited_at') }}
