{% macro scd2_version_key(shape) -%}
    {{ adapter.dispatch('scd2_version_key')(shape) }}
{%- endmacro %}

{% macro postgres__scd2_version_key(shape) -%}
    {#- Each part goes in with its length, so that ('a', 'bc') and ('ab', 'c') differ. -#}
    {%- set parts = [] -%}
    {%- for name in shape.unique_key -%}
        {%- set text = scd2_key_text(quoted_identifier(name), shape.columns[name]) -%}
        {%- do parts.append('length(' ~ text ~ ") || ':' || " ~ text) -%}
    {%- endfor -%}
    {%- set moment = 'extract(epoch from ' ~ quoted_identifier(shape.updated_at) ~ ')' -%}
    cast(encode(substring(sha256(convert_to({{ parts | join(' || ') }} || {{ moment }}, 'UTF8')) for 16), 'hex') as uuid)
{%- endmacro %}
