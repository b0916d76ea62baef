-- Roles that nobody logs in as, one of which owns everything, and who was granted which until when (guides/roles.md).
-- They are the server's: another database's migration may have made them, or is about to, which is as well.

do $$
declare
    roles constant text[] := array[
        'atlas_owner', 'atlas_read', 'atlas_write', 'atlas_admin', 'atlas_clearance_public', 'atlas_clearance_internal',
        'atlas_clearance_confidential', 'atlas_clearance_restricted', 'atlas_clearance_secret'
    ];
    wanted record;
begin
    for wanted in
        select r.name, p.rolsuper or p.rolbypassrls or p.rolcanlogin as is_unfit
        from unnest(roles) as r (name)
        left join pg_catalog.pg_roles as p on p.rolname = r.name
    loop
        if wanted.is_unfit then
            raise exception '% must be without LOGIN, SUPERUSER and BYPASSRLS, and it isn''t.', wanted.name;
        end if;
        continue when wanted.is_unfit is not null;
        begin
            execute format('create role %I', wanted.name);
        exception
            when duplicate_object or unique_violation then
                null;
            when insufficient_privilege then
                raise exception 'There is no role %, and % may not make it. As a superuser: alter role % createrole',
                    wanted.name, session_user, quote_ident(session_user);
        end;
    end loop;

    for wanted in
        select m.*
        from (
            values
            ('atlas_read', 'atlas_write', false),
            ('atlas_write', 'atlas_admin', false),
            ('atlas_clearance_public', 'atlas_clearance_internal', false),
            ('atlas_clearance_internal', 'atlas_clearance_confidential', false),
            ('atlas_clearance_confidential', 'atlas_clearance_restricted', false),
            ('atlas_clearance_restricted', 'atlas_clearance_secret', false),
            ('atlas_owner', session_user, false)
        ) as m (role, member, with_admin)
        union all
        -- The owner's functions grant these.
        select r.name, 'atlas_owner', true
        from unnest(roles) as r (name)
        where r.name <> 'atlas_owner'
    loop
        continue when pg_has_role(
            wanted.member, wanted.role, case when wanted.with_admin then 'member with admin option' else 'usage' end
        )
        and (
            current_setting('server_version_num')::integer < 160000 or pg_has_role(wanted.member, wanted.role, 'set')
        );
        begin
            execute format(
                'grant %I to %I %s', wanted.role, wanted.member,
                case when wanted.with_admin then 'with admin option' else '' end
            );
        exception
            -- Another migration has just granted the same ("tuple concurrently updated").
            when unique_violation or internal_error then
                null;
            when insufficient_privilege then
                raise exception '% may not grant the role %. As a superuser: grant % to % with admin option',
                    session_user, wanted.role, wanted.role, quote_ident(session_user);
        end;
    end loop;

    -- So that dbt, which works as the owner, may stop its login's statements when it is interrupted. From PostgreSQL 16
    -- on not every login may grant it.
    begin
        grant pg_signal_backend to atlas_owner;
    exception
        when insufficient_privilege or unique_violation or internal_error then
            null;
    end;
end
$$;

create schema if not exists compliance;
comment on schema compliance is 'Who may see what, and what was done: grants, protections, detections, the audit log.';

