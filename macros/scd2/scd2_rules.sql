{% macro scd2_rules() %}
    {%- set unique_key = config.require('unique_key') -%}
    {%- set rules = {
        'unique_key': [unique_key] if unique_key is string else unique_key | list,
        'updated_at': config.require('updated_at'),
        'operation': config.get('operation'),
        'check_cols': config.get('check_cols', 'all'),
        'sequence': config.get('sequence'),
        'record_hash': config.get('record_hash'),
        'delivery': config.get('delivery', 'changes'),
        'max_closed_share': config.get('max_closed_share', 0.5),
    } -%}
    {% if not rules.unique_key %}
        {% do scd2_refuse("unique_key names no column.") %}
    {% endif %}
    {% if rules.delivery not in ('changes', 'snapshot') %}
        {% do scd2_refuse("delivery must be 'changes' or 'snapshot', not '" ~ rules.delivery ~ "'.") %}
    {% endif %}
    {% if rules.delivery == 'snapshot' and rules.operation is not none %}
        {% do scd2_refuse("a snapshot has no operation: what is absent from it is deleted.") %}
    {% endif %}
    {% set share = rules.max_closed_share %}
    {% if share is not number or share is boolean or share < 0 or share > 1 %}
        {% do scd2_refuse("max_closed_share must be a number from 0 to 1, not '" ~ share ~ "'.") %}
    {% endif %}
    {{ return(rules) }}
{% endmacro %}
