{% macro placeholder_values(shape, declared) %}
    {% set columns, values = scd2_version_columns(shape), {} %}
    {% for name in declared if name not in shape.carried %}
        {% do scd2_refuse('placeholder has the column ' ~ name ~ ', which versions lack.') %}
    {% endfor %}
    {% for name in shape.unique_key if declared.get(name) is none %}
        {% do scd2_refuse('placeholder must say the key that it has: ' ~ name ~ ' is missing.') %}
    {% endfor %}
    {% for name, type in columns.items() %}
        {% set value = declared.get(name) %}
        {% set text = 'null' if value is none else sql_text(value | string | lower if value is boolean else value | string) %}
        {% do values.update({name: 'cast(' ~ text ~ ' as ' ~ type ~ ')'}) %}
    {% endfor %}
    {% set moment = columns['valid_from'] %}
    {% do values.update({
        'version_key': placeholder_key(),
        'valid_from': "cast('1970-01-01 00:00:00+00:00' as " ~ moment ~ ')',
        'valid_to': "cast('1970-01-01 00:00:00.000001+00:00' as " ~ moment ~ ')',
        'is_current': 'false',
    }) %}
    {{ return(values) }}
{% endmacro %}
