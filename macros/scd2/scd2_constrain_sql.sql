{% macro scd2_constrain_sql(shape, target, versions) -%}
    {{ adapter.dispatch('scd2_constrain_sql')(shape, target, versions) }}
{%- endmacro %}

{% macro postgres__scd2_constrain_sql(shape, target, versions) -%}
    {#- Each version names the end of the one before it, at most one names a given end, and one ends nowhere: a chain in
        time, proven by btree indexes. An exclusion constraint proves the same at ten times the load. -#}
    {%- set key = scd2_list(shape.unique_key) %}
    alter table {{ versions }}
    {%- for name in ['version_key'] + shape.unique_key + ['valid_from', 'is_current'] %}
    alter column {{ quoted_identifier(name) }} set not null,
    {%- endfor %}
    add constraint valid_from_is_before_valid_to check (valid_from < valid_to),
    add constraint prev_to_is_not_after_valid_from check (prev_to <= valid_from),
    add constraint is_current_has_no_valid_to check (is_current = (valid_to is null)),
    add constraint {{ scd2_index_name(target, 'key') }} primary key (version_key),
    add constraint {{ scd2_index_name(target, 'ends') }} unique nulls not distinct ({{ key }}, valid_to),
    add constraint {{ scd2_index_name(target, 'follows') }} unique nulls not distinct ({{ key }}, prev_to),
    add constraint prev_to_is_an_end foreign key ({{ key }}, prev_to) references {{ versions }} ({{ key }}, valid_to)
    deferrable initially deferred
    {%- for constraint in scd2_declared_constraints() %},
    {{ constraint }}
    {%- endfor %}
{%- endmacro %}
