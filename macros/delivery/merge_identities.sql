{% macro merge_identities(identities) -%}
    {#- Who is the same person isn't true from some day on: once it is known, it holds for all versions, and for the events
        that they are made of. -#}
    {% if execute %}
        {%- set events = scd2_sibling(this, 'events') -%}
        {%- if 'person_id' in scd2_columns(events) -%}
            {{ lock_until_commit('scd2 ' ~ this.incorporate(type='table')) }};
            {{ adapter.dispatch('merge_identities_sql')(events, identities.render()) }};
            {{ adapter.dispatch('merge_identities_sql')(this, identities.render(), 'not held.is_placeholder') }}
        {%- endif -%}
    {% endif %}
{%- endmacro %}

{% macro postgres__merge_identities_sql(held, identities, which='true') -%}
    update {{ held }} as held
    set person_id = found.person_id, merged_by = found.merged_by
    from (
        select
            known.developer_id,
            coalesce(merged.person_id, known.developer_id) as person_id,
            merged.merged_by
        from (select distinct developer_id from {{ held }}) as known
        left join {{ identities }} as merged on merged.developer_id = known.developer_id
    ) as found
    where
        held.developer_id = found.developer_id
        and (held.person_id, held.merged_by) is distinct from (found.person_id, found.merged_by)
        and {{ which }}
{%- endmacro %}
