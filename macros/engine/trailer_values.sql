{% macro trailer_values(text, trailer) -%}
    {{ adapter.dispatch('trailer_values')(text, trailer) }}
{%- endmacro %}

{% macro default__trailer_values(text, trailer) -%}
    regexp_extract_all({{ text }}, {{ sql_text('(?im)^' ~ trailer ~ ':[ \\t]*([^\\r\\n]*)') }}, 1)
{%- endmacro %}

{% macro postgres__trailer_values(text, trailer) -%}
    array(
        select found.value[1]
        from regexp_matches({{ text }}, {{ sql_text('^' ~ trailer ~ ':[ \\t]*([^\\r\\n]*)') }}, 'gin') as found (value)
    )
{%- endmacro %}
