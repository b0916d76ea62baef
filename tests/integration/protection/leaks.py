"""Each path by which a value could reach somebody who isn't cleared for it, and what takes its protection off."""

from __future__ import annotations

from dataclasses import dataclass

from protection_support import CANARY

BASE = "navigate_base.dim_customer"
VIEW = "navigate.dim_customer"
OPEN_BASE = "grant usage on schema navigate_base to {low}", "grant select on navigate_base.{table} to {low}"
SHUT_BASE = "revoke all on navigate_base.{table} from {low}", "revoke all on schema navigate_base from {low}"
OPEN_CUSTOMERS = tuple(statement.replace("{table}", "dim_customer") for statement in OPEN_BASE)
SHUT_CUSTOMERS = tuple(statement.replace("{table}", "dim_customer") for statement in SHUT_BASE)
UNMASK = (f"create or replace view {VIEW} as select * from {BASE}",)
# Longer than any other, so that it is found without being named.
LONG = CANARY * 6
CUSTOMER = {
    "name": LONG,
    "email": f"{LONG}@example.org",
    "phone": "+49 30 1234567",
    "city": LONG,
    "country": "DE",
    "segment": "consumer",
    "credit_limit": 7070707,
    "is_active": True,
    "signed_up_on": "2025-03-01",
    "tags": [CANARY],
    "updated_at": "2025-03-02T00:00:00Z",
    "op": "create",
}


@dataclass(frozen=True)
class Leak:
    """A path.

    Attributes:
        name: what it is.
        tries: what the login without clearance runs.
        off: takes the protection off.
        on: puts it back; {masked} makes the view anew as it was.
        canary: what must not be seen.
    """

    name: str
    tries: tuple[str, ...]
    off: tuple[str, ...]
    on: tuple[str, ...]
    canary: str = CANARY


def longest(column: str, table: str = VIEW) -> str:
    """An expression of a column's longest value."""
    return f"(select {column} from {table} order by length({column}) desc nulls last limit 1)"


def of_base(name: str, *tries: str, table: str = "dim_customer", canary: str = CANARY) -> Leak:
    """A path to a private table, which rights on it open."""
    off = tuple(statement.replace("{table}", table) for statement in OPEN_BASE)
    on = tuple(statement.replace("{table}", table) for statement in SHUT_BASE)
    return Leak(name, tries, off, on, canary)


def of_view(name: str, *tries: str) -> Leak:
    """A path to the published view, which a view without masks opens."""
    return Leak(name, tries, UNMASK, ("{masked}",))


def of_explore(name: str, *tries: str, table: str) -> Leak:
    """A path to something in explore."""
    return Leak(
        name,
        tries,
        ("grant usage on schema explore to {low}", f"grant select on {table} to {{low}}"),
        (f"revoke all on {table} from {{low}}", "revoke all on schema explore from {low}"),
    )


