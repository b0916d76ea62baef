{% macro declared_types() %}
    {#- Here `model` is the test's node; within a generic test it is what is tested. -#}
    {% set tested = graph.nodes.get(model.attached_node) or graph.sources[model.depends_on.nodes | first] %}
    {% set types = {} %}
    {% for column in tested.columns.values() %}
        {% if not column.data_type %}
            {% do refuse_argument('columns', 'is left out, and no data_type is declared for ' ~ column.name ~ '.') %}
        {% endif %}
        {% do types.update({column.name if column.quote else column.name | lower: column.data_type}) %}
    {% endfor %}
    {% if not types %}
        {% do refuse_argument('columns', 'is left out, and no columns are declared.') %}
    {% endif %}
    {{ return(types) }}
{% endmacro %}
