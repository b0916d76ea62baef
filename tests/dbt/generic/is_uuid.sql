{% test is_uuid(model, column_name) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- set text = 'cast(' ~ column_name ~ ' as varchar)' %}

{#- A pattern that counts digits takes four times as long. #}
select
    count({{ column_name }}) as tested,
    count(case
        when
            {{ text }} not like '________-____-____-____-____________'
            or length(replace({{ text }}, '-', '')) <> 32
            or not {{ matches(text, '^[0-9a-fA-F-]+$') }}
            then 1
    end) as failed
from {{ model }}

{% endtest %}
