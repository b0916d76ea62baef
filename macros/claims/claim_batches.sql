{% macro claim_batches() %}
    {% if execute and reads_by_batch(model) %}
        {% set feeds = batch_feeds(model) %}
        {# A statement of its own: what follows has to see what the run before this one committed. #}
        {% call statement('wait') %}{{ lock_until_commit('claim ' ~ model.unique_id) }}{% endcall %}
        {% if starts_from_nothing() %}
            delete from pipeline.batches_read where model = '{{ model.unique_id }}';
        {% endif %}
        {% if feeds and not (flags.EMPTY or flags.SAMPLE) %}
            insert into pipeline.batches_read (model, batch_id, run_id)
            {{ claimable_batches(model.unique_id, feeds) }}
            on conflict do nothing
        {% endif %}
    {% endif %}
{% endmacro %}
