-- The audit log is only added to, and sealed: a chain of hashes in which any change shows. docs/guides/audit.md
-- explains it.

create function compliance.keep_as_written()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- What an entry says of a person may be erased, if that is logged in the same transaction. That it was there, who
    -- wrote it, when, and its hash stay.
    if tg_op = 'UPDATE' and tg_argv[0] = 'audit_log' then
        if new.keys is null and new.before is null and new.after is null
            and to_jsonb(new) - array['keys', 'before', 'after'] = to_jsonb(old) - array['keys', 'before', 'after']
            and exists (
                select from compliance.audit_log as l
                where
                    l.transaction_id = pg_current_xact_id() and l.operation = 'erase'
                    and (l.keys -> 'entry_id')::jsonb @> to_jsonb(old.entry_id)
            )
        then
            return new;
        end if;
    end if;
    raise exception 'compliance.% is never changed.', tg_argv[0] using errcode = 'insufficient_privilege';
end
$$;
comment on function compliance.keep_as_written is
'Trigger that lets nobody change or delete rows, whoever owns the table.';

create function compliance.keep(of_table regclass, as_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'create trigger kept_rows before update or delete on %s for each row '
        'execute function compliance.keep_as_written(%L)', of_table, as_name
    );
    execute format(
        'create trigger kept_table before truncate on %s for each statement '
        'execute function compliance.keep_as_written(%L)', of_table, as_name
    );
    execute format('alter table %s enable always trigger kept_rows', of_table);
    execute format('alter table %s enable always trigger kept_table', of_table);
end
$$;
comment on function compliance.keep is 'Let nobody change or delete a table''s rows.';

create function compliance.erase_audit_entry(of_entry bigint, reason text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from compliance.audit_log as l where l.entry_id = of_entry) then
        raise exception 'There is no entry %.', of_entry using errcode = 'no_data_found';
    end if;
    perform compliance.log_entry(
        'compliance', 'audit_log', 'erase', 1, json_build_object('entry_id', array[of_entry]), null,
        json_build_object('reason', array[reason])
    );
    update compliance.audit_log set keys = null, before = null, after = null where entry_id = of_entry;
end
$$;
comment on function compliance.erase_audit_entry is
'Erase what an entry says of its rows, by law; that it was erased, by whom and why is logged.';

create table compliance.audit_seals (
    seal bigint primary key check (seal > 0),
    sealed_at timestamptz not null default clock_timestamp(),
    sealed_by text not null default session_user,
    era integer not null,
    transaction_id xid8 not null,
    snapshot pg_snapshot,
    ids_before bigint not null,
    entries int8multirange not null,
    row_count bigint not null check (row_count > 0),
    row_hashes bytea not null check (octet_length(row_hashes) = 32 * row_count),
    previous_sha256 bytea not null check (octet_length(previous_sha256) = 32),
    sha256 bytea not null check (octet_length(sha256) = 32)
);
comment on table compliance.audit_seals is
'Each seal holds the hashes of its entries and the seal before it. Who keeps the last one elsewhere can prove the log.';
comment on column compliance.audit_seals.sealed_at is
'What transactions log that began after transaction_id, is of later.';
comment on column compliance.audit_seals.entries is
'The sealed entries'' numbers. Not a span: what commits later with a lower number belongs to a later seal.';
comment on column compliance.audit_seals.snapshot is
'Entries of transactions that had ended by it are in this seal or one before, but for those of the sealing itself.';
comment on column compliance.audit_seals.ids_before is
'As far as numbers had been given out before transaction_id began: transactions after it have higher ones.';
comment on column compliance.audit_seals.era is 'Counts up when transaction numbers begin anew, after a restore.';
comment on column compliance.audit_seals.row_hashes is 'A SHA-256 for each entry, in the order of their numbers.';

create function compliance.entry_sha256(entry compliance.audit_log)
returns bytea
language sql
immutable
as $$
    select sha256(convert_to(
        compliance.netstring(entry.entry_id::text)
        || compliance.netstring(to_char(entry.logged_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))
        || compliance.netstring(entry.transaction_id::text)
        || compliance.netstring(entry.login) || compliance.netstring(entry.acting_as)
        || compliance.netstring(entry.application) || compliance.netstring(entry.client::text)
        || compliance.netstring(entry.table_schema) || compliance.netstring(entry.table_name)
        || compliance.netstring(entry.operation) || compliance.netstring(entry.row_count::text)
        || compliance.netstring(entry.pseudonym_key) || compliance.netstring(encode(entry.content_sha256, 'hex')),
        'UTF8'
    ))
$$;
comment on function compliance.entry_sha256 is
'Hash of an entry in canonical form. src/atlas/audit/verify.py computes it on its own.';

