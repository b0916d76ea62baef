{% macro scd2_put_aside(shape, rejected, staged) %}
    {#- Each once, so that reading an event again adds nothing. -#}
    {% if staged.keyless %}
        {% call statement('put_aside') %}
            insert into {{ rejected }} ({{ scd2_list(shape.columns) }})
            select {{ scd2_list(shape.columns) }}
            from {{ scd2_scratch('scd2_staged') }}
            where {{ scd2_is_keyless(shape) }}
            except
            select {{ scd2_list(shape.columns) }} from {{ rejected }}
        {% endcall %}
    {% endif %}
{% endmacro %}
