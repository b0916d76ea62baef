with branch_heads as (
    select * from {{ ref('branch_heads') }}
),

rules as (
    select * from {{ ref('repository_rules') }}
    where default_branch is not null
),

locals as (
    select
        repository,
        count(*) as branches
    from branch_heads
    where ref_kind = 'branch'
    group by repository
),

declared as (
    select
        branch_heads.repository,
        branch_heads.ref,
        branch_heads.ref_kind,
        branch_heads.branch,
        branch_heads.head_hash,
        coalesce(own.default_branch, general.default_branch) as default_branch,
        locals.branches
    from branch_heads
    left outer join rules as own on branch_heads.repository = own.repository
    left outer join rules as general on general.repository = '*'
    left outer join locals on branch_heads.repository = locals.repository
),

-- Git keeps the name of the default branch beside its refs: it is declared, or the origin's, or one of the usual names,
-- or the only one there is.
candidates as (
    select
        repository,
        ref,
        branch,
        head_hash,
        case
            when ref = 'refs/remotes/origin/' || default_branch then 1
            when ref = 'refs/heads/' || default_branch then 2
            when default_branch is not null then null
            when ref = 'refs/remotes/origin/HEAD' then 3
            when ref = 'refs/heads/main' then 4
            when ref = 'refs/heads/master' then 5
            when ref = 'refs/heads/trunk' then 6
            when ref = 'refs/heads/develop' then 7
            when ref_kind = 'branch' and branches = 1 then 8
        end as preference
    from declared
),

ranked as (
    select
        repository,
        ref,
        branch,
        head_hash,
        row_number() over (partition by repository order by preference) as place
    from candidates
    where preference is not null
),

chosen as (
    select
        repository,
        ref,
        branch,
        head_hash
    from ranked
    where place = 1
)

select * from chosen
