{%- set figure_periods = ['week', 'month', 'quarter'] -%}
{%- set stages = ['coding', 'pickup', 'review', 'merge', 'deploy', 'lead_time'] -%}
{%- set metrics = [
    {'name': 'pull_requests_opened', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'pull_requests_merged', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'issues_resolved', 'unit': 'issues', 'kind': 'count'},
    {'name': 'reviews', 'unit': 'reviews', 'kind': 'count'},
    {'name': 'work_in_progress', 'unit': 'pull_requests', 'kind': 'count'},
    {'name': 'coding_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'pickup_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'review_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'merge_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'deploy_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'lead_time', 'unit': 'seconds', 'kind': 'time', 'shortage': 'nothing_merged'},
    {'name': 'review_wait', 'unit': 'seconds', 'kind': 'time', 'shortage': 'no_reviews'},
    {'name': 'age_of_work', 'unit': 'days', 'kind': 'time', 'shortage': 'nothing_open'},
    {'name': 'review_load', 'unit': 'reviews', 'kind': 'people', 'shortage': 'no_reviews'},
    {'name': 'largest_review_share', 'unit': 'share', 'kind': 'people', 'shortage': 'no_reviews'},
    {'name': 'authors', 'unit': 'people', 'kind': 'people', 'shortage': 'no_commits'},
    {'name': 'authors_of_half', 'unit': 'people', 'kind': 'people', 'shortage': 'no_commits'},
] -%}
with people as (
    select
        developer_id,
        person_id
    from {{ ref('dim_developer') }}
    where is_current
),

fct_pull_request as (
    select * from {{ ref('fct_pull_request') }}
),

fct_review as (
    select * from {{ ref('fct_review') }}
),

fct_issue as (
    select * from {{ ref('fct_issue') }}
),

fct_commit as (
    select * from {{ ref('fct_commit') }}
),

members as (
    select
        team,
        person_id,
        valid_from,
        valid_to,
        allocation
    from {{ ref('bridge_team_member') }}
    where allocation > 0
),

teams as (
    select * from {{ ref('dim_team') }}
    where not is_placeholder
),

-- People's work: programs open and merge as many pull requests as they are told to.
pull_requests as (
    select
        fct_pull_request.*,
        {{ utc_date('fct_pull_request.first_reviewed_at') }} as first_reviewed_on,
        coalesce(people.person_id, fct_pull_request.author_id) as person_id
    from fct_pull_request
    left outer join people on fct_pull_request.author_id = people.developer_id
    where not coalesce(fct_pull_request.is_by_bot, false)
),

reviews as (
    select
        fct_review.*,
        coalesce(people.person_id, fct_review.reviewer_id) as person_id
    from fct_review
    left outer join people on fct_review.reviewer_id = people.developer_id
    where fct_review.counts
),

commits as (
    select
        fct_commit.repository,
        fct_commit.commit_hash,
        fct_commit.committed_on,
        fct_commit.authored_at,
        coalesce(people.person_id, fct_commit.author_id) as person_id
    from fct_commit
    left outer join people on fct_commit.author_id = people.developer_id
    where fct_commit.is_reachable and not fct_commit.is_merge and fct_commit.committed_at is not null
),

issues as (
    select
        repository,
        {{ utc_date('resolved_at') }} as resolved_on
    from fct_issue
    where resolved_at is not null
),

scoped_pull_requests as (
    {{ by_scope('pull_requests', [
        'repository', 'pull_request_id', 'opened_on', 'closed_on', 'merged_on', 'first_reviewed_on', 'coding_s',
        'pickup_s', 'review_s', 'merge_s', 'deploy_s', 'lead_time_s'
    ], 'opened_at', 'members', 'teams') }}
),

scoped_reviews as (
    {{ by_scope(
        'reviews', ['repository', 'review_id', 'submitted_on', 'person_id'], 'submitted_at', 'members', 'teams'
    ) }}
),

scoped_commits as (
    {{ by_scope(
        'commits', ['repository', 'commit_hash', 'committed_on', 'person_id'], 'authored_at', 'members', 'teams'
    ) }}
),

-- Services tell who closed an issue, if at all, and not who resolved it; it is no team's.
scoped_issues as (
    {{ by_scope('issues', ['repository', 'resolved_on']) }}
),

-- Services' clocks can be trusted to draw a calendar by; clocks of those who commit can't.
known_days as (
    {% for relation, day in [
        ('scoped_pull_requests', 'opened_on'),
        ('scoped_pull_requests', 'closed_on'),
        ('scoped_reviews', 'submitted_on'),
        ('scoped_issues', 'resolved_on'),
    ] -%}
    select
        scope,
        scope_name,
        repository,
        {{ day }} as day_on
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

known_spans as (
    select
        scope,
        scope_name,
        repository,
        min(day_on) as first_on,
        max(day_on) as last_on
    from known_days
    where day_on is not null
    group by scope, scope_name, repository
),

-- A team that does nothing is told of as long as its repositories are.
spans as (
    select
        known_spans.scope,
        known_spans.scope_name,
        min(known_spans.first_on) as first_on,
        max(of_repositories.last_on) as last_on
    from known_spans
    inner join known_spans as of_repositories
        on of_repositories.scope = 'repository' and known_spans.repository = of_repositories.scope_name
    group by known_spans.scope, known_spans.scope_name
),

days as (
    {{ calendar('spans', ['scope', 'scope_name', 'last_on'], 'first_on', 'last_on', 'day_on') }}
),

days_with_work as (
    select
        scope,
        scope_name,
        day_on,
        last_on
    from days
    union all
    select distinct
        scope,
        scope_name,
        committed_on as day_on,
        cast(null as date) as last_on
    from scoped_commits
),

periods as (
    {% for period in figure_periods -%}
    select
        scope,
        scope_name,
        '{{ period }}' as period,
        {{ period_name(period, 'day_on') }} as period_name,
        min({{ period_start(period, 'day_on') }}) as starts_on,
        min({{ period_end(period, period_start(period, 'day_on')) }}) as ends_on,
        max(case when last_on is not null then day_on end) as measured_on
    from days_with_work
    group by scope, scope_name, {{ period_name(period, 'day_on') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

open_spans as (
    select
        pull_requests.repository,
        pull_requests.pull_request_id,
        pull_requests.person_id,
        pull_requests.opened_at,
        pull_requests.opened_on,
        case
            when pull_requests.closed_on is null then spans.last_on
            else cast(pull_requests.closed_on - interval '1' day as date)
        end as last_open_on
    from pull_requests
    inner join spans on spans.scope = 'repository' and pull_requests.repository = spans.scope_name
    -- What was closed on the day that it was opened was open at no day's end.
    where coalesce(pull_requests.closed_on > pull_requests.opened_on, true)
),

open_days as (
    {{ calendar(
        'open_spans', ['repository', 'pull_request_id', 'person_id', 'opened_at', 'opened_on'], 'opened_on',
        'last_open_on', 'day_on'
    ) }}
),

-- What is open is counted at the end of a period; of the last one, on the last day that anything is known of the
-- repository, whoever's it is.
open_at_the_end as (
    select
        open_days.repository,
        open_days.pull_request_id,
        open_days.person_id,
        open_days.opened_at,
        periods.period_name,
        {{ seconds_between('cast(open_days.opened_on as timestamp)', 'cast(open_days.day_on as timestamp)') }} / 86400
            as age_days
    from open_days
    inner join periods
        on
            periods.scope = 'repository'
            and open_days.repository = periods.scope_name
            and open_days.day_on = periods.measured_on
),

scoped_open as (
    {{ by_scope('open_at_the_end', ['pull_request_id', 'period_name', 'age_days'], 'opened_at', 'members', 'teams') }}
),

happened as (
    select
        scope,
        scope_name,
        share,
        opened_on as happened_on,
        'pull_requests_opened' as metric,
        cast(1 as double precision) as amount
    from scoped_pull_requests
    union all
    select
        scope,
        scope_name,
        share,
        merged_on as happened_on,
        'pull_requests_merged' as metric,
        cast(1 as double precision) as amount
    from scoped_pull_requests
    union all
    {% for stage in stages -%}
    select
        scope,
        scope_name,
        share,
        merged_on as happened_on,
        '{{ stage if stage == 'lead_time' else stage ~ '_time' }}' as metric,
        {{ stage }}_s as amount
    from scoped_pull_requests
    union all
    {% endfor -%}
    select
        scope,
        scope_name,
        share,
        first_reviewed_on as happened_on,
        'review_wait' as metric,
        pickup_s as amount
    from scoped_pull_requests
    union all
    select
        scope,
        scope_name,
        share,
        resolved_on as happened_on,
        'issues_resolved' as metric,
        cast(1 as double precision) as amount
    from scoped_issues
    union all
    select
        scope,
        scope_name,
        share,
        submitted_on as happened_on,
        'reviews' as metric,
        cast(1 as double precision) as amount
    from scoped_reviews
),

measured as (
    {% for period in figure_periods -%}
    select
        scope,
        scope_name,
        {{ period_name(period, 'happened_on') }} as period_name,
        metric,
        share,
        amount
    from happened
    where happened_on is not null
    union all
    {% endfor -%}
    select
        scope,
        scope_name,
        period_name,
        'work_in_progress' as metric,
        share,
        cast(1 as double precision) as amount
    from scoped_open
    union all
    select
        scope,
        scope_name,
        period_name,
        'age_of_work' as metric,
        share,
        age_days as amount
    from scoped_open
),

summed as (
    select
        scope,
        scope_name,
        period_name,
        metric,
        {{ ordered_sum('case when amount >= 0 then share end') }} as allocated,
        count(case when amount >= 0 then 1 end) as n,
        count(case when amount < 0 then 1 end) as excluded,
        count(*) as candidates,
        {{ percentile_cont('case when amount >= 0 then amount end', 0.5) }} as median,
        {{ percentile_cont('case when amount >= 0 then amount end', 0.9) }} as p90,
        {{ ordered_sum('case when amount >= 0 then amount end') }} / nullif(count(case when amount >= 0 then 1 end), 0)
            as mean
    from measured
    group by scope, scope_name, period_name, metric
),

-- Nobody knows how many people stood behind accounts that are gone.
reviewers as (
    {% for period in figure_periods -%}
    select
        scope,
        scope_name,
        {{ period_name(period, 'submitted_on') }} as period_name,
        person_id,
        count(*) as n,
        {{ ordered_sum('share') }} as reviews
    from scoped_reviews
    where person_id is not null
    group by scope, scope_name, {{ period_name(period, 'submitted_on') }}, person_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

review_loads as (
    select
        scope,
        scope_name,
        period_name,
        cast(sum(n) as bigint) as n,
        {{ ordered_sum('reviews') }} as allocated,
        {{ ordered_sum('reviews') }} / count(*) as mean_load,
        {{ percentile_cont('reviews', 0.9) }} as p90_load,
        max(reviews) / {{ ordered_sum('reviews') }} as largest_share
    from reviewers
    group by scope, scope_name, period_name
),

authors as (
    {% for period in figure_periods -%}
    select
        scope,
        scope_name,
        {{ period_name(period, 'committed_on') }} as period_name,
        person_id,
        count(*) as n,
        {{ ordered_sum('share') }} as commits
    from scoped_commits
    group by scope, scope_name, {{ period_name(period, 'committed_on') }}, person_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Those who wrote most come first. Somebody is needed for half of the commits if those before them wrote less; rounding
-- leaves less than a thousand millionth.
ranked_authors as (
    select
        scope,
        scope_name,
        period_name,
        n,
        commits,
        sum(commits) over (partition by scope, scope_name, period_name) as all_commits,
        coalesce(sum(commits) over so_far, 0) as commits_before
    from authors
    window
        so_far as (
            partition by scope, scope_name, period_name
            order by commits desc, {{ by_code_points('person_id') }}
            rows between unbounded preceding and 1 preceding
        )
),

spreads as (
    select
        scope,
        scope_name,
        period_name,
        cast(sum(n) as bigint) as n,
        {{ ordered_sum('commits') }} as allocated,
        count(*) as authors,
        count(case when 2 * commits_before < all_commits - 0.000000001 then 1 end) as authors_of_half
    from ranked_authors
    group by scope, scope_name, period_name
),

told_of_people as (
    {% for relation, metric, figure, p90 in [
        ('review_loads', 'review_load', 'mean_load', 'p90_load'),
        ('review_loads', 'largest_review_share', 'largest_share', 'null'),
        ('spreads', 'authors', 'authors', 'null'),
        ('spreads', 'authors_of_half', 'authors_of_half', 'null'),
    ] -%}
    select
        scope,
        scope_name,
        period_name,
        '{{ metric }}' as metric,
        cast({{ figure }} as double precision) as figure,
        cast({{ p90 }} as double precision) as p90,
        n,
        allocated
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

metrics as (
    {% for metric in metrics -%}
    select
        '{{ metric.name }}' as metric,
        '{{ metric.unit }}' as unit,
        '{{ metric.kind }}' as kind,
        '{{ metric.shortage | default('no_pull_requests') }}' as shortage
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Between the first day that services tell of and the last, none is a number.
figures as (
    select
        periods.scope,
        periods.scope_name,
        periods.period,
        periods.period_name,
        periods.starts_on,
        periods.ends_on,
        metrics.metric,
        metrics.unit,
        case metrics.kind
            when 'count' then coalesce(summed.allocated, case when periods.measured_on is not null then 0 end)
            when 'time' then summed.median
            else told_of_people.figure
        end as figure,
        case metrics.kind when 'time' then summed.p90 when 'people' then told_of_people.p90 end as p90,
        case metrics.kind when 'time' then summed.mean end as mean,
        coalesce(summed.n, told_of_people.n, 0) as n,
        coalesce(summed.allocated, told_of_people.allocated, 0) as allocated,
        coalesce(summed.excluded, 0) as excluded,
        case metrics.kind
            when 'time' then cast(summed.n as double precision) / nullif(summed.candidates, 0)
        end as coverage,
        case
            when metrics.kind = 'count' and periods.measured_on is null then metrics.shortage
            when metrics.kind = 'time' and summed.metric is null then metrics.shortage
            when metrics.kind = 'time' and summed.n = 0 then 'not_timed'
            when metrics.kind = 'people' and told_of_people.metric is null then metrics.shortage
            when metrics.kind <> 'count' and coalesce(summed.n, told_of_people.n) < 5 then 'too_few'
        end as reason
    from periods
    inner join metrics on periods.scope = 'repository' or metrics.metric <> 'issues_resolved'
    left outer join summed
        on
            periods.scope = summed.scope
            and periods.scope_name = summed.scope_name
            and periods.period_name = summed.period_name
            and metrics.metric = summed.metric
    left outer join told_of_people
        on
            periods.scope = told_of_people.scope
            and periods.scope_name = told_of_people.scope_name
            and periods.period_name = told_of_people.period_name
            and metrics.metric = told_of_people.metric
),

performance as (
    select
        scope,
        scope_name,
        period,
        period_name,
        starts_on,
        ends_on,
        metric,
        unit,
        case when reason is null then figure end as value,
        case when reason is null then p90 end as p90,
        case when reason is null then mean end as mean,
        n,
        allocated,
        excluded,
        coverage,
        reason
    from figures
)

select * from performance
