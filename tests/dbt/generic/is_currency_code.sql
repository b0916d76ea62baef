{% test is_currency_code(model, column_name, also=[]) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{{ codes_test_sql(model, column_name, currency_codes(), also) }}

{% endtest %}
