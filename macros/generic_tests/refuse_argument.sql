{% macro refuse_argument(argument, reason) %}
    {#- Here `model` is the test's node; within a generic test it is what is tested. -#}
    {%- set names = modules.re.findall("'([^']*)'", model.test_metadata.kwargs['model']) -%}
    {%- do names.append(model.column_name) if model.column_name -%}
    {% do exceptions.raise_compiler_error(
        model.test_metadata.name ~ ' on ' ~ names | join('.') ~ ': ' ~ argument ~ ' ' ~ reason
    ) %}
{% endmacro %}
