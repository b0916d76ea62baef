{% macro keep_placeholder(versions, shape) %}
    {#- It holds for a microsecond that nobody asks for, so that no question about a time, nor about now, meets it. -#}
    {% set declared = config.get('placeholder') %}
    {% if declared %}
        {% set columns, values, key = scd2_version_columns(shape), placeholder_values(shape, declared), [] %}
        {% for name in shape.unique_key %}
            {% do key.append(quoted_identifier(name) ~ ' = ' ~ values[name]) %}
        {% endfor %}
        {% if scd2_count(scd2_sibling(versions, 'events') ~ ' where ' ~ key | join(' and ')) %}
            {% do scd2_refuse('a change event has the key of the placeholder. Give the placeholder one that no member has.') %}
        {% endif %}
        {% call statement('keep_placeholder') %}{{ adapter.dispatch('keep_placeholder_sql')(versions, values) }}{% endcall %}
    {% endif %}
{% endmacro %}

{% macro postgres__keep_placeholder_sql(versions, values) %}
    insert into {{ versions }} as held ({{ scd2_list(values) }})
    values ({{ values.values() | join(', ') }})
    on conflict (version_key) do update
    set {% for name in values if name != 'version_key' -%}
        {{ quoted_identifier(name) }} = excluded.{{ quoted_identifier(name) }}{{ ', ' if not loop.last }}
    {%- endfor %}
    where ({{ scd2_list(values, 'held') }}) is distinct from ({{ scd2_list(values, 'excluded') }})
{% endmacro %}
