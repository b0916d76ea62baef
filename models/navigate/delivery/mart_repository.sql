with ref_events as (
    select * from {{ ref('ref_events') }}
),

commits as (
    select * from {{ ref('fct_commit') }}
),

latest_ref_events as (
    {{ latest_by('ref_events', ['repository', 'ref']) }}
),

ref_counts as (
    select
        repository,
        count(case when _operation = 'upsert' and ref_kind = 'branch' then 1 end) as branches,
        count(case when _operation = 'upsert' and ref_kind = 'remote_branch' then 1 end) as remote_branches,
        count(case when _operation = 'upsert' and ref_kind = 'tag' then 1 end) as tags,
        count(case when _operation = 'upsert' and ref_kind = 'tag' and is_annotated then 1 end) as annotated_tags,
        max(case when _operation = 'upsert' and ref_kind = 'tag' then tagged_at end) as last_tagged_at
    from latest_ref_events
    group by repository
),

commit_counts as (
    select
        repository,
        count(case when is_reachable then 1 end) as commits,
        count(case when not is_reachable then 1 end) as unreachable_commits,
        min(case when is_reachable then committed_at end) as first_commit_at,
        max(case when is_reachable then committed_at end) as last_commit_at
    from commits
    group by repository
),

repositories as (
    select
        coalesce(ref_counts.repository, commit_counts.repository) as repository,
        coalesce(ref_counts.branches, 0) as branches,
        coalesce(ref_counts.remote_branches, 0) as remote_branches,
        coalesce(ref_counts.tags, 0) as tags,
        coalesce(ref_counts.annotated_tags, 0) as annotated_tags,
        ref_counts.last_tagged_at,
        coalesce(commit_counts.commits, 0) as commits,
        coalesce(commit_counts.unreachable_commits, 0) as unreachable_commits,
        commit_counts.first_commit_at,
        commit_counts.last_commit_at
    from ref_counts
    full outer join commit_counts on ref_counts.repository = commit_counts.repository
)

select * from repositories
