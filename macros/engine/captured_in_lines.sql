{% macro captured_in_lines(relation, columns, text, pattern, capture) -%}
    {{ adapter.dispatch('captured_in_lines')(relation, columns, text, pattern, capture) }}
{%- endmacro %}

{% macro default__captured_in_lines(relation, columns, text, pattern, capture) -%}
    select
        {% for column in columns %}one_row.{{ column }},
        {% endfor %}found.{{ capture }}
    from {{ relation }} as one_row
    cross join unnest(regexp_extract_all(one_row.{{ text }}, {{ sql_text('(?m)' ~ pattern) }}, 1)) as found ({{ capture }})
{%- endmacro %}

{% macro postgres__captured_in_lines(relation, columns, text, pattern, capture) -%}
    select
        {% for column in columns %}one_row.{{ column }},
        {% endfor %}found.captures[1] as {{ capture }}
    from {{ relation }} as one_row
    cross join lateral regexp_matches(one_row.{{ text }}, {{ sql_text(pattern) }}, 'gn') as found (captures)
{%- endmacro %}
