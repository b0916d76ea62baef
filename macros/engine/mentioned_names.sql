{% macro mentioned_names(text) -%}
    {{ adapter.dispatch('mentioned_names')(text) }}
{%- endmacro %}

{% macro default__mentioned_names(text) -%}
    array_sort(array_distinct(transform(
        filter(regexp_extract_all({{ text }}, '[^\s"''(){}\[\]<>,;:!?|`*]+'), name -> regexp_like(name, '[0-9]')),
        name -> regexp_replace(name, '\.+$', '')
    )))
{%- endmacro %}

{% macro postgres__mentioned_names(text) -%}
    array(
        select distinct rtrim(found.name[1], '.')
        from regexp_matches({{ text }}, '[^\s"''(){}\[\]<>,;:!?|`*]+', 'g') as found (name)
        where found.name[1] ~ '[0-9]'
        order by rtrim(found.name[1], '.')
    )
{%- endmacro %}