BECOME = "grant atlas_owner to {low}"
UNBECOME = "revoke atlas_owner from {low}"
PATHS = (
    of_base("table", f"select * from {BASE}", f"table {BASE}", f"select customer_name from only {BASE}"),
    of_base("table's whole row", f"select d from {BASE} as d", f"select to_jsonb(d) from {BASE} as d"),
    of_view("view", f"select * from {VIEW}"),
    of_view("view's whole row", f"select d from {VIEW} as d", f"select row_to_json(d) from {VIEW} as d"),
    of_view("view, ordered and grouped", f"select min(email), max(city), array_agg(tags::text) from {VIEW}"),
    of_view("view of a view", f"select * from (select email as e from {VIEW} offset 0) as s"),
    of_base("partition", "select * from navigate_base.{fct_partition}", table="{fct_partition}"),
    of_explore("partition of landing", "select * from {landing_partition}", table="{landing_partition}"),
    of_explore("landing payload", "select payload from explore.raw_crm__customers", table="explore.raw_crm__customers"),
    of_explore(
        "landing payload, inside",
        "select payload ->> 'email' from explore.raw_crm__customers",
        table="explore.raw_crm__customers",
    ),
    of_explore("typed landing", "select * from explore.crm__customers", table="explore.crm__customers"),
    of_explore("quarantine", "select convert_from(raw, 'UTF8') from explore.quarantine", table="explore.quarantine"),
    Leak(
        "chart",
        ("select * from chart.customer_changes",),
        ("grant usage on schema chart to {low}", "grant select on chart.customer_changes to {low}"),
        ("revoke all on chart.customer_changes from {low}", "revoke all on schema chart from {low}"),
    ),
    of_base("event log", f"select * from {BASE}__events", table="dim_customer__events"),
    of_base("rejected events", f"select * from {BASE}__rejected", table="dim_customer__rejected"),
    Leak(
        "sequence",
        (
            "select last_value from explore.batches_batch_id_seq",
            "select currval('explore.batches_batch_id_seq')",
            "select nextval('explore.batches_batch_id_seq')",
            "select * from pg_sequences",
        ),
        ("grant usage on schema explore to {low}", "grant select on sequence explore.batches_batch_id_seq to {low}"),
        ("revoke all on sequence explore.batches_batch_id_seq from {low}", "revoke all on schema explore from {low}"),
        canary="{last_batch}",
    ),
    of_base("copy of a table", f"copy {BASE} to stdout"),
    of_view("copy of a query", f"copy (select * from {VIEW}) to stdout"),
    Leak(
        "function",
        ("select navigate.peek()",),
        (
            f"create function navigate.peek() returns text language sql security definer return "
            f"(select string_agg(email, ' ') from {BASE})",
            "grant execute on function navigate.peek() to {low}",
        ),
        ("drop function navigate.peek()",),
    ),
    of_view("explain analyze", f"explain (analyze, verbose) select cast({longest('email')} as integer)"),
    of_base("explain of a table", f"explain (analyze) select cast({longest('email', BASE)} as integer)"),
    of_base("pg_stats", "select * from pg_stats where tablename = 'dim_customer'"),
    Leak("pg_stats_ext", ("select * from pg_stats_ext", "select * from pg_statistic_ext_data"), (BECOME,), (UNBECOME,)),
    Leak(
        "pg_stat_activity",
        ("select query from pg_stat_activity",),
        ("grant {cleared} to {low}",),
        ("revoke {cleared} from {low}",),
    ),
    of_view("error of a cast", f"select cast({longest('email')} as integer)"),
    of_view("error of a cast to a date", f"select cast({longest('customer_name')} as date)"),
    of_view("error of json", f"select cast('{{' || {longest('city')} as json)"),
    of_view(
        "division by what is counted",
        f"select 1 / (count(*) - count(*)), max(city) from {VIEW}",
        f"select max(city || 1 / length(segment)) from {VIEW}",
    ),
    Leak(
        "error of a constraint",
        (f"update {BASE} set valid_to = '-infinity' where length(customer_name) > 40",),
        ("grant usage on schema navigate_base to {low}", f"grant select, update on {BASE} to {{low}}"),
        (f"revoke all on {BASE} from {{low}}", "revoke all on schema navigate_base from {low}"),
    ),
    of_base(
        "backup of a rebuild", "select * from navigate_base.dim_customer__dbt_backup", table="dim_customer__dbt_backup"
    ),
    Leak(
        "information_schema",
        (
            "select * from information_schema.columns where table_schema = 'navigate_base'",
            "select * from information_schema.tables where table_schema = 'navigate_base'",
        ),
        OPEN_CUSTOMERS,
        SHUT_CUSTOMERS,
        canary="dim_customer",
    ),
    of_base(
        "functions that run a query",
        # PostgreSQL may have been built without XML.
        f"select query_to_xml('select * from {BASE}', true, true, '')",
        f"select table_to_xml('{BASE}'::regclass, true, true, '')",
        f"select * from ts_stat('select to_tsvector(''simple'', customer_name) from {BASE}')",
    ),
    of_base("reader's own view", f"create view navigate.mine as select * from {BASE}", f"select * from {BASE}"),
    Leak(
        "large object",
        (
            "select convert_from(lo_get({large_object}), 'UTF8')",
            "select convert_from(loread(lo_open({large_object}, 262144), 100), 'UTF8')",
        ),
        ("grant select on large object {large_object} to {low}",),
        ("revoke all on large object {large_object} from {low}",),
    ),
    Leak("set role", ("set role atlas_owner", f"select * from {BASE}"), (BECOME,), (UNBECOME,)),
    Leak(
        "set role to a clearance",
        (
            f"select * from {VIEW}",
            "set role atlas_clearance_restricted",
            f"select * from {VIEW}",
            "set session authorization {cleared}",
            f"select * from {VIEW}",
        ),
        ("select compliance.grant_role('{low}', 'atlas_clearance_restricted')",),
        ("select compliance.revoke_role('{low}', 'atlas_clearance_restricted')",),
    ),
    Leak(
        "temporary table",
        (
            "create temporary table peek (value text)",
            f"insert into peek select d::text from {BASE} as d",
            "select * from peek",
        ),
        ("grant temporary on database {database} to {low}", *OPEN_CUSTOMERS),
        ("revoke temporary on database {database} from {low}", *SHUT_CUSTOMERS),
    ),
)
# What a reader may not do at all.
MISCHIEF = (
    "create schema mine",
    "create function navigate.leak(text) returns boolean language plpgsql as 'begin return true; end'",
    "create function public.leak(text) returns boolean language plpgsql as 'begin return true; end'",
    "create function pg_temp.leak(text) returns boolean language plpgsql as 'begin return true; end'",
    "create temporary table mine (value text)",
    "create temporary view mine as select 1",
    "create view navigate.mine as select 1",
    "create operator public.<<< (leftarg = text, rightarg = text, function = texteq)",
    "create extension dblink",
    "create extension postgres_fdw",
    "select lo_import('/etc/passwd')",
    "select pg_read_file('PG_VERSION')",
    "select pg_read_binary_file('PG_VERSION')",
    "select pg_ls_dir('.')",
    "copy navigate.dim_customer to '/tmp/peek'",
    "copy (select 1) to program 'true'",
    "alter role current_user bypassrls",
    "grant atlas_clearance_secret to current_user",
    "select compliance.grant_role(session_user::text, 'atlas_clearance_secret')",
    "select compliance.pseudonym_pad('inner')",
    "select * from compliance.role_grants",
    f"begin; lock table {BASE}",
    f"alter view {VIEW} owner to current_user",
    f"create trigger peek before update on {BASE} execute function suppress_redundant_updates_trigger()",
)
# What somebody may do by hand, and how it is named.
DRIFTS = {
    f"create or replace view {VIEW} as select * from {BASE}": (
        "navigate.dim_customer: its query, options, owner, rights or lookups were changed by hand."
    ),
    "alter view navigate.dim_customer set (security_barrier = true)": (
        "navigate.dim_customer: its security_barrier is on."
    ),
    f"select compliance.make_lookups('{BASE}', '{{email}}')": (
        "navigate.dim_customer: its query, options, owner, rights or lookups were changed by hand."
    ),
    "drop view navigate.mart_repository": "navigate.mart_repository: it is missing, so nobody can read the table.",
    "delete from compliance.protections where view_name = 'dim_branch'": (
        "navigate.dim_branch: it wasn't made by the project's hook."
    ),
    # As if a level had been raised since.
    "update compliance.column_protections set level = 'internal' where view_name = 'fct_commit' and column_name = "
    "'author_email'; update compliance.protections set wanted_hash = '' where view_name = 'fct_commit'": (
        "navigate.fct_commit: column author_email is confidential (masked by email) in the project and internal "
        "(masked by email) in the database."
    ),
    f"grant select on {BASE} to public": "navigate_base.dim_customer: everybody has SELECT on the table.",
    "grant select (email) on chart.customer_changes to {low}": (
        "chart.customer_changes: {low} has SELECT on column email."
    ),
    "grant select on quality.test_runs to {low}": "quality.test_runs: {low} has SELECT on the table.",
    "grant usage on schema explore to atlas_read": "explore: atlas_read has USAGE on the schema.",
    "grant execute on function quality.compare_rules(text, text, date, date) to public": (
        "quality.compare_rules(text,text,date,date): everybody has EXECUTE on the routine."
    ),
    f"grant select on {VIEW} to public": "navigate.dim_customer: everybody has SELECT on the table.",
    "grant usage on sequence explore.batches_batch_id_seq to {low}": (
        "explore.batches_batch_id_seq: {low} has USAGE on the sequence."
    ),
    "create table navigate.copied as select 1 as one; grant select on navigate.copied to atlas_read": (
        "navigate.copied: atlas_read has SELECT on the table."
    ),
    "alter default privileges in schema chart grant select on tables to atlas_read": (
        "chart: what atlas_owner makes in chart is given to atlas_read at once (tables)."
    ),
    # By roles that have other rights in the same place.
    "grant select on compliance.audit_log to atlas_read": ("compliance.audit_log: atlas_read has SELECT on the table."),
    "grant update, delete on quality.anomaly_feedback to atlas_write": (
        "quality.anomaly_feedback: atlas_write has DELETE, UPDATE on the table."
    ),
    "grant select on quality.rules to atlas_read with grant option": (
        "quality.rules: atlas_read has SELECT on the table."
    ),
    "grant create on schema quality to atlas_read": "quality: atlas_read has CREATE on the schema.",
    "grant execute on function compliance.grant_role(text, text, timestamptz) to atlas_read": (
        "compliance.grant_role(text,text,timestamp with time zone): atlas_read has EXECUTE on the routine."
    ),
    f"create view quality.peek as select * from {BASE}; grant select on quality.peek to atlas_read": (
        "quality.peek: atlas_read has SELECT on the table."
    ),
    f"create schema elsewhere; create materialized view elsewhere.peek as select * from {BASE}; "
    "grant usage on schema elsewhere to atlas_read; grant select on elsewhere.peek to {low}": (
        "elsewhere.peek: {low} has SELECT on the table."
    ),
    "create schema elsewhere; create function elsewhere.peek() returns text language sql security definer return "
    f"(select max(email) from {BASE}); grant execute on function elsewhere.peek() to public": (
        "elsewhere.peek(): everybody has EXECUTE on the routine."
    ),
    "grant select on large object {large_object} to {low}": "{large_object}: {low} has SELECT on the large object.",
    "set role none; grant temporary on database {database} to atlas_read; set role atlas_owner": (
        "{database}: atlas_read has TEMPORARY on the database."
    ),
    "set role none; grant connect on database {database} to public; set role atlas_owner": (
        "{database}: everybody has CONNECT on the database."
    ),
    # What enforces the rules.
    "create or replace function compliance.has_clearance(level text) returns boolean language sql stable return true": (
        "compliance.has_clearance: it isn't the function that its migration makes."
    ),
    "create or replace function compliance.granted_rank() returns integer language sql stable return 4": (
        "compliance.granted_rank: it isn't the function that its migration makes."
    ),
    "alter function quality.rule_results(text, text, date) security definer": (
        "quality.rule_results(text,text,date): it runs as its owner, which no migration makes it do."
    ),
    "alter table quality.incidents disable row level security": ("quality.incidents: its row-level security is off."),
    "drop policy declared_as_oneself on quality.incidents": (
        "quality.incidents: its policy declared_as_oneself is missing."
    ),
    "alter policy changed_by_its_author on quality.incidents using (true)": (
        "quality.incidents: its policy changed_by_its_author was changed."
    ),
    "create policy all_of_it on quality.incidents to atlas_write using (true)": (
        "quality.incidents: its policy all_of_it was added."
    ),
    "alter table quality.incidents disable trigger audit_update": "quality.incidents: its trigger audit_update is off.",
    "alter table compliance.audit_log enable trigger kept_rows": (
        "compliance.audit_log: its trigger kept_rows is off."
    ),
    "drop trigger audit_delete on {runs_partition}": "{runs_partition}: its trigger audit_delete is missing.",
    "create rule peek as on update to quality.rules do instead nothing": (
        "quality.rules: it has a rule peek, which no migration makes."
    ),
    "insert into compliance.protections (view_schema, view_name, base_schema, base_name, wanted_hash, made_hash) "
    "values ('navigate', 'gone', 'navigate_base', 'gone', '', '')": (
        "navigate.gone: it is gone, and yet on record as protected."
    ),
}
# Rights that a repair leaves.
THEIRS = """
    select
        has_column_privilege('atlas_write', 'quality.anomaly_feedback', 'note', 'update'),
        has_table_privilege('atlas_read', 'quality.rules', 'select')
"""
# What only a DBA does, and undoes: the statement, its reverse, and how it is named.
BEYOND = (
    ("grant atlas_owner to {low}", "revoke atlas_owner from {low}", "{low}: it is a member of atlas_owner,"),
    ("grant pg_read_all_data to {low}", "revoke pg_read_all_data from {low}", "{low}: it is a member of pg_read_all"),
    ("alter role {low} superuser", "alter role {low} nosuperuser", "{low}: it has SUPERUSER,"),
    ("alter role {low} bypassrls", "alter role {low} nobypassrls", "{low}: it has BYPASSRLS,"),
    ("alter role {low} replication", "alter role {low} noreplication", "{low}: it has REPLICATION,"),
    (
        f"create schema elsewhere; create view elsewhere.peek as select * from {BASE}; "
        "grant select on elsewhere.peek to {low}",
        "drop schema elsewhere cascade",
        "elsewhere.peek: {low} has SELECT on the table.",
    ),
    (
        "create function chart.mine() returns integer language sql return 1; "
        "revoke execute on function chart.mine() from public",
        "drop function chart.mine()",
        "chart.mine(): it belongs to ",
    ),
    (
        "drop trigger audit_delete on quality.incidents",
        "select compliance.audit('quality.incidents', '{incident_id}', '{anomaly_id, table_schema, table_name, "
        "column_name, metric, began_at, ended_at, declared_by, declared_at}')",
        "quality.incidents: its trigger audit_delete is missing",
    ),
)
COMMIT = {
    "repository": "r",
    "hash": "a" * 40,
    "operation": "upsert",
    "parents": [],
    "is_merge": False,
    "author_name": CANARY,
    "author_email": f"{CANARY}@example.org",
    "authored_at": "2024-03-01T00:00:00Z",
    "committer_name": CANARY,
    "committer_email": f"{CANARY}@example.org",
    "committed_at": "2024-03-01T00:00:00Z",
    "subject": CANARY,
    "observed_at": "2024-03-02T00:00:00Z",
    "event_at": "2024-03-02T00:00:00Z",
}
