-- What protects each published table, as the project's post-hook made it, so that the next run knows whether anything
-- has changed since: in the project, or by hand.

create schema if not exists compliance;

create table compliance.protections (
    view_schema text not null,
    view_name text not null,
    base_schema text not null,
    base_name text not null,
    wanted_hash text not null,
    made_hash text not null,
    row_condition text,
    sees_all_rows text check (sees_all_rows in ('internal', 'confidential', 'restricted', 'secret')),
    protected_at timestamptz not null default clock_timestamp(),
    primary key (view_schema, view_name)
);
comment on table compliance.protections is 'The views that people read, and how each was made.';
comment on column compliance.protections.wanted_hash is 'Of what the project declares, compiled.';
comment on column compliance.protections.made_hash is 'Of the view as made: query, options, owner, rights and lookups.';
comment on column compliance.protections.row_condition is 'Which rows are shown; NULL for all of them.';
comment on column compliance.protections.sees_all_rows is 'Who is cleared for this level sees the others, too.';

create table compliance.column_protections (
    view_schema text not null,
    view_name text not null,
    column_name text not null,
    place integer not null,
    level text not null check (level in ('public', 'internal', 'confidential', 'restricted', 'secret')),
    mask text check ((mask is null) = (level = 'public')),
    pii text,
    primary key (view_schema, view_name, column_name),
    foreign key (view_schema, view_name) references compliance.protections on delete cascade
);
comment on table compliance.column_protections is
'Who sees a column of a published view as it is, and what others see.';
comment on column compliance.column_protections.level is
'Who is cleared for it, or for a higher one, sees the values.';
comment on column compliance.column_protections.mask is 'What others see; NULL where everybody sees the values.';
comment on column compliance.column_protections.pii is 'Code of the pattern of personal data, as declared.';

-- The key by which pseudonyms were made is known by its fingerprint alone.
create table compliance.pseudonym_keys (
    is_the_one boolean primary key default true check (is_the_one),
    fingerprint text not null,
    first_used_at timestamptz not null default clock_timestamp()
);
comment on table compliance.pseudonym_keys is
'The key of all pseudonyms, by its fingerprint: with another one, the same person would get another pseudonym.';

