{%- set stages = [
    {'name': 'coding', 'from': 'first_authored_at', 'to': 'opened_at',
     'shortage': "case when first_authored_at is null then 'no_commits' end"},
    {'name': 'pickup', 'from': 'opened_at', 'to': 'first_reviewed_at',
     'shortage': "case when first_reviewed_at is null then 'unreviewed' end"},
    {'name': 'review', 'from': 'first_reviewed_at', 'to': 'approved_at',
     'shortage': "case when first_reviewed_at is null then 'unreviewed' when approved_at is null then 'unapproved' end"},
    {'name': 'merge', 'from': 'approved_at', 'to': 'merged_at',
     'shortage': "case when merged_at is null then 'not_merged' when approved_at is null then 'unapproved' end"},
    {'name': 'deploy', 'from': 'merged_at', 'to': 'deployed_at', 'shortage': 'undeployed'},
    {'name': 'lead_time', 'from': 'first_authored_at', 'to': 'deployed_at',
     'shortage': "case when first_authored_at is null then 'no_commits' else undeployed end"},
] -%}
with pull_requests as (
    select * from {{ ref('pull_requests') }}
),

reviews as (
    select * from {{ ref('fct_review') }}
    where counts
),

commit_deployments as (
    select * from {{ ref('fct_commit_deployment') }}
),

-- An approval holds unless somebody asked for changes afterwards, or its giver took it back.
judged as (
    select
        pull_request_id,
        reviewer_id,
        verdict,
        submitted_at,
        max(case when verdict = 'changes_requested' then submitted_at end) over (partition by pull_request_id)
            as changes_requested_at,
        max(case when verdict = 'dismissed' then submitted_at end) over (partition by pull_request_id, reviewer_id)
            as withdrawn_at
    from reviews
),

reviewed as (
    select
        pull_request_id,
        count(*) as reviews,
        count(distinct reviewer_id) as reviewers,
        min(submitted_at) as first_reviewed_at,
        min(
            case
                when
                    verdict = 'approved'
                    and submitted_at > coalesce(changes_requested_at, {{ start_of_time() }})
                    and submitted_at > coalesce(withdrawn_at, {{ start_of_time() }})
                    then submitted_at
            end
        ) as approved_at
    from judged
    group by pull_request_id
),

-- What a merge left on the base branch; where that isn't known (a fast-forward leaves nothing of its own), the head.
followed as (
    select
        pull_requests.*,
        pull_requests.created_at as opened_at,
        reviewed.first_reviewed_at,
        reviewed.approved_at,
        coalesce(reviewed.reviews, 0) as reviews,
        coalesce(reviewed.reviewers, 0) as reviewers,
        coalesce(merge_commits.commit_hash, head_commits.commit_hash) as shipped_hash,
        case when merge_commits.commit_hash is null then head_commits.deployment_id else merge_commits.deployment_id end
            as deployment_id,
        case when merge_commits.commit_hash is null then head_commits.deployed_at else merge_commits.deployed_at end
            as deployed_at,
        case when merge_commits.commit_hash is null then head_commits.is_baseline else merge_commits.is_baseline end
            as is_baseline
    from pull_requests
    left outer join reviewed on pull_requests.pull_request_id = reviewed.pull_request_id
    left outer join commit_deployments as merge_commits
        on
            pull_requests.state = 'merged'
            and pull_requests.repository = merge_commits.repository
            and pull_requests.merge_commit_hash = merge_commits.commit_hash
    left outer join commit_deployments as head_commits
        on
            pull_requests.state = 'merged'
            and pull_requests.repository = head_commits.repository
            and pull_requests.head_hash = head_commits.commit_hash
),

told as (
    select
        followed.*,
        case
            when followed.state <> 'merged' then 'not_merged'
            when followed.shipped_hash is null then 'commit_unknown'
            when followed.deployment_id is null then 'not_shipped'
            when followed.is_baseline then 'baseline'
        end as undeployed
    from followed
),

-- A wrong clock, or a branch that was rewritten after it was opened, makes a stage negative; marts leave those out.
staged as (
    select
        pull_request_id,
        system,
        repository,
        number,
        title,
        state,
        is_draft,
        author_id,
        is_by_bot,
        first_authored_at,
        opened_at,
        {{ utc_date('opened_at') }} as opened_on,
        first_reviewed_at,
        approved_at,
        merged_at,
        {{ utc_date('merged_at') }} as merged_on,
        closed_at,
        {{ utc_date('coalesce(merged_at, closed_at)') }} as closed_on,
        deployment_id,
        deployed_at,
        {% for stage in stages -%}
        case when {{ stage.shortage }} is null then {{ seconds_between(stage.from, stage.to) }} end
            as {{ stage.name }}_s,
        {{ stage.shortage }} as {{ stage.name }}_reason,
        {% endfor -%}
        reviews,
        reviewers,
        lines_added,
        lines_deleted,
        files_changed
    from told
)

select * from staged
