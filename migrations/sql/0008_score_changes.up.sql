-- Scores beside those of other days, and what made the difference.

create view quality.score_trends as
select
    s.table_schema,
    s.table_name,
    s.scored_on,
    s.dimension,
    s.score,
    s.score - lag(s.score) over by_day as change,
    lag(s.scored_on) over by_day as previous_on,
    round(avg(s.score) over last_7_days, 2) as average_7_days,
    round(avg(s.score) over last_30_days, 2) as average_30_days,
    min(s.score) over last_30_days as lowest_30_days,
    s.score - first_value(s.score) over last_7_days as change_7_days,
    s.score - first_value(s.score) over last_30_days as change_30_days
from quality.table_scores as s
window
    by_day as (partition by s.table_schema, s.table_name, s.dimension order by s.scored_on),
    last_7_days as (
        partition by s.table_schema, s.table_name, s.dimension order by s.scored_on
        range between interval '6 days' preceding and current row
    ),
    last_30_days as (
        partition by s.table_schema, s.table_name, s.dimension order by s.scored_on
        range between interval '29 days' preceding and current row
    );
comment on view quality.score_trends is
'Scores beside the day before that was scored, and beside the last 7 and 30 days, that day included.';

create function quality.compare_rules(of_schema text, of_table text, of_day date, previous_day date)
returns table (
    rule text, dimension text, rule_name text, column_name text, status text, previous_status text,
    rows_tested bigint, rows_failed bigint, previous_rows_failed bigint, share numeric, previous_share numeric,
    weight numeric, previous_weight numeric, in_both boolean
)
language sql
stable
as $$
    select
        rule, dimension, coalesce(n.rule_name, b.rule_name), coalesce(n.column_name, b.column_name),
        n.last_status, b.last_status, n.rows_tested, n.rows_failed, b.rows_failed,
        n.passing_share, b.passing_share,
        case when n.passing_share is not null then n.weight end,
        case when b.passing_share is not null then b.weight end,
        n.passing_share is not null and b.passing_share is not null
    from quality.rule_results(of_schema, of_table, of_day) as n
    full join quality.rule_results(of_schema, of_table, previous_day) as b using (rule, dimension)
$$;
comment on function quality.compare_rules is
'What the rules of a table found on two days; weights only of those that measured something.';

-- A score is a weighted mean, so what each rule did to it can be told apart, and adds up to the whole difference:
-- a rule that both days measured moves it by its own weight; one that came or went by how far it lies from the mean of
-- those that stayed. The overall score is a mean of dimensions in the same way.
create view quality.score_changes as
with days as (
    select
        s.table_schema,
        s.table_name,
        s.scored_on,
        lag(s.scored_on) over (partition by s.table_schema, s.table_name order by s.scored_on) as previous_on
    from quality.table_scores as s
    where s.dimension = 'overall'
),

compared as (
    select
        d.table_schema,
        d.table_name,
        d.scored_on,
        d.previous_on,
        r.*
    from days as d
    cross join lateral quality.compare_rules(d.table_schema, d.table_name, d.scored_on, d.previous_on) as r
    where d.previous_on is not null
),

summed as (
    select
        c.*,
        c.weight / sum(c.weight) over of_dimension as part,
        c.previous_weight / sum(c.previous_weight) over of_dimension as previous_part,
        c.weight / sum(c.weight) filter (where c.in_both) over of_dimension as kept_part,
        c.previous_weight / sum(c.previous_weight) filter (where c.in_both) over of_dimension as previous_kept_part,
        coalesce(
            sum(c.weight * c.share) filter (where c.in_both) over of_dimension
            / sum(c.weight) filter (where c.in_both) over of_dimension, 0
        ) as kept_mean,
        coalesce(
            sum(c.previous_weight * c.previous_share) filter (where c.in_both) over of_dimension
            / sum(c.previous_weight) filter (where c.in_both) over of_dimension, 0
        ) as previous_kept_mean,
        sum(c.weight * c.share) over of_dimension / sum(c.weight) over of_dimension as dimension_mean,
        sum(c.previous_weight * c.previous_share) over of_dimension
        / sum(c.previous_weight) over of_dimension as previous_dimension_mean
    from compared as c
    window of_dimension as (partition by c.table_schema, c.table_name, c.scored_on, c.dimension)
),

