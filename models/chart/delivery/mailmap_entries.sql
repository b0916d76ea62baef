with refs as (
    select * from {{ ref('git__refs') }}
    where kind in ('branch', 'remote_branch')
),

default_branches as (
    select * from {{ ref('default_branches') }}
),

latest as (
    {{ latest_by('refs', ['repository', 'ref']) }}
),

-- A mailmap lands with its branch, for it changes with a commit.
of_default_branches as (
    select
        latest.repository,
        latest.mailmap
    from latest
    inner join default_branches on latest.repository = default_branches.repository and latest.ref = default_branches.ref
    where latest._operation = 'upsert'
),

entries as (
    {{ unnested('of_default_branches', ['repository'], 'mailmap', 'entry') }}
),

parted as (
    select
        repository,
        lower({{ clean_text(json_field('entry', 'commit_email', 'text')) }}) as commit_email,
        {{ clean_text(json_field('entry', 'commit_name', 'text')) }} as commit_name,
        {{ clean_text(json_field('entry', 'proper_name', 'text')) }} as proper_name,
        lower({{ clean_text(json_field('entry', 'proper_email', 'text')) }}) as proper_email
    from entries
),

mailmap as (
    select
        repository,
        commit_email,
        coalesce(commit_name, '') as commit_name,
        max(proper_name) as proper_name,
        max(proper_email) as proper_email
    from parted
    where commit_email is not null
    group by repository, commit_email, coalesce(commit_name, '')
)

select * from mailmap
