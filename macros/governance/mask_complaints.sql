{% macro mask_complaints(column, columns, mask) %}
    {% if mask is not string or mask not in mask_types() %}
        {{ return(['mask must be one of ' ~ mask_types() | join(', ') ~ ' (null as a text: "null").']) }}
    {% elif mask == 'null' %}
        {{ return([]) }}
    {% elif not column.data_type %}
        {{ return(['mask ' ~ mask ~ ' needs to know the data_type of the column.']) }}
    {% elif not mask_fits(mask, column.data_type) %}
        {{ return(["mask " ~ mask ~ " can't mask " ~ column.data_type ~ '; it can ' ~ mask_types()[mask] | join(', ') ~ '.']) }}
    {% elif mask == 'pseudonym' and column.name ~ '_pseudonym' not in columns %}
        {{ return(['mask pseudonym needs a column ' ~ column.name ~ '_pseudonym, made by pseudonym().']) }}
    {% endif %}
    {{ return([]) }}
{% endmacro %}
