{% macro codes_test_sql(model, column_name, codes, also) %}
    {%- if also is string or also is not sequence or also | reject('string') | list -%}
        {%- do refuse_argument('also', 'must be a list of codes.') -%}
    {%- endif %}

    select
        count({{ column_name }}) as tested,
        count(case when {{ column_name }} not in (
            {%- for code in codes + also -%}
                {{ sql_text(code) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        ) then 1 end) as failed
    from {{ model }}
{% endmacro %}
