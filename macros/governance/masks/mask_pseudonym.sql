{% macro mask_pseudonym(column, data_type) -%}
    {#- The model's own column <column>_pseudonym, which pseudonym() made at build; before the closing quote. -#}
    {{ column[:-1] }}_pseudonym"
{%- endmacro %}
