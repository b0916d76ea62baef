{% macro cast_rfc3339(text) -%}
    {{ adapter.dispatch('cast_rfc3339')(text) }}
{%- endmacro %}

{% macro postgres__cast_rfc3339(text) -%}
    {#- Postgres refuses offsets of 16 hours and more, which RFC 3339 allows up to 23:59: those are applied by hand. -#}
    case
        when {{ text }} ~ '[+-](1[6-9]|2[0-3]):?[0-9]{2}$' then (
            regexp_replace({{ text }}, '[+-][0-9]{2}:?[0-9]{2}$', '')::timestamp
            - substring({{ text }} from '[+-][0-9]{2}:?[0-9]{2}$')::interval
        ) at time zone 'UTC'
        else {{ text }}::timestamptz
    end
{%- endmacro %}
