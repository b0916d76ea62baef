{% macro refresh_statistics() %}
    {% if execute and (model.config.materialized == 'table' or reads_by_batch(model)) %}
        {{ adapter.dispatch('refresh_statistics')() }}
    {% endif %}
{% endmacro %}

{% macro default__refresh_statistics() %}{% endmacro %}

{% macro postgres__refresh_statistics() %}
    {#- The next model reads this one at once. Until autovacuum comes by, the planner would take its new rows for few,
        and join them one by one. -#}
do $refresh_statistics$
begin
    if {{ "exists (" ~ claims_of_this_run() ~ ")" if reads_by_batch(model) else 'true' }} then
        analyze {{ this }};
    end if;
end
$refresh_statistics$
{% endmacro %}
