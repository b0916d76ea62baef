{% test schema_unchanged(model, columns=none) %}
{{ config(fail_calc='sum(failed)', meta={'quality_dimension': 'validity'}) }}
{%- if columns is not none and (columns is not mapping or not columns) -%}
    {%- do refuse_argument('columns', 'must be a mapping from column to type.') -%}
{%- endif -%}
{%- if model is string -%}
    {%- do refuse_argument('where', 'has no meaning here: a schema is that of all rows.') -%}
{%- endif -%}
{%- set compared = compared_columns(model, columns) if execute else [] -%}
{%- set differing = compared | rejectattr('is_same') | list -%}
{%- set differences = schema_differences(differing) -%}
{%- do log(model.schema ~ '.' ~ model.identifier ~ ': ' ~ differences, info=true) if differing and flags.WHICH in ('test', 'build') %}

select
    {{ compared | length }} as tested,
    {{ differing | length }} as failed,
    {{ sql_text(differences) }} as differences

{% endtest %}
