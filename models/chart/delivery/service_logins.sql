{%- set sightings = [
    {'model': 'github__pull_requests', 'host': "split_part(repository_id, '/', 1)", 'login': 'author_login'},
    {'model': 'github__reviews', 'host': "split_part(repository_id, '/', 1)", 'login': 'reviewer_login'},
    {'model': 'github__issues', 'host': "split_part(repository_id, '/', 1)", 'login': 'author_login'},
    {'model': 'gitlab__merge_requests', 'host': "split_part(repository_id, '/', 1)", 'login': 'author_login'},
    {'model': 'gitlab__reviews', 'host': "split_part(repository_id, '/', 1)", 'login': 'reviewer_login'},
    {'model': 'gitlab__issues', 'host': "split_part(repository_id, '/', 1)", 'login': 'author_login'},
    {'model': 'jira__issues', 'host': 'site', 'login': 'author'},
] -%}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        indexes=[{'columns': ['_batch_id']}]
    )
}}

{% for sighting in sightings -%}
{{ 'with' if loop.first }} {{ sighting.model }} as (
    select
        _batch_id,
        _received_at,
        {{ login_id(sighting.host, sighting.login) }} as developer_id,
        lower({{ sighting.login }}) as login
    from {{ ref(sighting.model) }}
    where {{ claimed_batches() }}
),

{% endfor -%}
seen as (
    {% for sighting in sightings -%}
    select * from {{ sighting.model }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Each once, with the batch that told first.
ranked as (
    select
        seen.*,
        row_number() over (partition by seen.developer_id order by seen._batch_id, seen._received_at) as place
    from seen
    where seen.developer_id is not null
),

logins as (
    select
        _batch_id,
        _received_at,
        developer_id,
        login
    from ranked
    where place = 1 {{ 'and developer_id not in (select developer_id from ' ~ this ~ ')' if is_incremental() }}
)

select * from logins
