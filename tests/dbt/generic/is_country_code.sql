{% test is_country_code(model, column_name, also=[]) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{{ codes_test_sql(model, column_name, country_codes(), also) }}

{% endtest %}
