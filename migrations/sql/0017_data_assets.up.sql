-- What is held and on whom, as each run writes it, and who can see it now. docs/guides/audit.md explains it.

create table compliance.data_assets (
    table_schema text not null,
    table_name text not null,
    column_name text not null default '',
    kind text not null check (kind in ('table', 'view', 'column')),
    data_type text,
    owner text,
    level text not null check (compliance.clearance_rank(level) is not null),
    patterns text[] not null default '{}',
    subject_key text,
    retention text,
    row_count bigint check (row_count >= 0),
    last_scanned_at timestamptz,
    recorded_at timestamptz not null,
    run_id uuid not null,
    primary key (table_schema, table_name, column_name),
    check ((kind = 'column') = (column_name <> ''))
);
comment on table compliance.data_assets is
'Every table, view and column of every layer, as of the last run: a row each, and one for the table as a whole.';
comment on column compliance.data_assets.column_name is 'Empty for the table as a whole.';
comment on column compliance.data_assets.owner is 'Who answers for it, as its model says; not PostgreSQL''s owner.';
comment on column compliance.data_assets.level is
'Declared, else inherited; secret where nothing says anything. Of a table, the highest of its columns.';
comment on column compliance.data_assets.patterns is 'Personal data: declared, and found by the last scan.';
comment on column compliance.data_assets.subject_key is
'Whom it is about: the kind of person that the column identifies.';
comment on column compliance.data_assets.retention is 'How long rows are kept, as declared.';
comment on column compliance.data_assets.row_count is
'Estimated by the planner''s statistics; NULL if it has none. Of a published view, its table''s.';

create function compliance.record_assets(of_run uuid, declared jsonb)
returns void
language sql
as $$
    with given as (
        select d.*
        from jsonb_to_recordset(declared) as d (
            table_schema text, table_name text, owner text, retention text, columns jsonb
        )
    ),

    -- What the audit log shows as it is, migrations have declared to be identifiers, states, moments and counts.
    clear_columns as (
        select
            t.tgrelid,
            convert_from(decode(a.arguments[1], 'escape'), 'UTF8')::text[]
            || convert_from(decode(a.arguments[2], 'escape'), 'UTF8')::text[] as names
        from pg_catalog.pg_trigger as t
        cross join lateral string_to_array(encode(t.tgargs, 'escape'), '\000') as a (arguments)
        where t.tgname = 'audit_update' and t.tgfoid = 'compliance.log_change'::regproc
    ),

    relations as (
        select
            c.oid, n.nspname as table_schema, c.relname as table_name, c.relkind in ('v', 'm') as is_view,
            g.owner, g.columns, k.names as clear_columns,
            coalesce(
                g.retention, (
                    select p.keep || ' ' || p.granularity || 's' from pipeline.partition_rules as p
                    where p.table_schema = n.nspname and p.table_name = c.relname and p.keep is not null
                )
            ) as retention,
            case b.relkind
                when 'p'
                    then (
                        select sum(part.reltuples) from pg_catalog.pg_partition_tree(b.oid) as tree
                        inner join pg_catalog.pg_class as part on part.oid = tree.relid
                        where tree.isleaf and part.reltuples >= 0
                    )
                when 'r' then case when b.reltuples >= 0 then b.reltuples end
            end::bigint as row_count
        from pg_catalog.pg_class as c
        inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        inner join pg_catalog.pg_class as b
            on b.oid = coalesce(
                case when n.nspname = 'navigate' then to_regclass(format('navigate_base.%I', c.relname)) end, c.oid
            )
        left join clear_columns as k on k.tgrelid = c.oid
        left join given as g
            on
                g.table_schema = case when n.nspname = 'navigate' then 'navigate_base' else n.nspname end
                -- What is kept beside a dimension holds what it holds.
                and g.table_name = regexp_replace(c.relname, '__(events|rejected|changes)$', '')
        where
            n.nspname in ('explore', 'chart', 'navigate_base', 'navigate', 'pipeline', 'quality', 'compliance')
            and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
            -- What dbt is building, or about to drop.
            and c.relname not like '%\_\_dbt\_%'
    ),

    columns as (
        select
            r.*, a.attname as column_name, format_type(a.atttypid, a.atttypmod) as data_type, a.attnum,
            r.columns -> a.attname ->> 'subject_key' as subject_key,
            case
                when a.attname = any(r.clear_columns) then 'internal' else r.columns -> a.attname ->> 'level'
            end as level,
            array(
                select p.pattern
                from (
                    select jsonb_array_elements_text(r.columns -> a.attname -> 'patterns') as pattern
                    union
                    select d.pattern from compliance.pii_detections as d
                    where
                        d.table_schema = r.table_schema and d.table_name = r.table_name
                        and d.column_name = a.attname and d.gone_at is null
                ) as p
                order by p.pattern
            ) as patterns
        from relations as r
        inner join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    ),

    levelled as (
        select c.*, coalesce(c.level, 'secret') as final_level
        from columns as c
    ),

    described as (
        select
            l.table_schema, l.table_name, l.column_name, 'column' as kind, l.data_type, l.owner,
            l.final_level as level, l.patterns, l.subject_key, l.retention, l.row_count
        from levelled as l
        union all
        select
            r.table_schema, r.table_name, '', case when r.is_view then 'view' else 'table' end, null, r.owner,
            coalesce(
                (
                    select l.final_level from levelled as l where l.oid = r.oid
                    order by compliance.clearance_rank(l.final_level) desc
                    limit 1
                ), 'secret'
            ),
            array(
                select distinct p.pattern from levelled as l cross join unnest(l.patterns) as p (pattern)
                where l.oid = r.oid order by p.pattern
            ),
            (select string_agg(distinct l.subject_key, ', ') from levelled as l where l.oid = r.oid),
            r.retention, r.row_count
        from relations as r
    ),

    found as (
        select
            d.*,
            (
                select max(s.scanned_at) from compliance.pii_scans as s
                where s.table_schema = d.table_schema and s.table_name = d.table_name
            ) as last_scanned_at
        from described as d
    ),

    gone as (
        delete from compliance.data_assets as a
        where not exists (
            select from found as f
            where
                f.table_schema = a.table_schema and f.table_name = a.table_name
                and f.column_name = a.column_name
        )
    )

    insert into compliance.data_assets (
        table_schema, table_name, column_name, kind, data_type, owner, level, patterns, subject_key, retention,
        row_count, last_scanned_at, recorded_at, run_id
    )
    select
        f.table_schema, f.table_name, f.column_name, f.kind, f.data_type, f.owner, f.level, f.patterns, f.subject_key,
        f.retention, f.row_count, f.last_scanned_at, now(), of_run
    from found as f
    on conflict (table_schema, table_name, column_name) do update
    set
        kind = excluded.kind, data_type = excluded.data_type, owner = excluded.owner, level = excluded.level,
        patterns = excluded.patterns, subject_key = excluded.subject_key, retention = excluded.retention,
        row_count = excluded.row_count, last_scanned_at = excluded.last_scanned_at,
        recorded_at = excluded.recorded_at, run_id = excluded.run_id
