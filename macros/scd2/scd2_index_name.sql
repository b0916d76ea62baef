{% macro scd2_index_name(relation, what) %}
    {#- Until a rebuilt table is swapped in, the old one's indexes keep their names; and names end at 63 bytes. -#}
    {%- set end = '_' ~ what ~ '_' ~ local_md5(invocation_id ~ relation.identifier)[:8] -%}
    {%- set start = relation.identifier.encode()[:63 - end | length].decode('utf-8', 'ignore') -%}
    {{ return(quoted_identifier(start ~ end)) }}
{% endmacro %}
