{% test version_was_valid(model, column_name, dimension, key, at) %}
{{ config(fail_calc='sum(failed)') }}
{%- set of_fact = {} -%}
{%- for name, value in key.items() -%}
    {%- do of_fact.update({name: 'fact.' ~ value}) -%}
{%- endfor %}

select
    count(*) as tested,
    count(case
        when taken.version_key is null then 1
        when taken.version_key <> coalesce(version.version_key, {{ placeholder_key() }}) then 1
    end) as failed
from {{ model }} as fact
left outer join {{ dimension }} as taken on fact.{{ column_name }} = taken.version_key
left outer join {{ dimension }} as version on {{ version_at('version', of_fact, 'fact.' ~ at) }}

{% endtest %}