$$;
comment on function compliance.record_assets is
'Write the inventory from the catalogue and from what is declared, given as a JSON array of objects; see the macro.';

select compliance.audit(
    'compliance.data_assets', '{table_schema, table_name, column_name}',
    '{kind, data_type, level, patterns, subject_key, retention}',
    '{row_count, last_scanned_at, recorded_at, run_id}'
);

create view compliance.asset_readers as
with assets as (
    select
        a.table_schema,
        a.table_name,
        a.column_name,
        a.level,
        c.oid,
        c.relowner,
        c.relnamespace,
        b.attnum
    from compliance.data_assets as a
    -- Not by to_regclass, which asks whoever reads this for a right on the schema.
    inner join pg_catalog.pg_namespace as n on a.table_schema = n.nspname
    inner join pg_catalog.pg_class as c on a.table_name = c.relname and n.oid = c.relnamespace
    left outer join
        pg_catalog.pg_attribute as b
        on c.oid = b.attrelid and a.column_name = b.attname and not b.attisdropped
)

select
    a.table_schema,
    a.table_name,
    a.column_name,
    l.rolname::text as login,
    a.table_schema <> 'navigate' or a.level = 'public'
    or pg_has_role(l.oid, to_regrole('atlas_clearance_' || a.level), 'usage')
    and exists (
        select from compliance.role_grants as g
        where
            g.login = l.rolname and g.login_oid = l.oid and g.revoked_at is null
            and (g.expires_at is null or g.expires_at > clock_timestamp())
            and compliance.clearance_rank(substring(g.role from '^atlas_clearance_(.*)$'))
            >= compliance.clearance_rank(a.level)
    ) as sees_values
from assets as a
cross join pg_catalog.pg_roles as l
where
    l.rolcanlogin and not l.rolsuper
    and (
        pg_has_role(l.oid, a.relowner, 'member')
        or has_schema_privilege(l.oid, a.relnamespace, 'usage') and case
            when a.column_name = '' then has_any_column_privilege(l.oid, a.oid, 'select')
            else has_column_privilege(l.oid, a.oid, a.attnum, 'select')
        end
    );
comment on view compliance.asset_readers is
'Who may read an asset now, a row for each login. Superusers, who may read everything, are left out.';
comment on column compliance.asset_readers.sees_values is
'Whether the login sees the values, or masks of them. Of a table, whether it sees those of its highest level.';

grant select on compliance.data_assets, compliance.asset_readers to atlas_admin;
