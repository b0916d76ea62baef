-- Who changed which state, when and how. docs/guides/audit.md explains it.

create sequence compliance.audit_log_entry_id_seq;

create table compliance.audit_log (
    -- No identity: partitions are made by LIKE, which would give each one of its own.
    entry_id bigint not null default nextval('compliance.audit_log_entry_id_seq'),
    logged_at timestamptz not null default clock_timestamp(),
    transaction_id xid8 not null default pg_current_xact_id(),
    login text not null default session_user,
    acting_as text not null,
    application text not null,
    client inet,
    table_schema text not null,
    table_name text not null,
    operation text not null check (operation in ('insert', 'update', 'delete', 'truncate', 'erase', 'retire')),
    row_count bigint not null check (row_count >= 0),
    keys json,
    before json,
    after json,
    pseudonym_key text,
    content_sha256 bytea not null check (octet_length(content_sha256) = 32),
    primary key (entry_id, logged_at)
) partition by range (logged_at);
create index audit_log_transaction_idx on compliance.audit_log (transaction_id);
alter sequence compliance.audit_log_entry_id_seq owned by compliance.audit_log.entry_id;
-- Compressing what a large statement leaves would take as long as all else that it is logged with.
alter table compliance.audit_log
alter column keys set storage external, alter column before set storage external,
alter column after set storage external;
comment on table compliance.audit_log is
'What was done to state tables: an entry per statement, of at most 100,000 rows. Nobody changes or deletes an entry.';
comment on column compliance.audit_log.login is 'Who was logged in (session_user); acting_as is the role taken on.';
comment on column compliance.audit_log.application is 'What the client calls itself, which it may choose.';
comment on column compliance.audit_log.client is 'Address that the client came from; NULL for a socket.';
comment on column compliance.audit_log.keys is
'Column → values, a value for each row; NULL where the rows are counted only.';
comment on column compliance.audit_log.before is
'Column → values, in the order of keys. Of an update, the columns that changed. What the table doesn''t declare as '
'clear is there as a keyed hash (hmac:…), or as "withheld" if no key was at hand.';
comment on column compliance.audit_log.pseudonym_key is
'Which key the hashes were made with: equal hashes mean equal values only under one key.';
comment on column compliance.audit_log.content_sha256 is
'SHA-256 of keys, before and after. It stays when these are erased, so that the entry''s seal still holds.';

create function compliance.netstring(value text)
returns text
language sql
immutable
as $$
    select coalesce(octet_length(value) || ':' || value || ',', '-')
$$;
comment on function compliance.netstring is
'A value such that any sequence of them is read in one way: 3:abc, and - for NULL.';

create function compliance.content_sha256(keys json, before json, after json)
returns bytea
language sql
immutable
as $$
    select sha256(convert_to(
        compliance.netstring(keys::text) || compliance.netstring(before::text) || compliance.netstring(after::text),
        'UTF8'
    ))
$$;

create function compliance.padded_key(padding integer)
returns bytea
language plpgsql
stable
as $$
declare
    secret bytea := convert_to(coalesce(current_setting('atlas.pseudonym_key', true), ''), 'UTF8');
