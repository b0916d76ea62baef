{% macro calendar(relation, columns, first_on, last_on, day) -%}
    {{ adapter.dispatch('calendar')(relation, columns, first_on, last_on, day) }}
{%- endmacro %}

{% macro default__calendar(relation, columns, first_on, last_on, day) -%}
    select
        {% for column in columns %}spanned.{{ column }},
        {% endfor %}days.{{ day }}
    from {{ relation }} as spanned
    cross join unnest(sequence(spanned.{{ first_on }}, spanned.{{ last_on }}, interval '1' day)) as days ({{ day }})
{%- endmacro %}

{% macro postgres__calendar(relation, columns, first_on, last_on, day) -%}
    select
        {% for column in columns %}spanned.{{ column }},
        {% endfor %}spanned.{{ first_on }} + days.passed as {{ day }}
    from {{ relation }} as spanned
    cross join lateral generate_series(0, spanned.{{ last_on }} - spanned.{{ first_on }}) as days (passed)
{%- endmacro %}
