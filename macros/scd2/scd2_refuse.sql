{% macro scd2_refuse(reason) %}
    {% do exceptions.raise_compiler_error(this.identifier ~ ' (scd2): ' ~ reason) %}
{% endmacro %}
