{% macro variables_in(code) %}
    {#- What the code asks for by var(), env_var() and target, as text: other values may compile to other SQL. -#}
    {% set found = {} %}
    {% for kind, name in modules.re.findall("\\b(env_var|var)\\s*\\(\\s*['\"]([^'\"]+)['\"]", code) %}
        {% do found.update({kind ~ ' ' ~ name: (env_var(name, '') if kind == 'env_var' else var(name, none)) | string}) %}
    {% endfor %}
    {% for name in modules.re.findall("\\btarget(?:\\.|\\[['\"])(\\w+)", code) if name in target %}
        {% do found.update({'target ' ~ name: target[name] | string}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
