{% macro mask_types() %}
    {#- Mask to the types that it knows; none stands for all of them. -#}
    {%- set texts = ['text', 'varchar', 'character varying', 'char', 'character', 'bpchar', 'citext'] -%}
    {{ return({
        'null': none,
        'redact': texts,
        'email': texts,
        'email_hidden': texts,
        'last4': texts,
        'pseudonym': texts,
        'year': [
            'date', 'timestamp', 'timestamptz', 'timestamp without time zone', 'timestamp with time zone',
        ],
    }) }}
{% endmacro %}
