{% macro masked(mask, column, data_type, collation=none) -%}
    {#- Of the column's own type and collation, so that what the view's columns are doesn't depend on who reads them. -#}
    {%- set shown = context['mask_' ~ mask](column, data_type) -%}
    {{ adapter.dispatch('masked')(shown | trim, data_type, collation) }}
{%- endmacro %}

{% macro default__masked(shown, data_type, collation) -%}
    cast({{ shown }} as {{ data_type }})
{%- endmacro %}

{% macro postgres__masked(shown, data_type, collation) -%}
    cast({{ shown }} as {{ data_type }}){{ ' collate ' ~ collation if collation }}
{%- endmacro %}
