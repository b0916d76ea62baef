{% macro schema_check_sql() %}
    {{ return(adapter.dispatch('schema_check_sql')()) }}
{% endmacro %}

{% macro default__schema_check_sql() %}
    select null
{% endmacro %}

{% macro postgres__schema_check_sql() %}
    select case
        when
            to_regnamespace('compliance') is null
            then 'The database has no Atlas schema yet, or an older one. Make it: atlas migrate'
        when
            (select r.rolsuper or r.rolbypassrls from pg_catalog.pg_roles as r where r.rolname = session_user)
            then format('%s is a superuser or bypasses row-level security. Use another login.', session_user)
        -- What dbt makes must not belong to a login: its owner could show it to anybody.
        when
            current_user <> 'atlas_owner'
            then format(
                '%s doesn''t work as atlas_owner in this database. %s', session_user,
                case
                    when pg_has_role(session_user, 'atlas_owner', 'member') then 'Run: atlas migrate'
                    else format('An owner makes it one: atlas roles grant %I owner', session_user)
                end
            )
        when
            to_regclass('explore.batches') is null
            or to_regclass('pipeline.batches_read') is null
            or to_regclass('compliance.role_grants') is null
            or to_regproc('pipeline.make_due_partitions') is null
            or to_regproc('quality.forget') is null
            or to_regproc('compliance.record_assets') is null
            or to_regproc('compliance.seal_audit_log') is null
            then 'The database has no Atlas schema yet, or an older one. Make it: atlas migrate'
    end
{% endmacro %}