begin
    -- HMAC (RFC 2104): PostgreSQL's own functions have SHA-256, but not this.
    if octet_length(secret) = 0 then
        return null;
    end if;
    if octet_length(secret) > 64 then
        secret := sha256(secret);
    end if;
    secret := secret || decode(repeat('00', 64 - octet_length(secret)), 'hex');
    for place in 0 .. 63 loop
        secret := set_byte(secret, place, get_byte(secret, place) # padding);
    end loop;
    return secret;
end
$$;
comment on function compliance.padded_key is 'The session''s pseudonym key as HMAC uses it; NULL if it has none.';

create function compliance.key_fingerprint()
returns text
language sql
stable
as $$
    -- As compliance.pseudonym_keys has it.
    select left(encode(sha256('atlas pseudonyms'::bytea || sha256(
        case when octet_length(s.secret) > 64 then sha256(s.secret) else s.secret end
    )), 'hex'), 16)
    from (select convert_to(nullif(current_setting('atlas.pseudonym_key', true), ''), 'UTF8')) as s (secret)
$$;

create function compliance.as_list(column_name text, of_type oid, how text)
returns text
language sql
stable
as $$
    -- $1 and $2 are HMAC's two keys, $3 is a number that nobody knows beforehand.
    select format(
        case
            when how = 'hashed'
                then
                    'array_agg(''hmac:'' || '
                    'encode(sha256($2 || sha256($1 || convert_to(%1$I::text, ''UTF8''))), ''hex''))'
            when how = 'withheld' then 'array_agg(case when %1$I is not null then ''withheld'' end)'
            when how = 'compared' and of_type = 'bytea'::regtype and to_regproc('hashbyteaextended') is not null
                then 'array_agg(hashbyteaextended(%1$I, $3))'
            when how = 'compared' then 'array_agg(hashtextextended(%1$I::text, $3))'
            when exists (
                select from pg_catalog.pg_opclass as c
                inner join pg_catalog.pg_am as m on m.oid = c.opcmethod and m.amname = 'btree'
                where c.opcintype = of_type and c.opcdefault
            ) then 'array_agg(%1$I)'
            -- What can't be compared, such as json, and lists, which don't make lists of lists if their lengths differ.
            else 'array_agg(to_jsonb(%1$I))'
        end,
        column_name
    )
$$;
comment on function compliance.as_list is
'How a column''s values are gathered: clear, hashed, withheld, or to be compared.';

create function compliance.as_json(list anyarray)
returns text
language sql
immutable
as $$
    -- Where all rows have one value, it stands there once. The last is looked at first: that is quick.
    select to_json(case
        when
            list[1] is not distinct from list[cardinality(list)]
            and list = array_fill(list[1], array[cardinality(list)])
            then list[1:1]
        else list
    end)::text
$$;

create function compliance.log_entry(
    of_schema text, of_table text, operation text, row_count bigint, keys json, before json, after json
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    moment constant timestamptz := clock_timestamp();
    quarter constant text := to_char(moment at time zone 'UTC', 'YYYY"q"Q');
    new_entry bigint;
begin
    -- Runs make partitions ahead. If there was none for long, a write must not fail over it.
    if current_setting('atlas.audit_quarter', true) is distinct from quarter then
        perform pipeline.ensure_partitions('compliance.audit_log', 'quarter', array[moment]);
        perform set_config('atlas.audit_quarter', quarter, false);
    end if;
    insert into compliance.audit_log (
        logged_at, acting_as, application, client, table_schema, table_name, operation, row_count, keys, before, after,
        pseudonym_key, content_sha256
    )
    values (
        moment, coalesce(nullif(current_setting('role'), 'none'), session_user), current_setting('application_name'),
        inet_client_addr(), of_schema, of_table, operation, row_count, keys, before, after,
        compliance.key_fingerprint(), compliance.content_sha256(keys, before, after)
    )
    returning entry_id into new_entry;
    return new_entry;
end
$$;

create function compliance.object_of(members text, side text)
returns text
language sql
immutable
as $$
    select coalesce('(''{'' || concat_ws('', '', ' || replace(members, '{}', side) || ') || ''}'')::json', 'null::json')
$$;

create function compliance.gathered(columns jsonb, from_rows text, in_parts boolean)
returns text
language sql
stable
as $$
    -- A value too long for one entry would fail the statement that is being logged, so that many rows make several.
    -- Whether they are many shows when one has tried: to count them first takes longer.
    select format(
        case
            when in_parts
                then
                    'select atlas_chunk, count(*) as atlas_rows%s from ('
                    'select *, (row_number() over () - 1) / 100000 as atlas_chunk from %s) as r group by atlas_chunk'
            else
                'select 0 as atlas_chunk, count(*) as atlas_rows%s from (select * from %s limit 100001) as r '
                'having count(*) between 1 and 100000'
        end,
        string_agg(format(', %s as v%s', c.value ->> 'list', c.value ->> 'place'), ''), from_rows
    )
    from jsonb_array_elements(columns) as c (value)
    where from_rows = 'new_rows' or not (c.value ->> 'is_fixed')::boolean
$$;

create function compliance.log_change()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
declare
    key_columns constant text[] := tg_argv[0];
    clear_columns constant text[] := tg_argv[1];
    -- Which no update has touched.
    fixed_columns constant text[] := array(
        select a.attname
        from pg_trigger as t
        inner join pg_attribute as a on a.attrelid = t.tgrelid and a.attnum = any(t.tgattr)
        where
            t.tgrelid = tg_relid and t.tgfoid = to_regproc('compliance.refuse_edit') and t.tgenabled = 'A'
            and tg_op = 'UPDATE'
    );
    inner_pad constant bytea := compliance.padded_key(54);
    outer_pad constant bytea := compliance.padded_key(92);
    seed constant bigint := hashtextextended(gen_random_uuid()::text, 0);
    entries bigint;
    in_parts boolean;
    gathered text;
    comparisons text;
    unchanged text[] := tg_argv[2];
    columns jsonb;
    keys text;
    content text;
    changes text;
    is_same text;
    is_changed text;
begin
    -- Before an entry's number is drawn: see audit_seals.ids_before.
    perform pg_current_xact_id();
    if tg_op = 'DELETE' then
        perform from old_rows limit 1;
    elsif tg_op <> 'TRUNCATE' then
        perform from new_rows limit 1;
    end if;
    if not found then
        return null;
    end if;
    if tg_op = 'TRUNCATE' or tg_op = 'INSERT' and tg_argv[3] = 'counted' then
        execute format(
            'select compliance.log_entry($1, $2, $3, count(*), null, null, null) from %s having count(*) > 0',
            case tg_op when 'INSERT' then 'new_rows' else tg_relid::regclass::text end
        )
        using tg_table_schema, tg_table_name, lower(tg_op);
        return null;
    end if;

    -- In old_rows and new_rows, rows stand in the same order. What is long is compared before it is hashed or gathered.
    if tg_op = 'UPDATE' then
        select
            string_agg(
                format('%s as v%s', compliance.as_list(a.attname, a.atttypid, 'compared'), a.attnum), ', '
            ),
            string_agg(format('case when o.v%1$s = n.v%1$s then %2$L end', a.attnum, a.attname), ', ')
        into gathered, comparisons
        from pg_attribute as a
        where
            a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped
            and a.attname <> all(key_columns || clear_columns || unchanged || fixed_columns);
        if comparisons is not null then
            execute format(
                'select $4 || array_remove(array[%1$s], null) '
                'from (select %2$s from old_rows) as o cross join (select %2$s from new_rows) as n',
                comparisons, gathered
            )
            into unchanged using inner_pad, outer_pad, seed, unchanged;
        end if;
    end if;

    -- A member of a JSON object for each column, of the side that is put for {}: o for old rows, n for new ones.
    select
        jsonb_agg(jsonb_build_object('place', c.attnum, 'is_fixed', c.is_fixed, 'list', compliance.as_list(
            c.attname, c.atttypid,
            case when c.is_clear then 'clear' when inner_pad is not null then 'hashed' else 'withheld' end
        ))),
        string_agg(c.member, ', ' order by c.attnum) filter (where c.is_key),
        string_agg(c.member, ', ' order by c.attnum) filter (where not c.is_key),
        string_agg(
            case when c.is_clear then format('case when %s then %s end', c.is_changed, c.member) else c.member end,
            ', ' order by c.attnum
        ) filter (where not c.is_key),
        string_agg('not ' || c.is_changed, ' and ') filter (where c.is_key),
        string_agg(case when c.is_clear then c.is_changed else 'true' end, ' or ') filter (where not c.is_key)
    into columns, keys, content, changes, is_same, is_changed
    from (
        select
            a.*, k.*,
            format(
                '%L || compliance.as_json(%s.v%s)', to_json(a.attname) || ': ',
                case when k.is_fixed then 'n' else '{}' end, a.attnum
            ) as member,
            case when k.is_fixed then 'false' else format('o.v%1$s is distinct from n.v%1$s', a.attnum) end as is_changed
        from pg_attribute as a
        cross join lateral (
            select
                a.attname = any(key_columns) as is_key, a.attname = any(key_columns || clear_columns) as is_clear,
                a.attname = any(fixed_columns) as is_fixed
        ) as k
        where
            a.attrelid = tg_relid and a.attnum > 0 and not a.attisdropped and a.attname <> all(unchanged)
            and (k.is_key or not k.is_fixed)
    ) as c;
    foreach in_parts in array array[false, true] loop
        execute format(
            case tg_op
                when 'INSERT'
                    then 'select compliance.log_entry($4, $5, $6, n.atlas_rows, %2$s, null, %4$s) from (%8$s) as n'
                when 'DELETE'
                    then 'select compliance.log_entry($4, $5, $6, o.atlas_rows, %1$s, %3$s, null) from (%7$s) as o'
                else
                    'with o as materialized (%7$s), n as materialized (%8$s) '
                    'select compliance.log_entry($4, $5, $6, e.row_count, e.keys, e.before, e.after) from ('
                    'select n.atlas_rows, %2$s, %5$s, %6$s from o join n using (atlas_chunk) where %9$s and (%10$s) '
                    'union all '
                    -- Under another key it is another row.
                    'select o.atlas_rows, %1$s, %3$s, null from o join n using (atlas_chunk) where not (%9$s) union all '
                    'select n.atlas_rows, %2$s, null, %4$s from o join n using (atlas_chunk) where not (%9$s)'
                    ') as e (row_count, keys, before, after)'
            end,
            compliance.object_of(keys, 'o'), compliance.object_of(keys, 'n'),
            compliance.object_of(content, 'o'), compliance.object_of(content, 'n'),
            compliance.object_of(changes, 'o'), compliance.object_of(changes, 'n'),
            compliance.gathered(columns, 'old_rows', in_parts), compliance.gathered(columns, 'new_rows', in_parts),
            is_same, coalesce(is_changed, 'false')
        )
        using inner_pad, outer_pad, seed, tg_table_schema, tg_table_name, lower(tg_op);
        get diagnostics entries = row_count;
        exit when entries > 0;
    end loop;
    return null;
end
$$;
comment on function compliance.log_change is
'Trigger of an audited table; compliance.audit() attaches it.';

create function pipeline.copy_statement_triggers(parent regclass, child regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    found record;
begin
    for found in
        select t.tgname, pg_get_triggerdef(t.oid) as definition, format(' ON %s ', parent) as place
        from pg_trigger as t
        -- What works on rows, PostgreSQL copies itself.
        where t.tgrelid = parent and not t.tgisinternal and t.tgtype & 1 = 0
        order by t.tgname
    loop
        execute overlay(
            replace(found.definition, 'CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER')
            placing format(' ON %s ', child) from position(found.place in found.definition) + length('OR REPLACE ')
            for length(found.place)
        );
        execute format('alter table %s enable always trigger %I', child, found.tgname);
    end loop;
end
$$;
comment on function pipeline.copy_statement_triggers is
'Give a partition its parent''s triggers on statements, which only fire for the table that a statement names.';

alter function pipeline.create_partition(regclass, text, tstzrange) rename to create_bare_partition;
create function pipeline.create_partition(parent regclass, granularity text, span tstzrange)
returns regclass
language plpgsql
as $$
declare
    child constant regclass := pipeline.create_bare_partition(parent, granularity, span);
begin
    perform pipeline.copy_statement_triggers(parent, child);
    return child;
end
$$;
comment on function pipeline.create_partition is
'Create a table that can be attached to parent as its partition for span, under a free name, with its triggers.';

create function compliance.audit(
    of_table regclass, key_columns text[], clear_columns text[], left_out text[] default '{}',
    inserts text default 'logged'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    unknown text;
    event record;
begin
    -- What is optional in this version of the schema.
    if of_table is null then
        return;
    end if;
    select string_agg(n.name, ', ') into unknown
    from unnest(key_columns || clear_columns || left_out) as n (name)
    where not exists (
        select from pg_attribute as a
        where a.attrelid = of_table and a.attname = n.name and a.attnum > 0 and not a.attisdropped
    );
    if unknown is not null or cardinality(key_columns) = 0 or inserts not in ('logged', 'counted') then
        raise exception '% can''t be audited so: %', of_table, coalesce('it has no column ' || unknown, 'by what key?');
    end if;
    for event in
        select *
        from (
            values
            ('insert', 'after', 'referencing new table as new_rows'),
            ('update', 'after', 'referencing old table as old_rows new table as new_rows'),
            ('delete', 'after', 'referencing old table as old_rows'),
            ('truncate', 'before', '')
        ) as e (name, moment, rows)
    loop
        execute format(
            'create or replace trigger audit_%1$s %2$s %1$s on %3$s %4$s for each statement '
            'execute function compliance.log_change(%5$L, %6$L, %7$L, %8$L)',
            event.name, event.moment, of_table, event.rows, key_columns, clear_columns, left_out, inserts
        );
        -- Also for sessions that switch triggers off by session_replication_role.
        execute format('alter table %s enable always trigger audit_%s', of_table, event.name);
    end loop;
    perform pipeline.copy_statement_triggers(of_table, p.relid)
    from pg_partition_tree(of_table) as p
    where p.relid <> of_table;
end
$$;
comment on function compliance.audit is
'Have what is done to a table logged. Keys and clear columns are logged as they are, all others as keyed hashes, '
'changes of left_out alone not at all; inserts: logged, or counted where the rows themselves are the record.';

select pipeline.declare_partitions('compliance', 'audit_log', 'quarter', 1, null);
select pipeline.make_due_partitions();

grant select on compliance.audit_log to atlas_admin;
