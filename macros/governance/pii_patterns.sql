{% macro pii_patterns() %}
    {#- Pattern to default mask, as the seed pii_patterns has them; a hook can't wait for a seed to be built. -#}
    {{ return({
        'email': 'email',
        'phone': 'last4',
        'payment_card': 'last4',
        'iban': 'last4',
        'us_ssn': 'last4',
        'fr_nir': 'null',
        'de_steuer_id': 'null',
        'uk_nino': 'null',
        'es_dni': 'null',
        'ip_address': 'null',
        'mac_address': 'null',
        'date_of_birth': 'year',
        'person_name': 'redact',
        'postal_address': 'redact',
        'api_key': 'null',
    }) }}
{% endmacro %}
