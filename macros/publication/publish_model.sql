{% macro publish_model() %}
    {% if execute %}
        {% set view = api.Relation.create(schema=published_schema(this.schema), identifier=this.identifier) %}
        {{ publish_view(view, this.include(database=false)) }};
        {{ comment_view(view, model) }}
    {% endif %}
{% endmacro %}
