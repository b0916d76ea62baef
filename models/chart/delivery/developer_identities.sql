with commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

mailmap_entries as (
    select * from {{ ref('mailmap_entries') }}
    where proper_email is not null
),

verified_commits as (
    select * from {{ ref('verified_commits') }}
),

declared_logins as (
    select * from {{ ref('declared_logins') }}
),

signed as (
    select
        author_email as email,
        author_name as name
    from commit_events
    union
    select
        committer_email as email,
        committer_name as name
    from commit_events
),

addresses as (
    select
        email,
        min(lower(coalesce(name, ''))) as first_name,
        max(lower(coalesce(name, ''))) as last_name
    from signed
    where email is not null
    group by email
),

by_declaration as (
    select
        lower(trim(email)) as developer_id,
        lower(trim(login)) as other_id,
        1 as rule_rank
    from declared_logins
),

-- An identity is an address. What a mailmap says of one name at it holds for it only if nobody signs with another.
by_mailmap as (
    select
        mailmap_entries.commit_email as developer_id,
        mailmap_entries.proper_email as other_id,
        2 as rule_rank
    from mailmap_entries
    inner join addresses on mailmap_entries.commit_email = addresses.email
    where
        mailmap_entries.commit_email <> mailmap_entries.proper_email
        and (
            mailmap_entries.commit_name = ''
            or (
                addresses.first_name = lower(mailmap_entries.commit_name)
                and addresses.last_name = lower(mailmap_entries.commit_name)
            )
        )
),

by_verified_email as (
    select distinct
        commit_events.author_email as developer_id,
        verified_commits.developer_id as other_id,
        3 as rule_rank
    from verified_commits
    inner join commit_events
        on
            verified_commits.repository = commit_events.repository
            and verified_commits.commit_hash = commit_events.commit_hash
    where commit_events.author_email is not null
),

-- Services give everybody an address that holds their login, so that theirs needn't be shown.
by_login as (
    select
        email as developer_id,
        {{ login_in_address('email') }} as other_id,
        4 as rule_rank
    from addresses
    where {{ login_in_address('email') }} is not null
),

links as (
    select * from by_declaration
    union all
    select * from by_mailmap
    union all
    select * from by_verified_email
    union all
    select * from by_login
),

both_ways as (
    select
        developer_id,
        other_id,
        rule_rank
    from links
    union all
    select
        other_id as developer_id,
        developer_id as other_id,
        rule_rank
    from links
),

ruled as (
    select
        developer_id,
        min(rule_rank) as rule_rank
    from both_ways
    group by developer_id
),

-- What a mailmap calls proper comes first, then an address of one's own, then a login.
preferred as (
    select
        ruled.developer_id,
        ruled.rule_rank,
        case
            when
                ruled.developer_id in (select by_mailmap.other_id from by_mailmap)
                and ruled.developer_id not in (select by_mailmap.developer_id from by_mailmap)
                then 1
            when ruled.developer_id in (select by_mailmap.developer_id from by_mailmap) then 5
            when ruled.developer_id in (select by_login.developer_id from by_login) then 4
            when {{ matches('ruled.developer_id', '@') }} then 2
            else 3
        end as preference
    from ruled
),

connected as (
    {{ connected('both_ways', 'developer_id', 'other_id') }}
),

ranked as (
    select
        connected.developer_id,
        connected.other_id as person_id,
        row_number() over (
            partition by connected.developer_id
            order by preferred.preference, {{ by_code_points('connected.other_id') }}
        ) as place
    from connected
    inner join preferred on connected.other_id = preferred.developer_id
),

identities as (
    select
        ranked.developer_id,
        ranked.person_id,
        case
            when ranked.developer_id = ranked.person_id then null
            when preferred.rule_rank = 1 then 'declared'
            when preferred.rule_rank = 2 then 'mailmap'
            when preferred.rule_rank = 3 then 'verified_email'
            else 'login'
        end as merged_by
    from ranked
    inner join preferred on ranked.developer_id = preferred.developer_id
    where ranked.place = 1
)

select * from identities
