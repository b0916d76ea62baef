{% macro scd2_sibling(relation, what) %}
    {#- Postgres cuts names after 63 bytes, so a long one is cut here, by a rule that keeps two of them apart. -#}
    {%- set suffix = '__' ~ what -%}
    {%- set name = relation.identifier -%}
    {%- if (name ~ suffix).encode() | length > 63 -%}
        {%- set mark = '_' ~ local_md5(name)[:8] -%}
        {%- set kept = name.encode()[:63 - (mark ~ suffix) | length] -%}
        {%- set name = kept.decode('utf-8', 'ignore') ~ mark -%}
    {%- endif -%}
    {{ return(relation.incorporate(path={'identifier': name ~ suffix}, type='table')) }}
{% endmacro %}
