{% macro scd2_check_feed() %}
    {%- set feeds = batch_feeds(model) -%}
    {%- set deliveries = [] -%}
    {% for feed in feeds %}
        {% do deliveries.append(source_node(feed.system, feed.entity).config.meta.landing.delivery) %}
    {% endfor %}
    {% if deliveries != ['snapshot'] %}
        {% do scd2_refuse(
            "with delivery 'snapshot' it must read one landed source, and that by snapshots: the batch ledger says which "
            ~ 'snapshots there are and whether they are complete. It reads '
            ~ (feeds | map(attribute='entity') | join(', ') or 'none') ~ '.'
        ) %}
    {% endif %}
{% endmacro %}
