{% macro pseudonym(expression) -%}
    {{ adapter.dispatch('pseudonym')(expression) }}
{%- endmacro %}

{% macro postgres__pseudonym(expression) -%}
    {#- HMAC-SHA-256 by RFC 2104. The padded keys come once a query; the key itself is in no SQL that is logged. -#}
    case
        when {{ expression }} is not null then encode(
            sha256(
                (select compliance.pseudonym_pad('outer'))
                || sha256(
                    (select compliance.pseudonym_pad('inner'))
                    || convert_to(cast({{ expression }} as text), 'UTF8')
                )
            ),
            'hex'
        )
    end
{%- endmacro %}
