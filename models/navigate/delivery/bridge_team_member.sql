with memberships as (
    select * from {{ ref('team_memberships') }}
    where counts
),

-- A person's time is cut where any of their memberships begins or ends, since that changes what is left for the others.
turns as (
    select
        developer_id,
        valid_from as turned_at
    from memberships
    union
    select
        developer_id,
        valid_to as turned_at
    from memberships
    where valid_to is not null
),

spans as (
    select
        developer_id,
        turned_at as valid_from,
        lead(turned_at) over (partition by developer_id order by turned_at) as valid_to
    from turns
),

-- Somebody who is in a team twice, under two logins or by two rows, is in it once.
held as (
    select
        memberships.team,
        spans.developer_id,
        spans.valid_from,
        spans.valid_to,
        min(memberships.member) as member,
        min(memberships.evidence) as evidence,
        min(memberships.identity_rule) as identity_rule,
        max(memberships.allocation) as declared_allocation
    from spans
    inner join memberships
        on
            spans.developer_id = memberships.developer_id
            and spans.valid_from >= memberships.valid_from
            and (spans.valid_from < memberships.valid_to or memberships.valid_to is null)
    group by memberships.team, spans.developer_id, spans.valid_from, spans.valid_to
),

summed as (
    select
        held.*,
        coalesce(sum(declared_allocation) over person, 0) as declared_sum,
        count(case when declared_allocation is null then 1 end) over person as undeclared
    from held
    window person as (partition by developer_id, valid_from)
),

-- Whoever is declared for more than a whole is taken for a whole.
allocated as (
    select
        team,
        developer_id,
        valid_from,
        valid_to,
        member,
        evidence,
        identity_rule,
        case
            when declared_allocation is not null then declared_allocation / greatest(1, declared_sum)
            else greatest(0, 1 - declared_sum) / undeclared
        end as allocation
    from summed
)

select * from allocated
