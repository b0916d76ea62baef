{% macro mentioned_hashes(text) -%}
    {{ adapter.dispatch('mentioned_hashes')(text) }}
{%- endmacro %}

{% macro default__mentioned_hashes(text) -%}
    array_sort(array_distinct(regexp_extract_all({{ text }}, '\b[0-9a-f]{7,40}\b')))
{%- endmacro %}

{% macro postgres__mentioned_hashes(text) -%}
    array(
        select distinct found.hash[1]
        from regexp_matches({{ text }}, '\m[0-9a-f]{7,40}\M', 'g') as found (hash)
        order by found.hash[1]
    )
{%- endmacro %}
