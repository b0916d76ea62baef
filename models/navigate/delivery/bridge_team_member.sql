with memberships as (
    select * from {{ ref('team_memberships') }}
    where counts
),

-- A person's time is cut where any of their memberships begins or ends, since that changes what is left for the others.
turns as (
    select
        person_id,
        valid_from as turned_at
    from memberships
    union
    select
        person_id,
        valid_to as turned_at
    from memberships
    where valid_to is not null
),

spans as (
    select
        person_id,
        turned_at as valid_from,
        lead(turned_at) over (partition by person_id order by turned_at) as valid_to
    from turns
),

-- Somebody who is in a team twice, under two logins or by two rows, is in it once.
held as (
    select
        memberships.team,
        memberships.member,
        memberships.evidence,
        memberships.identity_rule,
        memberships.allocation as declared_allocation,
        spans.person_id,
        spans.valid_from,
        spans.valid_to,
        row_number() over (
            partition by memberships.team, spans.person_id, spans.valid_from
            order by memberships.allocation desc nulls last, memberships.member asc, memberships.evidence asc
        ) as place
    from spans
    inner join memberships
        on
            spans.person_id = memberships.person_id
            and spans.valid_from >= memberships.valid_from
            and (spans.valid_from < memberships.valid_to or memberships.valid_to is null)
),

summed as (
    select
        held.*,
        coalesce(sum(held.declared_allocation) over (
            person
            order by held.declared_allocation
            rows between unbounded preceding and unbounded following
        ), 0) as declared_sum,
        count(case when held.declared_allocation is null then 1 end) over person as undeclared
    from held
    where held.place = 1
    window person as (partition by held.person_id, held.valid_from)
),

-- Whoever is declared for more than a whole is taken for a whole.
allocated as (
    select
        team,
        person_id,
        valid_from,
        valid_to,
        case
            when declared_allocation is not null then declared_allocation / greatest(1, declared_sum)
            else greatest(0, 1 - declared_sum) / undeclared
        end as allocation,
        member,
        evidence,
        identity_rule
    from summed
)

select * from allocated
