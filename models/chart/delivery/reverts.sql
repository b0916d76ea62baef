with recursive revert_lines as (
    select * from {{ ref('revert_lines') }}
),

default_branches as (
    select * from {{ ref('default_branches') }}
),

commit_parents as (
    select * from {{ ref('commit_parents') }}
),

commit_events as (
    select * from {{ ref('commit_events') }}
    where _operation = 'upsert'
),

-- Of repositories without such a line, nobody asks.
heads as (
    select
        repository,
        head_hash
    from default_branches
    where repository in (select revert_lines.repository from revert_lines)
),

history as (
    select
        repository,
        head_hash as commit_hash
    from heads
    union
    select
        commit_parents.repository,
        commit_parents.parent_hash as commit_hash
    from history
    inner join commit_parents
        on history.repository = commit_parents.repository and history.commit_hash = commit_parents.commit_hash
),

counted as (
    select
        revert_lines.repository,
        revert_lines.commit_hash,
        revert_lines.quoted_hash
    from revert_lines
    inner join history
        on revert_lines.repository = history.repository and revert_lines.commit_hash = history.commit_hash
),

-- Lower-case hexadecimal digits sort before g in every collation, so this is: begins with.
resolved as (
    select
        counted.repository,
        counted.commit_hash,
        counted.quoted_hash,
        min(commit_events.commit_hash) as reverted_hash
    from counted
    inner join commit_events
        on
            counted.repository = commit_events.repository
            and counted.quoted_hash <= commit_events.commit_hash
            and counted.quoted_hash || 'g' > commit_events.commit_hash
    group by counted.repository, counted.commit_hash, counted.quoted_hash
    having count(distinct commit_events.commit_hash) = 1
),

reverts as (
    select distinct
        repository,
        commit_hash,
        reverted_hash
    from resolved
)

select * from reverts
