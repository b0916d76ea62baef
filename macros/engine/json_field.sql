{% macro json_field(document, field, data_type) -%}
    {{ adapter.dispatch('json_field')(document, field, data_type) }}
{%- endmacro %}

{% macro postgres__json_field(document, field, data_type) -%}
    {%- set json_value = document ~ ' -> ' ~ sql_text(field) -%}
    {%- if data_type == 'json' -%}
        nullif({{ json_value }}, 'null'::jsonb)
    {%- elif data_type == 'json[]' -%}
        case jsonb_typeof({{ json_value }}) when 'array' then array(
            select nullif(item.value, 'null'::jsonb)
            from jsonb_array_elements({{ json_value }}) with ordinality as item (value, place)
            order by item.place
        ) end
    {%- elif data_type.endswith('[]') -%}
        case jsonb_typeof({{ json_value }}) when 'array' then array(
            select {{ cast_text('item.value', data_type[:-2]) }}
            from jsonb_array_elements_text({{ json_value }}) with ordinality as item (value, place)
            order by item.place
        ) end
    {%- else -%}
        {{ cast_text('(' ~ document ~ ' ->> ' ~ sql_text(field) ~ ')', data_type) }}
    {%- endif -%}
{%- endmacro %}
