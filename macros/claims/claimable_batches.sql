{% macro claimable_batches(reader, feeds) %}
    select
        '{{ reader }}' as model,
        b.batch_id,
        cast('{{ invocation_id }}' as uuid) as run_id
    from explore.batches as b
    where
        b.outcome = 'landed'
        and (
            {% for feed in feeds %}
            {{ 'or ' if not loop.first }}(b.system = '{{ feed.system }}' and b.entity = '{{ feed.entity }}')
            {% endfor %}
        )
        and not exists (
            select 1 from pipeline.batches_read as r where r.model = '{{ reader }}' and r.batch_id = b.batch_id
        )
        {# A batch that an upstream model hasn't read yet isn't in its table: claimed now, it would be lost. #}
        {% for feed in feeds if feed.reader %}
        and (
            not (b.system = '{{ feed.system }}' and b.entity = '{{ feed.entity }}')
            or exists (
                select 1 from pipeline.batches_read as r
                where r.model = '{{ feed.reader }}' and r.batch_id = b.batch_id
            )
        )
        {% endfor %}
    order by b.batch_id
{% endmacro %}
