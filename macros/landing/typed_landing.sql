{% macro typed_landing(system, entity) %}
    {%- set landing_table = source(system, entity) -%}
    {%- if execute -%}
    {%- set landing = source_node(system, entity).config.meta.landing %}
    select
        batch_id as _batch_id,
        line as _line,
        key as _key,
        event_at as _event_at,
        received_at as _received_at,
        operation as _operation,
        sha256 as _sha256
        {%- for column in source_node(system, entity).columns.values() %},
        {# Times are rounded once, by the landing: read again, the visible time could differ from the one that orders. #}
        {{ 'event_at' if column.name == landing.event_at else json_field('payload', column.name, column.data_type) }} as {{ quoted_identifier(column.name) }}
        {%- endfor %}
    from {{ landing_table }}
    {%- else -%}
    select * from {{ landing_table }}
    {%- endif -%}
{% endmacro %}
