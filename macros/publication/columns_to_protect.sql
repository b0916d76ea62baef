{% macro columns_to_protect(base, view) %}
    {#- The one round trip of a model whose protection is as it should be. As JSON: dbt takes some words of a query's rows
        for NULL, and a column could be named so. -#}
    {{ return(fromjson(run_query(adapter.dispatch('columns_to_protect_sql')(base, view)).rows[0][0])) }}
{% endmacro %}

{% macro postgres__columns_to_protect_sql(base, view) %}
    select cast(json_build_object(
        'made_as', (
            select p.wanted_hash
            from compliance.protections as p
            where
                p.view_schema = {{ sql_text(view.schema) }}
                and p.view_name = {{ sql_text(view.identifier) }}
                and p.made_hash = compliance.made_hash(p.view_schema, p.view_name)
        ),
        'columns', coalesce(json_agg(json_build_object(
            'name', a.attname,
            -- Of a domain what it is made of: its own rules could refuse a mask.
            'data_type', pg_catalog.format_type(
                coalesce(nullif(t.typbasetype, 0), a.atttypid),
                case when t.typbasetype = 0 then a.atttypmod else t.typtypmod end
            ),
            'collation', l.collnamespace::regnamespace::text || '.' || quote_ident(l.collname)
        ) order by a.attnum), '[]')
    ) as text)
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_type as t on a.atttypid = t.oid
    left outer join pg_catalog.pg_collation as l on a.attcollation = l.oid
    where
        a.attrelid = to_regclass({{ sql_text(base.render()) }})
        and a.attnum > 0
        and not a.attisdropped
{% endmacro %}
