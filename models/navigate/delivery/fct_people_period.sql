with people as (
    select
        developer_id,
        person_id
    from {{ ref('dim_developer') }}
    where is_current
),

work_scopes as (
    select * from {{ ref('bridge_work_scope') }}
    where kind = 'review'
),

fct_review as (
    select * from {{ ref('fct_review') }}
),

commits as (
    select
        fct_commit.repository,
        fct_commit.commit_hash,
        fct_commit.committed_on,
        coalesce(people.person_id, fct_commit.author_id) as person_id
    from {{ ref('fct_commit') }} as fct_commit
    left outer join people on fct_commit.author_id = people.developer_id
    where fct_commit.is_reachable and not fct_commit.is_merge and fct_commit.committed_at is not null
),

commit_teams as (
    select * from {{ ref('bridge_commit_team') }}
),

organisations as (
    select * from {{ ref('repository_organisations') }}
),

scoped_commits as (
    {{ commits_by_scope('commits', 'commit_teams', 'organisations', ['committed_on', 'person_id']) }}
),

-- Nobody knows how many people stood behind accounts that are gone.
scoped_reviews as (
    select
        work_scopes.scope,
        work_scopes.scope_name,
        work_scopes.share,
        fct_review.submitted_on,
        coalesce(people.person_id, fct_review.reviewer_id) as person_id
    from work_scopes
    inner join fct_review on work_scopes.work_id = fct_review.review_id
    left outer join people on fct_review.reviewer_id = people.developer_id
    where fct_review.reviewer_id is not null
),

placed_reviews as (
    {{ in_periods(
        'scoped_reviews', ['scope', 'scope_name', 'person_id', 'share'], 'submitted_on', ['week', 'month', 'quarter']
    ) }}
),

reviewers as (
    select
        scope,
        scope_name,
        period_name,
        person_id,
        count(*) as n,
        {{ ordered_sum('share') }} as share
    from placed_reviews
    group by scope, scope_name, period_name, person_id
),

review_loads as (
    select
        scope,
        scope_name,
        period_name,
        cast(sum(n) as bigint) as n,
        {{ ordered_sum('share') }} as allocated,
        {{ ordered_sum('share') }} / count(*) as mean_load,
        {{ percentile_cont('share', 0.9) }} as p90_load,
        max(share) / {{ ordered_sum('share') }} as largest_share
    from reviewers
    group by scope, scope_name, period_name
),

placed_commits as (
    {{ in_periods(
        'scoped_commits', ['scope', 'scope_name', 'person_id', 'share'], 'committed_on', ['week', 'month', 'quarter']
    ) }}
),

authors as (
    select
        scope,
        scope_name,
        period_name,
        person_id,
        count(*) as n,
        {{ ordered_sum('share') }} as share
    from placed_commits
    group by scope, scope_name, period_name, person_id
),

-- Those who wrote most come first. Somebody is needed for half of the commits if those before them wrote less; rounding
-- leaves less than a thousand millionth.
ranked_authors as (
    select
        scope,
        scope_name,
        period_name,
        n,
        share,
        sum(share) over (partition by scope, scope_name, period_name) as all_commits,
        coalesce(sum(share) over so_far, 0) as commits_before
    from authors
    window
        so_far as (
            partition by scope, scope_name, period_name
            order by share desc, {{ by_code_points('person_id') }}
            rows between unbounded preceding and 1 preceding
        )
),

spreads as (
    select
        scope,
        scope_name,
        period_name,
        cast(sum(n) as bigint) as n,
        {{ ordered_sum('share') }} as allocated,
        count(*) as authors,
        count(case when 2 * commits_before < all_commits - 0.000000001 then 1 end) as authors_of_half
    from ranked_authors
    group by scope, scope_name, period_name
),

told as (
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
        n,
        allocated,
        cast({{ figure }} as double precision) as figure,
        cast({{ p90 }} as double precision) as p90
    from {{ relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from told
