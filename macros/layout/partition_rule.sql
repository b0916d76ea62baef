{% macro partition_rule(declared, granularity=none, ahead=1) %}
    {{ return({
        'granularity': declared.get('granularity', granularity),
        'ahead': declared.get('ahead', ahead),
        'keep': declared.get('keep'),
    }) }}
{% endmacro %}