moved as (
    select
        s.*,
        case
            when s.in_both
                then
                    (s.kept_part + s.previous_kept_part) / 2 * (s.share - s.previous_share)
                    + (s.kept_part - s.previous_kept_part)
                    * ((s.share + s.previous_share) - (s.kept_mean + s.previous_kept_mean)) / 2
            when s.previous_dimension_mean is null or s.dimension_mean is null then null
            when s.share is not null then s.part * (s.share - s.kept_mean)
            when s.previous_share is not null then s.previous_part * (s.previous_kept_mean - s.previous_share)
            else 0
        end as moved_by
    from summed as s
),

-- Windows instead of a join with the dimensions: a condition on table and day gets through to the days alone.
weighed as (
    select
        m.*,
        m.dimension_mean is not null and m.previous_dimension_mean is not null as is_in_both,
        case when m.dimension_mean is not null then n.weight end as dimension_weight,
        case when m.previous_dimension_mean is not null then b.weight end as previous_dimension_weight,
        row_number() over (
            partition by m.table_schema, m.table_name, m.scored_on, m.dimension order by m.rule
        ) = 1 as is_first
    from moved as m
    inner join quality.table_scores as n
        on
            m.table_schema = n.table_schema and m.table_name = n.table_name and m.scored_on = n.scored_on
            and m.dimension = n.dimension
    inner join quality.table_scores as b
        on
            m.table_schema = b.table_schema and m.table_name = b.table_name and m.previous_on = b.scored_on
            and m.dimension = b.dimension
),

dimension_sums as (
    select
        w.*,
        -- Each dimension once.
        sum(w.dimension_weight) filter (where w.is_first) over of_table as weight_sum,
        sum(w.previous_dimension_weight) filter (where w.is_first) over of_table as previous_weight_sum,
        sum(w.dimension_weight) filter (where w.is_first and w.is_in_both) over of_table as kept_sum,
        sum(w.previous_dimension_weight) filter (where w.is_first and w.is_in_both) over of_table as previous_kept_sum,
        sum(w.dimension_weight * w.dimension_mean) filter (where w.is_first and w.is_in_both)
            over of_table as kept_score,
        sum(w.previous_dimension_weight * w.previous_dimension_mean) filter (where w.is_first and w.is_in_both)
            over of_table as previous_kept_score
    from weighed as w
    window of_table as (partition by w.table_schema, w.table_name, w.scored_on)
),

dimension_parts as (
    select
        d.*,
        d.dimension_weight / d.weight_sum as dimension_part,
        d.previous_dimension_weight / d.previous_weight_sum as previous_dimension_part,
        d.dimension_weight / d.kept_sum as kept_dimension_part,
        d.previous_dimension_weight / d.previous_kept_sum as previous_kept_dimension_part,
        coalesce(d.kept_score / d.kept_sum, 0) as kept_dimension_mean,
        coalesce(d.previous_kept_score / d.previous_kept_sum, 0) as previous_kept_dimension_mean
    from dimension_sums as d
),

both_levels as (
    select
        p.*,
        case
            when p.is_in_both
                then
                    (p.kept_dimension_part + p.previous_kept_dimension_part) / 2 * p.moved_by
                    -- Only where somebody changed the dimensions' weights.
                    + (p.kept_dimension_part - p.previous_kept_dimension_part) * coalesce(p.part, 0)
                    * (
                        p.dimension_mean + p.previous_dimension_mean
                        - p.kept_dimension_mean - p.previous_kept_dimension_mean
                    ) / 2
            when p.share is not null then p.dimension_part * p.part * (p.share - p.kept_dimension_mean)
            when p.previous_share is not null
                then
                    p.previous_dimension_part * p.previous_part
                    * (p.previous_kept_dimension_mean - p.previous_share)
            else 0
        end as overall_moved_by
    from dimension_parts as p
)

select
    b.table_schema,
    b.table_name,
    b.scored_on,
    b.previous_on,
    b.dimension,
    b.rule,
    b.rule_name,
    b.column_name,
    b.status,
    b.previous_status,
    trunc(100 * b.share, 2) as share,
    trunc(100 * b.previous_share, 2) as previous_share,
    b.rows_tested,
    b.rows_failed,
    b.previous_rows_failed,
    round(100 * b.moved_by, 4) as moved_by,
    round(100 * b.overall_moved_by, 4) as overall_moved_by
from both_levels as b
where b.status is distinct from b.previous_status or b.moved_by <> 0 or b.overall_moved_by <> 0;
comment on view quality.score_changes is
'Which rules moved a table''s scores since the day before that was scored, and by how many points of 100.';
