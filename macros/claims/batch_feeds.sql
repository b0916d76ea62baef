{% macro batch_feeds(node) %}
    {% set feeds = [] %}
    {# A fact finds its versions now or, if its dimension lags, is re-pointed later; it need not wait for them. #}
    {% set looked_up = node.config.get('version_keys', {}).values() | map(attribute='dimension') | list %}
    {% for parent_id in node.depends_on.nodes if parent_id.split('.')[2] not in looked_up %}
        {% if parent_id in graph.sources %}
            {% set parent = graph.sources[parent_id] %}
            {% do feeds.append({'system': parent.source_name, 'entity': parent.name, 'reader': none}) %}
        {% elif parent_id in graph.nodes %}
            {% set parent = graph.nodes[parent_id] %}
            {# What claims for itself may lag behind the ledger; views and tables hold all that their parents hold. #}
            {% for feed in batch_feeds(parent) %}
                {% set reader = parent_id if reads_by_batch(parent) else feed.reader %}
                {% set found = {'system': feed.system, 'entity': feed.entity, 'reader': reader} %}
                {% do feeds.append(found) if found not in feeds %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(feeds) }}
{% endmacro %}
