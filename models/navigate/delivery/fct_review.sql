with reviews as (
    select * from {{ ref('reviews') }}
),

pull_requests as (
    select * from {{ ref('pull_requests') }}
),

-- What the author says to their own change, a program, or somebody after the end, isn't what the change waited for.
-- Nobody knows who stood behind accounts that are gone; they count as others.
judged as (
    select
        reviews.review_id,
        reviews.pull_request_id,
        reviews.system,
        reviews.repository,
        reviews.reviewer_id,
        reviews.verdict,
        reviews.submitted_at,
        pull_requests.created_at as opened_at,
        coalesce(reviews.reviewer_id = pull_requests.author_id, false) as is_own,
        coalesce(reviews.is_by_bot, false) as is_by_bot,
        coalesce(reviews.submitted_at > coalesce(pull_requests.merged_at, pull_requests.closed_at), false) as is_late
    from reviews
    left outer join pull_requests on reviews.pull_request_id = pull_requests.pull_request_id
),

counted as (
    select
        judged.*,
        not judged.is_own and not judged.is_by_bot and not judged.is_late and judged.opened_at is not null as counts
    from judged
),

numbered as (
    select
        counted.*,
        case
            when counted.counts then row_number() over (
                partition by counted.pull_request_id, counted.counts
                order by counted.submitted_at, {{ by_code_points('counted.review_id') }}
            )
        end as review_number
    from counted
),

reviewed as (
    select
        review_id,
        pull_request_id,
        system,
        repository,
        reviewer_id,
        verdict,
        submitted_at,
        {{ utc_date('submitted_at') }} as submitted_on,
        is_own,
        is_by_bot,
        is_late,
        counts,
        review_number,
        case when review_number = 1 then {{ seconds_between('opened_at', 'submitted_at') }} end as waited_s
    from numbered
)

select * from reviewed
