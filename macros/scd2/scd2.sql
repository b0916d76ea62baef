{% materialization scd2, default %}
    {#- docs/guides/history.md says what comes of it. One step a statement; nothing shows before the commit. -#}
    {%- set target = this.incorporate(type='table') -%}
    {%- set rules = scd2_rules() -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {# A statement of its own: what follows has to see what the run before this one committed. #}
    {% call statement('lock') %}{{ lock_until_commit('scd2 ' ~ target) }}{% endcall %}
    {% set held = scd2_held(target) %}
    {% call statement('stage') %}{{ scd2_temporary('scd2_staged', sql) }}{% endcall %}
    {% set shape = scd2_shape(rules, scd2_columns(scd2_scratch('scd2_staged'))) %}
    {% do scd2_check_contract(shape) %}
    {% do scd2_check_held(held, shape) %}
    {% set staged = scd2_check_events(shape) %}

    {% if held.starts_over %}
        {% set done = scd2_start_over(target, shape, held, staged) %}
    {% else %}
        {% set done = scd2_increment(target, shape, staged) %}
    {% endif %}
    {% do keep_placeholder(target, shape) %}
    {% do tell_readers(target, shape, held.starts_over) %}
    {% call noop_statement('main', scd2_message(done), 'SCD2', done.opened + done.superseded) %}{{ sql }}{% endcall %}
    {% do persist_docs(target, model) %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% if held.starts_over %}
        {% do scd2_drop_set_aside(target, held) %}
        {% do scd2_name_constraints(target) %}
    {% endif %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target]}) }}
{% endmaterialization %}
