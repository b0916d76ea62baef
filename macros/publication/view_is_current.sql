{% macro view_is_current(view, base) %}
    exists (
        select
        from pg_catalog.pg_rewrite as r
        inner join pg_catalog.pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        where
            r.ev_class = to_regclass({{ sql_text(view.render()) }})
            and d.refclassid = 'pg_class'::regclass
            and d.refobjid = to_regclass({{ sql_text(base.render()) }})
    )
    and (
        select
            array_agg(row(a.attname, a.atttypid, a.atttypmod)::text order by a.attnum)
            filter (where a.attrelid = to_regclass({{ sql_text(view.render()) }}))
            = array_agg(row(a.attname, a.atttypid, a.atttypmod)::text order by a.attnum)
            filter (where a.attrelid = to_regclass({{ sql_text(base.render()) }}))
        from pg_catalog.pg_attribute as a
        where
            a.attrelid in (
                to_regclass({{ sql_text(view.render()) }}), to_regclass({{ sql_text(base.render()) }})
            )
            and a.attnum > 0
            and not a.attisdropped
    )
{% endmacro %}