-- A database's own rights and a login's defaults come with neither a copy nor a restored dump. So `atlas migrate` calls
-- this each time, as the login itself.
create function compliance.settle_database()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    place constant text := current_database();
begin
    if pg_has_role((select d.datdba from pg_database as d where d.datname = place), 'usage') then
        execute format('revoke all on database %I from public', place);
        execute format('grant connect on database %I to atlas_read', place);
        execute format('grant connect, create, temporary on database %I to atlas_owner', place);
    end if;
    if not has_database_privilege('atlas_owner', place, 'create') then
        raise exception '% doesn''t own the database. As its owner: grant create, connect, temporary on database % to %',
            session_user, quote_ident(place), 'atlas_owner';
    end if;
    if pg_has_role((select n.nspowner from pg_namespace as n where n.nspname = 'public'), 'usage') then
        revoke all on schema public from public;
        grant usage on schema public to atlas_owner;
    end if;
    -- Whatever this login starts, dbt and psql too, works as the owner: what it makes belongs to no login.
    if not exists (
        select
        from pg_db_role_setting as s
        inner join pg_database as d on d.oid = s.setdatabase
        inner join pg_roles as r on r.oid = s.setrole
        where d.datname = place and r.rolname = session_user and 'role=atlas_owner' = any(s.setconfig)
    ) then
        execute format('alter role %I in database %I set role = %L', session_user, place, 'atlas_owner');
    end if;
end
$$;
comment on function compliance.settle_database is
'Give a database its own rights, and the login that calls it the habit of working as atlas_owner there.';
select compliance.settle_database();

create function compliance.hand_over(new_owner text)
returns void
language plpgsql
as $$
declare
    statement text;
begin
    for statement in
        with atlas as (
            select n.oid, n.nspowner
            from pg_catalog.pg_namespace as n
            where n.nspname = any('{explore,chart,navigate,navigate_base,pipeline,quality,compliance}')
        ),

        objects as (
            select 1 as place, 'pg_namespace'::regclass as catalogue, a.oid as object, a.nspowner as owner
            from atlas as a
            union all
            select 2, 'pg_class'::regclass, c.oid, c.relowner
            from pg_catalog.pg_class as c
            -- A column's own sequence goes with its table.
            where c.relnamespace in (select a.oid from atlas as a) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
            union all
            select 3, 'pg_proc'::regclass, p.oid, p.proowner
            from pg_catalog.pg_proc as p
            where p.pronamespace in (select a.oid from atlas as a)
            union all
            select 4, 'pg_type'::regclass, t.oid, t.typowner
            from pg_catalog.pg_type as t
            where t.typnamespace in (select a.oid from atlas as a) and t.typtype in ('d', 'e', 'r')
        )

        select format('alter %s %s owner to %I', replace(i.type, 'composite ', ''), i.identity, new_owner)
        from objects as o
        cross join lateral pg_identify_object(o.catalogue, o.object, 0) as i
        where o.owner <> to_regrole(quote_ident(new_owner))
        order by o.place, i.identity
    loop
        execute statement;
    end loop;
end
$$;
-- From here on, migrations and dbt make what they make as the owner.
select compliance.hand_over('atlas_owner');
set local role atlas_owner;

alter default privileges revoke execute on functions from public;
alter default privileges revoke usage on types from public;
revoke all on all tables in schema explore, chart, navigate, navigate_base, pipeline, quality, compliance from public;
revoke all on all routines in schema explore, chart, navigate, navigate_base, pipeline, quality, compliance from public;

create table compliance.role_grants (
    grant_id bigint generated always as identity primary key,
    login text not null,
    login_oid oid not null,
    role text not null,
    granted_by text not null default session_user,
    granted_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz check (isfinite(expires_at) and expires_at > granted_at),
    revoked_at timestamptz check (revoked_at >= granted_at),
    revoked_by text,
    check ((revoked_at is null) = (revoked_by is null))
);
comment on table compliance.role_grants is
'Who was given which role, by whom, until when. Rows are never deleted; a grant that is renewed ends and begins anew.';
comment on column compliance.role_grants.login_oid is 'Who comes later under the same name is somebody else.';
comment on column compliance.role_grants.expires_at is
'From then on it doesn''t hold, though PostgreSQL knows of no end to a membership: clearances ask for it themselves, '
'the membership goes with the next run.';
create unique index role_grants_open_key on compliance.role_grants (login, role) where revoked_at is null;

