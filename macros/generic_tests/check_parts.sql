{% macro check_parts(parts) %}
    {% if parts is mapping or parts is string or parts is not sequence or not parts %}
        {% do refuse_argument('parts', 'must be a list of mappings with relation, expression, where.') %}
    {% endif %}
    {% for part in parts %}
        {% if part is not mapping or part | reject('in', ['relation', 'expression', 'where']) | list %}
            {% do refuse_argument('parts', 'must be a list of mappings that know only relation, expression, where.') %}
        {% endif %}
        {% do check_relation('relation of parts', part.relation) %}
    {% endfor %}
{% endmacro %}
