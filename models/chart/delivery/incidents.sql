-- What counts as an incident: a label, or the type of an issue, as the variables say.
with issues as (
    select * from {{ ref('issues') }}
),

labels as (
    {{ unnested('issues', ['issue_id'], 'labels', 'label') }}
),

labelled as (
    select distinct issue_id
    from labels
    where lower(label) in ({{ sql_texts(var('incident_labels') | map('lower')) }})
),

incidents as (
    select
        'issue:' || issues.issue_id as incident_id,
        issues.system,
        issues.repository,
        issues.issue_id,
        issues.issue_name,
        issues.title,
        issues.created_at as opened_at,
        issues.resolved_at,
        {{ mentioned_hashes("coalesce(issues.title, '') || ' ' || coalesce(issues.body, '')") }} as mentioned_hashes,
        {{ mentioned_names("coalesce(issues.title, '') || ' ' || coalesce(issues.body, '')") }} as mentioned_names
    from issues
    left outer join labelled on issues.issue_id = labelled.issue_id
    where
        labelled.issue_id is not null
        or lower(issues.issue_type) in ({{ sql_texts(var('incident_types') | map('lower')) }})
)

select * from incidents