create function compliance.clearance_rank(level text)
returns integer
language sql
immutable
parallel safe
return case level
    when 'public' then 0
    when 'internal' then 1
    when 'confidential' then 2
    when 'restricted' then 3
    when 'secret' then 4
end;

create function compliance.granted_rank()
returns integer
language sql
stable
parallel safe
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(max(compliance.clearance_rank(substring(g.role from '^atlas_clearance_(.*)$'))), 0)
    from compliance.role_grants as g
    where
        g.login = session_user and g.login_oid = to_regrole(quote_ident(session_user)) and g.revoked_at is null
        and (g.expires_at is null or g.expires_at > clock_timestamp());
end;
comment on function compliance.granted_rank is
'The highest clearance that this session''s login was granted, and that has neither expired nor been revoked.';

-- Without rights of its own: who has lowered himself by SET ROLE is a member of less, and nobody can raise himself.
create function compliance.has_clearance(level text)
returns boolean
language sql
stable
parallel safe
return coalesce(
    case
        when level = 'public' then true
        when compliance.clearance_rank(level) <= compliance.granted_rank()
            then pg_has_role(current_user, to_regrole('atlas_clearance_' || level), 'usage')
    end,
    false
);
comment on function compliance.has_clearance is
'Whether this session may see values of a level: its role is cleared for it, and its login''s grant holds. Asked in '
'views as (select compliance.has_clearance(…)), once a query.';

create function compliance.record_grant(to_login text, of_role text, until timestamptz)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    is_unfit constant boolean := (
        select r.rolsuper or r.rolbypassrls from pg_roles as r where r.rolname = to_login and r.rolcanlogin
    );
begin
    if is_unfit is null then
        raise exception 'There is no login %.', to_login;
    end if;
    if is_unfit then
        raise exception '% is a superuser or bypasses row-level security: what it sees can''t be limited.', to_login;
    end if;
    if until <= clock_timestamp() then
        raise exception 'The grant would be over before it began: % is past.', to_char(until, 'YYYY-MM-DD HH24:MI');
    end if;
    if to_login = session_user and not pg_has_role(session_user, 'atlas_owner', 'usage') then
        raise exception 'Nobody grants a role to himself. Ask another admin.';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('compliance.role_grants', 0));
    update compliance.role_grants
    set revoked_at = clock_timestamp(), revoked_by = session_user
    where login = to_login and role = of_role and revoked_at is null;
    insert into compliance.role_grants (login, login_oid, role, expires_at)
    values (to_login, to_regrole(quote_ident(to_login)), of_role, until);
end
$$;

create function compliance.grant_role(to_login text, of_role text, until timestamptz default null)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if of_role not in ('atlas_read', 'atlas_write', 'atlas_admin') and of_role !~ '^atlas_clearance_' then
        raise exception '% is no role that an admin grants.', of_role;
    end if;
    perform compliance.record_grant(to_login, of_role, until);
    execute format('grant %I to %I', of_role, to_login);
end
$$;
comment on function compliance.grant_role is
'Grant a login a role until a time (NULL: until it is revoked), and keep who did. For admins; atlas roles grant.';

