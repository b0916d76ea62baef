{% macro publish_model() %}
    {% if execute %}
        {% set wanted = protection(model, this.include(database=false)) %}
        {% if not wanted.is_current %}
            {{ publish_view(wanted) }};
            {{ comment_view(wanted.view, model) }};
            {{ keep_protection(wanted) }}
        {% endif %}
    {% endif %}
{% endmacro %}
