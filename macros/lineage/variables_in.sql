{% macro variables_in(code) %}
    {#- What the code asks for by var() and env_var(), as text: other values may compile to other SQL. -#}
    {% set found = {} %}
    {% for kind, name in modules.re.findall("\\b(env_var|var)\\(\\s*['\"]([^'\"]+)['\"]", code) %}
        {% do found.update({kind ~ ' ' ~ name: (env_var(name, '') if kind == 'env_var' else var(name, none)) | string}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