create function compliance.end_membership(of_login text, of_role text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    found_grantor text;
begin
    for found_grantor in
        select g.rolname
        from pg_auth_members as m
        inner join pg_roles as g on g.oid = m.grantor
        where m.roleid = to_regrole(of_role) and m.member = (select r.oid from pg_roles as r where r.rolname = of_login)
    loop
        if current_setting('server_version_num')::integer < 160000 then
            execute format('revoke %I from %I', of_role, of_login);
        elsif pg_has_role(found_grantor, 'usage') then
            execute format('revoke %I from %I granted by %I', of_role, of_login, found_grantor);
        end if;
    end loop;
end
$$;

create function compliance.revoke_role(from_login text, of_role text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if of_role = 'atlas_owner' and not pg_has_role(session_user, of_role, 'usage') then
        raise exception 'Only an owner ends an owner''s grant.';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('compliance.role_grants', 0));
    update compliance.role_grants
    set revoked_at = clock_timestamp(), revoked_by = session_user
    where login = from_login and role = of_role and revoked_at is null;
    -- The owner has no power over its own members: the login that has sees to it.
    if of_role <> 'atlas_owner' then
        perform compliance.end_membership(from_login, of_role);
    end if;
end
$$;
comment on function compliance.revoke_role is
'Take a role from a login, and keep who did. For admins; atlas roles revoke.';

create function compliance.end_expired_grants()
returns void
language plpgsql
as $$
begin
    perform compliance.end_membership(g.login, g.role)
    from compliance.role_grants as g
    inner join pg_catalog.pg_roles as l on l.rolname = g.login and l.oid = g.login_oid
    inner join pg_catalog.pg_auth_members as m on m.member = l.oid and m.roleid = to_regrole(g.role)
    where g.revoked_at is null and g.expires_at <= clock_timestamp();
    update compliance.role_grants as g
    set revoked_at = clock_timestamp(), revoked_by = session_user
    where
        g.revoked_at is null
        and not exists (select from pg_catalog.pg_roles as l where l.rolname = g.login and l.oid = g.login_oid);
end
$$;
comment on function compliance.end_expired_grants is
'End memberships whose grants have expired, and grants whose logins are gone; each dbt run and atlas migrate calls it.';

-- Rows that people write are theirs: all see them, and nobody writes or changes one in another's name. The owner, which
-- judges by all of them, is above that (no FORCE): else a run would see and close only its own.
alter table quality.anomaly_feedback enable row level security;
create policy seen_by_all on quality.anomaly_feedback for select to atlas_write using (true);
create policy given_as_oneself on quality.anomaly_feedback for insert to atlas_write
with check (given_by = session_user);
create policy changed_by_its_author on quality.anomaly_feedback for update to atlas_write
using (given_by = session_user) with check (given_by = session_user);
alter table quality.incidents enable row level security;
create policy seen_by_all on quality.incidents for select to atlas_write using (true);
create policy declared_as_oneself on quality.incidents for insert to atlas_write
with check (declared_by = session_user);
create policy changed_by_its_author on quality.incidents for update to atlas_write
using (declared_by = session_user) with check (declared_by = session_user);
create policy removed_by_its_author on quality.incidents for delete to atlas_write using (declared_by = session_user);
-- The last word counts, also over an incident that somebody else has declared; it is kept who said it.
alter function quality.give_feedback(bigint, text, text, timestamptz, timestamptz)
security definer set search_path = pg_catalog, pg_temp;

-- On the views of navigate, the hook that makes one grants it.
grant usage on schema navigate, quality, compliance, pipeline to atlas_read;
grant execute on function
compliance.has_clearance(text), compliance.granted_rank(), compliance.clearance_rank(text) to atlas_read;
grant select on
pipeline.alembic_version, quality.dimensions, quality.metrics, quality.rules, quality.test_runs, quality.table_scores,
quality.score_trends, quality.score_changes
to atlas_read;
grant execute on function
quality.compare_rules(text, text, date, date), quality.rule_results(text, text, date) to atlas_read;
grant select on quality.anomalies to atlas_write;
grant select, insert, update (note) on quality.anomaly_feedback to atlas_write;
grant select, insert, update, delete on quality.incidents to atlas_write;
grant execute on function quality.give_feedback(bigint, text, text, timestamptz, timestamptz) to atlas_write;
grant select on compliance.role_grants to atlas_admin;
grant execute on function
compliance.grant_role(text, text, timestamptz), compliance.revoke_role(text, text) to atlas_admin;

-- Whoever migrates is an owner from here on.
select compliance.record_grant(r.rolname, 'atlas_owner', null)
from pg_catalog.pg_roles as r
where r.rolname = session_user and not r.rolsuper and not r.rolbypassrls;
