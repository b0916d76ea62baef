{% macro by_scope(relation, columns) -%}
    {#- A piece of work counts whole for its repository. Whatever else it counts for is one more part of this query, with
        the share to which it does: of all scopes of one kind together, no more than 1. -#}
    select
        'repository' as scope,
        repository as scope_name,
        cast(1 as double precision) as share,
        {{ columns | join(', ') }}
    from {{ relation }}
    where repository is not null
{%- endmacro %}
