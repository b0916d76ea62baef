with commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

declared_logins as (
    select * from {{ ref('declared_logins') }}
),

addresses as (
    select distinct author_email as email
    from commit_events
    where author_email like '%@users.noreply.%'
),

known as (
    select
        {{ noreply_login('email') }} as login,
        email as developer_id,
        'noreply_address' as rule
    from addresses
    union all
    select
        lower(login) as login,
        lower(email) as developer_id,
        'declared' as rule
    from declared_logins
),

-- What is declared says it as surely; of both, the one that sorts first.
logins as (
    select
        login,
        developer_id,
        min(rule) as rule
    from known
    where login is not null
    group by login, developer_id
)

select * from logins
