{% macro pii_patterns() %}
    {#- Pattern to default mask and least level, as the seed pii_patterns has them; a hook can't wait for a seed. -#}
    {{ return({
        'email': ['email', 'confidential'],
        'phone': ['last4', 'confidential'],
        'payment_card': ['last4', 'restricted'],
        'iban': ['last4', 'restricted'],
        'us_ssn': ['last4', 'restricted'],
        'fr_nir': ['null', 'restricted'],
        'de_steuer_id': ['null', 'restricted'],
        'uk_nino': ['null', 'restricted'],
        'es_dni': ['null', 'restricted'],
        'ip_address': ['null', 'confidential'],
        'mac_address': ['null', 'confidential'],
        'date_of_birth': ['year', 'confidential'],
        'person_name': ['redact', 'confidential'],
        'postal_address': ['redact', 'confidential'],
        'api_key': ['null', 'secret'],
    }) }}
{% endmacro %}
