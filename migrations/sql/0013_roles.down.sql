do $$
begin
    if exists (select from compliance.role_grants as g where g.role <> 'atlas_owner' or g.login <> session_user) then
        raise exception 'compliance.role_grants is not empty: who was granted what would be lost. '
            'Archive and delete its rows first.';
    end if;
end
$$;

-- As the login, which gets everything back. Roles stay: they are the server's, and other databases may use them.
set local role none;

alter function quality.give_feedback(bigint, text, text, timestamptz, timestamptz)
security invoker reset search_path;
drop policy removed_by_its_author on quality.incidents;
drop policy changed_by_its_author on quality.incidents;
drop policy declared_as_oneself on quality.incidents;
drop policy seen_by_all on quality.incidents;
alter table quality.incidents disable row level security;
drop policy changed_by_its_author on quality.anomaly_feedback;
drop policy given_as_oneself on quality.anomaly_feedback;
drop policy seen_by_all on quality.anomaly_feedback;
alter table quality.anomaly_feedback disable row level security;

revoke all on all tables in schema explore, chart, navigate, navigate_base, pipeline, quality
from atlas_read, atlas_write, atlas_admin;
revoke all on all routines in schema explore, chart, navigate, navigate_base, pipeline, quality
from atlas_read, atlas_write, atlas_admin;
revoke all on schema navigate, quality, pipeline from atlas_read;
grant execute on all routines in schema explore, chart, navigate, navigate_base, pipeline, quality to public;
alter default privileges for role atlas_owner grant execute on functions to public;
alter default privileges for role atlas_owner grant usage on types to public;

drop function compliance.end_expired_grants();
drop function compliance.revoke_role(text, text);
drop function compliance.end_membership(text, text);
drop function compliance.grant_role(text, text, timestamptz);
drop function compliance.record_grant(text, text, timestamptz);
drop function compliance.has_clearance(text);
drop function compliance.granted_rank();
drop function compliance.clearance_rank(text);
drop table compliance.role_grants;
drop function compliance.settle_database();
do $$
begin
    perform compliance.hand_over(session_user);
    execute format('revoke all on database %I from atlas_owner, atlas_read', current_database());
    execute format('grant connect, temporary on database %I to public', current_database());
    execute format('alter role %I in database %I reset role', session_user, current_database());
    revoke all on schema public from atlas_owner;
    grant usage on schema public to public;
end
$$;
-- What dbt has in it, dbt can rebuild.
drop schema compliance cascade;
