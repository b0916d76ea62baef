{% test version_was_valid(model, column_name, dimension, key, at) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'consistency'}) }}
{%- do check_relation('dimension', dimension) -%}
{%- if key is not mapping or not key -%}
    {%- do refuse_argument('key', "must be a mapping from the dimension's columns to the fact's.") -%}
{%- endif -%}
{%- set of_fact = {} -%}
{%- for name, value in key.items() -%}
    {%- do of_fact.update({name: 'fact.' ~ value}) -%}
{%- endfor %}

with fact as (
    select * from {{ model }}
)

select
    count(*) as tested,
    count(case
        when taken.version_key is null then 1
        when taken.version_key <> coalesce(version.version_key, {{ placeholder_key() }}) then 1
    end) as failed
from fact
left outer join {{ dimension }} as taken on fact.{{ column_name }} = taken.version_key
left outer join {{ dimension }} as version on {{ version_at('version', of_fact, 'fact.' ~ at) }}

{% endtest %}
