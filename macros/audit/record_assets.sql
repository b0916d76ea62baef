{% macro record_assets() -%}
    {% if execute %}
        {% set assets = [] %}
        {% for node in graph.nodes.values() | list + graph.sources.values() | list
            if node.resource_type in ('model', 'seed', 'snapshot', 'source') %}
            {% do assets.append(declared_asset(node)) %}
        {% endfor %}
        {{ adapter.dispatch('record_assets')(assets) }}
    {% endif %}
{%- endmacro %}

{% macro default__record_assets(assets) %}{% endmacro %}

{% macro postgres__record_assets(assets) -%}
    select compliance.record_assets({{ sql_text(invocation_id) }}, {{ sql_text(tojson(assets)) }})
{%- endmacro %}
