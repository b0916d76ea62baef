{% macro scd2_constrain_events_sql(shape, events) -%}
    {{ adapter.dispatch('scd2_constrain_events_sql')(shape, events) }}
{%- endmacro %}

{% macro postgres__scd2_constrain_events_sql(shape, events) -%}
    alter table {{ events }}
    add primary key ({{ scd2_list(shape.unique_key + [shape.updated_at]) }}),
    alter column is_deleted set not null;
    comment on table {{ events }} is {{ sql_text(
        'Change events that scd2 keeps for ' ~ this.identifier ~ '. Rules: ' ~ scd2_kept_rules(shape)
    ) }}
{%- endmacro %}
