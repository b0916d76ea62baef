with memberships as (
    select * from {{ ref('team_memberships') }}
),

known as (
    select
        team,
        max(organisation) as organisation,
        case
            when count(case when evidence = 'declared' then 1 end) > 0 then 'declared'
            else max(evidence)
        end as evidence,
        false as is_placeholder
    from memberships
    group by team
),

teams as (
    select * from known
    union all
    select
        '(no team)' as team,
        null as organisation,
        null as evidence,
        true as is_placeholder
)

select * from teams