-- Lookups by what not everybody may see. The index is on greatest(column): of one value that value itself, which the
-- planner doesn't look behind, so that no estimate comes from the column's statistics; and of the index there are none.
create function compliance.lookups_of(relation regclass)
returns table (index regclass, is_whole boolean, expression text, is_analyzed boolean, is_known boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    -- Found first: pg_get_indexdef locks the table, and may lock no other.
    with own as materialized (
        select i.indexrelid, i.indrelid
        from (select relation as part union select t.relid from pg_partition_tree(relation) as t) as p
        inner join pg_index as i on i.indrelid = p.part
        where i.indexprs is not null
    )

    select
        o.indexrelid::regclass, o.indrelid = relation, e.expression, coalesce(a.attstattarget, -1) <> 0,
        exists (select from pg_stats as s where s.schemaname = n.nspname and s.tablename = c.relname)
    from own as o
    inner join pg_attribute as a on a.attrelid = o.indexrelid and a.attnum = 1
    inner join pg_class as c on c.oid = o.indexrelid
    inner join pg_namespace as n on n.oid = c.relnamespace
    cross join lateral (select pg_get_indexdef(o.indexrelid, 1, false) as expression) as e
    where e.expression like 'GREATEST(%'
$$;
comment on function compliance.lookups_of is
'Indexes of a table and its partitions that serve lookups: whether of the whole table, of which expression, whether '
'ANALYZE looks at it, and whether it has statistics.';

create function compliance.make_lookups(base regclass, names text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    wanted text[] := array(select format('GREATEST(%I)', n.name) from unnest(names) as n (name));
    expression text;
    held record;
begin
    -- What waits for the commit to be checked would be in the way.
    set constraints all immediate;
    for held in
        select l.index, l.expression, bool_or(l.is_known) over (partition by l.expression) as is_known, l.is_whole
        from compliance.lookups_of(base) as l
        order by l.index
    loop
        continue when not held.is_whole;
        if held.expression = any(wanted) and not held.is_known then
            wanted := array_remove(wanted, held.expression);
        else
            execute format('drop index %s', held.index);
        end if;
    end loop;
    foreach expression in array wanted loop
        -- By hash, which takes values of any length.
        execute format('create index on %s using hash (%s)', base, expression);
    end loop;
    for held in select l.index from compliance.lookups_of(base) as l where l.is_analyzed loop
        execute format('alter index %s alter column 1 set statistics 0', held.index);
    end loop;
end
$$;
comment on function compliance.make_lookups is
'Makes the indexes for lookups by these columns of a table, none of which has statistics, and drops others.';

-- Printed the same way in every session.
create function compliance.made_hash(of_schema text, of_view text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set quote_all_identifiers = 'off'
as $$
    select encode(sha256(convert_to(
        json_build_array(
            pg_get_viewdef(c.oid), c.reloptions, c.relowner::regrole::text,
            (
                select json_agg(
                    json_build_array(r.grantee::regrole::text, r.privilege_type, r.is_grantable)
                    order by r.grantee::regrole::text collate "C", r.privilege_type collate "C"
                )
                from aclexplode(c.relacl) as r
                where r.grantee <> c.relowner
            ),
            (
                select json_agg(json_build_array(a.attname, a.attacl::text) order by a.attnum)
                from pg_attribute as a
                where a.attrelid = c.oid and a.attacl is not null
            ),
            (
                select json_agg(
                    json_build_array(l.expression, l.is_analyzed, l.is_known)
                    order by l.expression collate "C", l.is_analyzed, l.is_known
                )
                from (
                    select distinct t.oid as base
                    from pg_rewrite as r
                    inner join pg_depend as d on d.objid = r.oid and d.classid = 'pg_rewrite'::regclass
                    inner join pg_class as t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
                    where r.ev_class = c.oid and t.oid <> c.oid and t.relname = c.relname
                ) as b
                cross join compliance.lookups_of(b.base) as l
            )
        )::text, 'UTF8'
    )), 'hex')
    from pg_class as c
    where c.relname = of_view and c.relnamespace = to_regnamespace(quote_ident(of_schema)) and c.relkind = 'v'
$$;
comment on function compliance.made_hash is
'What identifies a view as it is: its query, options, owner, rights and lookups; NULL if there is none.';

create function compliance.restrict_to_readers(published regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    too_much record;
begin
    for too_much in
        select r.grantee
        from pg_class as c
        cross join aclexplode(c.relacl) as r
        where
            c.oid = published
            and r.grantee <> c.relowner
            and (r.grantee <> 'atlas_read'::regrole or r.privilege_type <> 'SELECT' or r.is_grantable)
        union
        select r.grantee
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid
        cross join aclexplode(a.attacl) as r
        where a.attrelid = published and r.grantee <> c.relowner
    loop
        execute format(
            'revoke all on %s from %s cascade', published,
            case when too_much.grantee = 0 then 'public' else too_much.grantee::regrole::text end
        );
    end loop;
    execute format('grant select on %s to atlas_read', published);
end
$$;
comment on function compliance.restrict_to_readers is 'Leaves a view to those who may read, and to nobody else.';

create function compliance.keep_protection(given jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    of_schema constant text := given ->> 'view_schema';
    of_view constant text := given ->> 'view_name';
begin
    perform compliance.restrict_to_readers(format('%I.%I', of_schema, of_view)::regclass);
    perform compliance.make_lookups(
        format('%I.%I', given ->> 'base_schema', given ->> 'base_name')::regclass,
        array(select jsonb_array_elements_text(given -> 'lookups'))
    );
    insert into compliance.protections as p (
        view_schema, view_name, base_schema, base_name, wanted_hash, made_hash, row_condition, sees_all_rows
    )
    values (
        of_schema, of_view, given ->> 'base_schema', given ->> 'base_name', given ->> 'wanted_hash',
        compliance.made_hash(of_schema, of_view), given ->> 'row_condition', given ->> 'sees_all_rows'
    )
    on conflict (view_schema, view_name) do update
    set
        base_schema = excluded.base_schema,
        base_name = excluded.base_name,
        wanted_hash = excluded.wanted_hash,
        made_hash = excluded.made_hash,
        row_condition = excluded.row_condition,
        sees_all_rows = excluded.sees_all_rows,
        protected_at = excluded.protected_at;
    -- What is as it was isn't written again: each change of these is on record.
    delete from compliance.column_protections as c
    where
        (c.view_schema, c.view_name) = (of_schema, of_view)
        and not exists (
            select from jsonb_array_elements(given -> 'columns') as n (value) where n.value ->> 'name' = c.column_name
        );
    insert into compliance.column_protections as c (view_schema, view_name, column_name, place, level, mask, pii)
    select
        of_schema, of_view, n.value ->> 'name', (n.value ->> 'place')::integer, n.value ->> 'level',
        n.value ->> 'mask', n.value ->> 'pii'
    from jsonb_array_elements(given -> 'columns') as n (value)
    on conflict (view_schema, view_name, column_name) do update
    set place = excluded.place, level = excluded.level, mask = excluded.mask, pii = excluded.pii
    where (c.place, c.level, c.mask, c.pii)
    is distinct from (excluded.place, excluded.level, excluded.mask, excluded.pii);
end
$$;
comment on function compliance.keep_protection is
'Gives a view that was just made to its readers, and notes how it was made; the post-hook calls it.';

-- HMAC by RFC 2104, with its key padded to a block of 64 bytes. In models, pseudonym() puts it together.
create function compliance.pseudonym_pad(part text)
returns bytea
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    secret bytea := convert_to(coalesce(current_setting('atlas.pseudonym_key', true), ''), 'UTF8');
    pad constant integer := case part when 'outer' then 92 when 'inner' then 54 end;
    padded bytea := ''::bytea;
    known text;
    found_now text;
begin
    if pad is null then
        raise exception 'A padded key is outer or inner, not %.', part;
    end if;
    if length(secret) < 32 then
        raise exception using message =
            'Pseudonyms need a key of 32 characters or more, the same for each run. Set ATLAS_PSEUDONYM_KEY '
            || '(and, for plain dbt, PGOPTIONS as `atlas env` prints it).';
    end if;
    if length(secret) > 64 then
        secret := sha256(secret);
    end if;
    found_now := left(encode(sha256('atlas pseudonyms'::bytea || sha256(secret)), 'hex'), 16);
    select k.fingerprint into known from compliance.pseudonym_keys as k;
    if known is null then
        insert into compliance.pseudonym_keys (fingerprint) values (found_now) on conflict do nothing;
        select k.fingerprint into known from compliance.pseudonym_keys as k;
    end if;
    if known <> found_now then
        raise exception using message = format(
            'ATLAS_PSEUDONYM_KEY is another key (%s) than the one of the pseudonyms that are there (%s): the same person '
            'would get another pseudonym. docs/guides/governance.md says how to change it.', found_now, known
        );
    end if;
    for place in 0 .. 63 loop
        padded := padded || set_byte(
            '\x00'::bytea, 0, (case when place < length(secret) then get_byte(secret, place) else 0 end) # pad
        );
    end loop;
    return padded;
end
$$;
comment on function compliance.pseudonym_pad is
'The outer or the inner key of an HMAC, from the setting atlas.pseudonym_key; refuses a missing or another key.';

-- What is held, and who sees it, without reading code.
grant select on compliance.protections, compliance.column_protections to atlas_admin;