create function compliance.seal_sha256(
    seal bigint, sealed_at timestamptz, sealed_by text, era integer, transaction_id xid8, snapshot pg_snapshot,
    ids_before bigint, entries int8multirange, row_count bigint, row_hashes bytea, previous_sha256 bytea
)
returns bytea
language sql
immutable
as $$
    select sha256(convert_to(
        compliance.netstring(seal::text)
        || compliance.netstring(to_char(sealed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'))
        || compliance.netstring(sealed_by) || compliance.netstring(era::text)
        || compliance.netstring(transaction_id::text) || compliance.netstring(snapshot::text)
        || compliance.netstring(ids_before::text) || compliance.netstring(entries::text)
        || compliance.netstring(row_count::text) || compliance.netstring(encode(sha256(row_hashes), 'hex'))
        || compliance.netstring(encode(previous_sha256, 'hex')),
        'UTF8'
    ))
$$;

create function compliance.seal_audit_log(most_entries integer default 10000)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    moment constant timestamptz := clock_timestamp();
    own_transaction xid8;
    ids_before bigint := 0;
    last_seal compliance.audit_seals;
    new_seal compliance.audit_seals;
    segment record;
begin
    -- Read, as the moment, before this transaction has its number; nothing can be said if it got one for something else before.
    if pg_current_xact_id_if_assigned() is null then
        select case when s.is_called then s.last_value else 0 end into ids_before
        from compliance.audit_log_entry_id_seq as s;
    end if;
    own_transaction := pg_current_xact_id();
    -- Only those who seal wait for each other.
    perform pg_advisory_xact_lock(hashtextextended('compliance.seal_audit_log', 0));
    select s.* into last_seal from compliance.audit_seals as s order by s.seal desc limit 1;

    -- One statement, so one snapshot: what it sees is what had been committed by the snapshot that the seal keeps. An
    -- entry that is committed later, whatever its number, is seen and sealed the next time.
    for segment in
        with unsure as materialized (
            select l.entry_id, compliance.entry_sha256(l) as row_hash
            from compliance.audit_log as l
            where
                l.transaction_id >= least(
                    coalesce(pg_snapshot_xmin(last_seal.snapshot), '0'::xid8), pg_snapshot_xmin(pg_current_snapshot())
                )
                and l.transaction_id <> own_transaction
        ),

        sealed as (
            select coalesce(range_agg(s.entries), '{}') as entries
            from compliance.audit_seals as s
            where upper(s.entries) > (select min(u.entry_id) from unsure as u)
        ),

        due as (
            select u.*, (row_number() over (order by u.entry_id) - 1) / greatest(most_entries, 1) as part
            from unsure as u
            cross join sealed as s
            where not u.entry_id <@ s.entries
        )

        select
            range_agg(int8range(d.entry_id, d.entry_id, '[]')) as entries,
            count(*) as row_count,
            string_agg(d.row_hash, ''::bytea order by d.entry_id) as row_hashes,
            pg_current_snapshot() as snapshot,
            d.part = max(d.part) over () as is_last
        from due as d
        group by d.part
        order by d.part
    loop
        new_seal.seal := coalesce(last_seal.seal, 0) + 1;
        new_seal.sealed_at := moment;
        new_seal.sealed_by := session_user;
        new_seal.era := coalesce(last_seal.era, 1);
        -- Transaction numbers only go back in another cluster, where the database was restored.
        if pg_snapshot_xmax(segment.snapshot) < pg_snapshot_xmax(last_seal.snapshot) then
            new_seal.era := new_seal.era + 1;
            last_seal.snapshot := null;
        end if;
        new_seal.transaction_id := own_transaction;
        new_seal.snapshot := case when segment.is_last then segment.snapshot else last_seal.snapshot end;
        new_seal.ids_before := case when segment.is_last then ids_before else 0 end;
        new_seal.entries := segment.entries;
        new_seal.row_count := segment.row_count;
        new_seal.row_hashes := segment.row_hashes;
        new_seal.previous_sha256 := coalesce(last_seal.sha256, decode(repeat('00', 32), 'hex'));
        new_seal.sha256 := compliance.seal_sha256(
            new_seal.seal, new_seal.sealed_at, new_seal.sealed_by, new_seal.era, new_seal.transaction_id,
            new_seal.snapshot, new_seal.ids_before, new_seal.entries, new_seal.row_count, new_seal.row_hashes,
            new_seal.previous_sha256
        );
        insert into compliance.audit_seals values (new_seal.*);
        last_seal := new_seal;
    end loop;
    return last_seal.seal;
end
$$;
comment on function compliance.seal_audit_log is
'Seal all committed entries that aren''t sealed yet, without keeping anybody from writing; returns the last seal.';

create function compliance.retire_audit_log(log_partition regclass)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    unsealed bigint;
    retired bigint;
    numbers int8multirange;
begin
    if not exists (
        select from pipeline.partition_spans('compliance.audit_log') as s
        where s.child = log_partition and upper(s.span) <= now() and not lower_inf(s.span)
    ) then
        raise exception '% isn''t a past partition of the audit log.', log_partition;
    end if;
    execute format(
        'select count(*), count(*) filter (where not l.entry_id <@ s.entries), '
        'coalesce(range_agg(int8range(l.entry_id, l.entry_id, ''[]'')), ''{}'') '
        'from %s as l cross join (select coalesce(range_agg(entries), ''{}'') as entries from compliance.audit_seals) as s',
        log_partition
    ) into retired, unsealed, numbers;
    if unsealed > 0 then
        raise exception '% entries of % aren''t sealed yet. Run: atlas audit seal', unsealed, log_partition;
    end if;
    perform compliance.log_entry(
        'compliance', 'audit_log', 'retire', retired, json_build_object('entries', array[numbers::text]), null,
        json_build_object('partition', array[log_partition::text])
    );
    execute format('drop table %s', log_partition);
    return retired;
end
$$;
comment on function compliance.retire_audit_log is
'Drop a past partition of the log, if all of it is sealed; logs which entries went. Export it first.';

select compliance.keep('compliance.audit_log', 'audit_log');
select compliance.keep('compliance.audit_seals', 'audit_seals');
-- Partitions that are there already: TRUNCATE could name one.
select pipeline.copy_statement_triggers('compliance.audit_log', p.relid)
from pg_catalog.pg_partition_tree('compliance.audit_log') as p
where p.relid <> 'compliance.audit_log'::regclass;

grant select on compliance.audit_seals to atlas_admin;
grant execute on function compliance.seal_audit_log(integer) to atlas_admin;
