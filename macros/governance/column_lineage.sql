{#- Made by `atlas lineage --write`. Each model's columns, the columns that these come from, and a fingerprint of the
    code that this was read from: a build takes what has another one for secret. After a conflict take either side, and
    write it again. -#}
{% macro column_lineage() %}
    {{ return(
{
    "model.atlas.branch_heads": {
        "fingerprint": "d266852fcabafee24127d7047e03b9f5",
        "columns": {
            "branch": ["model.atlas.ref_events:ref_name"],
            "head_hash": ["model.atlas.ref_events:target_hash"],
            "moved_at": ["model.atlas.ref_events:_event_at"],
            "ref": ["model.atlas.ref_events:ref"],
            "ref_kind": ["model.atlas.ref_events:ref_kind"],
            "repository": ["model.atlas.ref_events:repository"]
        }
    },
    "model.atlas.bridge_commit_team": {
        "fingerprint": "84e172c20693ab8928e2cfaea9d68ead",
        "columns": {
            "allocation": ["model.atlas.bridge_team_member:allocation"],
            "commit_hash": ["model.atlas.fct_commit:commit_hash"],
            "repository": ["model.atlas.fct_commit:repository"],
            "team": ["model.atlas.bridge_team_member:team"]
        }
    },
    "model.atlas.bridge_deployment_scope": {
        "fingerprint": "ee765964562ecb634fa811f0af427a86",
        "columns": {
            "deployed_on": ["model.atlas.fct_deployment:deployed_on"],
            "deployment_id": ["model.atlas.fct_deployment:deployment_id"],
            "scope": [],
            "scope_name": ["model.atlas.bridge_commit_team:team", "model.atlas.fct_deployment:repository", "model.atlas.repository_organisations:organisation"],
            "share": ["model.atlas.bridge_commit_team:allocation", "model.atlas.fct_deployment:commits"],
            "status": ["model.atlas.fct_deployment:status"]
        }
    },
    "model.atlas.bridge_incident_scope": {
        "fingerprint": "862241e9dce5686db349bb41b05522ae",
        "columns": {
            "issue_id": ["model.atlas.fct_incident:issue_id"],
            "opened_at": ["model.atlas.fct_incident:opened_at"],
            "opened_on": ["model.atlas.fct_incident:opened_at"],
            "restore_s": ["model.atlas.fct_incident:restore_s"],
            "scope": ["model.atlas.bridge_deployment_scope:scope"],
            "scope_name": ["model.atlas.bridge_deployment_scope:scope_name", "model.atlas.fct_incident:repository", "model.atlas.repository_organisations:organisation"],
            "share": ["model.atlas.bridge_deployment_scope:share"]
        }
    },
    "model.atlas.bridge_team_member": {
        "fingerprint": "b3baf7d6d1551d67084d3a06f77ead8b",
        "columns": {
            "allocation": ["model.atlas.team_memberships:allocation"],
            "evidence": ["model.atlas.team_memberships:evidence"],
            "identity_rule": ["model.atlas.team_memberships:identity_rule"],
            "member": ["model.atlas.team_memberships:member"],
            "person_id": ["model.atlas.team_memberships:person_id"],
            "team": ["model.atlas.team_memberships:team"],
            "valid_from": ["model.atlas.team_memberships:valid_from", "model.atlas.team_memberships:valid_to"],
            "valid_to": ["model.atlas.team_memberships:valid_from", "model.atlas.team_memberships:valid_to"]
        }
    },
    "model.atlas.bridge_work_scope": {
        "fingerprint": "cc5415ccd9a20656ea196b13604b818d",
        "columns": {
            "first_on": ["model.atlas.fct_pull_request:opened_on", "model.atlas.fct_review:submitted_on", "model.atlas.issues:resolved_at"],
            "kind": [],
            "last_on": ["model.atlas.fct_pull_request:closed_on", "model.atlas.fct_pull_request:opened_on", "model.atlas.fct_review:submitted_on", "model.atlas.issues:resolved_at"],
            "repository": ["model.atlas.fct_pull_request:repository", "model.atlas.fct_review:repository", "model.atlas.issues:repository"],
            "scope": [],
            "scope_name": ["model.atlas.bridge_team_member:team", "model.atlas.dim_team:organisation", "model.atlas.fct_pull_request:repository", "model.atlas.fct_review:repository", "model.atlas.issues:repository", "model.atlas.repository_organisations:organisation"],
            "share": ["model.atlas.bridge_team_member:allocation"],
            "work_id": ["model.atlas.fct_pull_request:pull_request_id", "model.atlas.fct_review:review_id", "model.atlas.issues:issue_id"]
        }
    },
    "model.atlas.commit_co_authors": {
        "fingerprint": "803f6a610f381b552bb7f27587146e3c",
        "columns": {
            "co_author_email": ["model.atlas.commit_events:body"],
            "co_author_name": ["model.atlas.commit_events:body"],
            "commit_hash": ["model.atlas.commit_events:commit_hash"],
            "developer_id": ["model.atlas.commit_events:body"],
            "repository": ["model.atlas.commit_events:repository"]
        }
    },
    "model.atlas.commit_events": {
        "fingerprint": "ec58f9619382fe30564d0a1f42636049",
        "columns": {
            "_batch_id": ["model.atlas.git__commits:_batch_id"],
            "_event_at": ["model.atlas.git__commits:_event_at"],
            "_line": ["model.atlas.git__commits:_line"],
            "_operation": ["model.atlas.git__commits:_operation"],
            "_received_at": ["model.atlas.git__commits:_received_at"],
            "_sha256": ["model.atlas.git__commits:_sha256"],
            "author_email": ["model.atlas.git__commits:author_email"],
            "author_name": ["model.atlas.git__commits:author_name"],
            "authored_at": ["model.atlas.git__commits:authored_at"],
            "authored_at_raw": ["model.atlas.git__commits:authored_at_raw"],
            "authored_offset_minutes": ["model.atlas.git__commits:authored_offset_minutes"],
            "body": ["model.atlas.git__commits:body"],
            "commit_hash": ["model.atlas.git__commits:hash"],
            "committed_at": ["model.atlas.git__commits:committed_at"],
            "committed_at_raw": ["model.atlas.git__commits:committed_at_raw"],
            "committed_offset_minutes": ["model.atlas.git__commits:committed_offset_minutes"],
            "committer_email": ["model.atlas.git__commits:committer_email"],
            "committer_name": ["model.atlas.git__commits:committer_name"],
            "encoding_repaired": ["model.atlas.git__commits:encoding_repaired"],
            "files_changed": ["model.atlas.git__commits:files_changed"],
            "is_merge": ["model.atlas.git__commits:is_merge"],
            "lines_added": ["model.atlas.git__commits:lines_added"],
            "lines_deleted": ["model.atlas.git__commits:lines_deleted"],
            "observed_at": ["model.atlas.git__commits:observed_at"],
            "parent_hashes": ["model.atlas.git__commits:parents"],
            "repository": ["model.atlas.git__commits:repository"],
            "subject": ["model.atlas.git__commits:subject"],
            "tree_hash": ["model.atlas.git__commits:tree"]
        }
    },
    "model.atlas.commit_file_types": {
        "fingerprint": "8057ea8a283817327d4f51ea501ea4c5",
        "columns": {
            "commit_hash": ["model.atlas.git__commits:hash"],
            "file_type": ["model.atlas.git__commits:file_types"],
            "files_changed": ["model.atlas.git__commits:file_types"],
            "lines_added": ["model.atlas.git__commits:file_types"],
            "lines_deleted": ["model.atlas.git__commits:file_types"],
            "repository": ["model.atlas.git__commits:repository"]
        }
    },
    "model.atlas.commit_parents": {
        "fingerprint": "3b11ef6bcf818ad50163f38745da07f3",
        "columns": {
            "commit_hash": ["model.atlas.commit_events:commit_hash"],
            "parent_hash": ["model.atlas.commit_events:parent_hashes"],
            "repository": ["model.atlas.commit_events:repository"]
        }
    },
    "model.atlas.crm__customers": {
        "fingerprint": "a023d4e470de776c0d8a8b74356b4c29",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.crm.customers:updated_at"],
            "_key": ["source.atlas.crm.customers:customer_id"],
            "_line": [],
            "_operation": ["source.atlas.crm.customers:op"],
            "_received_at": [],
            "_sha256": ["source.atlas.crm.customers:*"],
            "city": ["source.atlas.crm.customers:city"],
            "country": ["source.atlas.crm.customers:country"],
            "credit_limit": ["source.atlas.crm.customers:credit_limit"],
            "customer_id": ["source.atlas.crm.customers:customer_id"],
            "email": ["source.atlas.crm.customers:email"],
            "is_active": ["source.atlas.crm.customers:is_active"],
            "name": ["source.atlas.crm.customers:name"],
            "op": ["source.atlas.crm.customers:op"],
            "phone": ["source.atlas.crm.customers:phone"],
            "segment": ["source.atlas.crm.customers:segment"],
            "signed_up_on": ["source.atlas.crm.customers:signed_up_on"],
            "tags": ["source.atlas.crm.customers:tags"],
            "updated_at": ["source.atlas.crm.customers:updated_at"]
        }
    },
    "model.atlas.customer_changes": {
        "fingerprint": "b87f734d0d965b65c8282a0c3c038c16",
        "columns": {
            "_batch_id": ["model.atlas.crm__customers:_batch_id"],
            "_event_at": ["model.atlas.crm__customers:_event_at"],
            "_line": ["model.atlas.crm__customers:_line"],
            "_operation": ["model.atlas.crm__customers:_operation"],
            "_received_at": ["model.atlas.crm__customers:_received_at"],
            "_sha256": ["model.atlas.crm__customers:_sha256"],
            "city": ["model.atlas.crm__customers:city"],
            "country_code": ["model.atlas.crm__customers:country"],
            "credit_limit_eur": ["model.atlas.crm__customers:credit_limit"],
            "customer_id": ["model.atlas.crm__customers:customer_id"],
            "customer_name": ["model.atlas.crm__customers:name"],
            "email": ["model.atlas.crm__customers:email"],
            "is_active": ["model.atlas.crm__customers:is_active"],
            "phone": ["model.atlas.crm__customers:phone"],
            "segment": ["model.atlas.crm__customers:segment"],
            "signed_up_on": ["model.atlas.crm__customers:signed_up_on"],
            "tags": ["model.atlas.crm__customers:tags"]
        }
    },
    "model.atlas.default_branches": {
        "fingerprint": "53f8a9e260e570795a196eaf0ca5a454",
        "columns": {
            "branch": ["model.atlas.branch_heads:branch"],
            "head_hash": ["model.atlas.branch_heads:head_hash"],
            "ref": ["model.atlas.branch_heads:ref"],
            "repository": ["model.atlas.branch_heads:repository"]
        }
    },
    "model.atlas.deployments": {
        "fingerprint": "6773684a9b2412ada5f41cf773abab8c",
        "columns": {
            "commit_hash": ["model.atlas.deployments_from_github:commit_hash", "model.atlas.deployments_from_gitlab:commit_hash", "model.atlas.deployments_from_tags:commit_hash"],
            "deployed_at": ["model.atlas.deployments_from_github:deployed_at", "model.atlas.deployments_from_gitlab:deployed_at", "model.atlas.deployments_from_tags:deployed_at"],
            "deployment_id": ["model.atlas.deployments_from_github:deployment_id", "model.atlas.deployments_from_gitlab:deployment_id", "model.atlas.deployments_from_tags:deployment_id"],
            "environment": ["model.atlas.deployments_from_github:environment", "model.atlas.deployments_from_gitlab:environment", "model.atlas.deployments_from_tags:environment"],
            "environment_name": ["model.atlas.deployments_from_github:environment_name", "model.atlas.deployments_from_gitlab:environment_name", "model.atlas.deployments_from_tags:environment_name"],
            "evidence": ["model.atlas.deployments_from_github:evidence", "model.atlas.deployments_from_gitlab:evidence", "model.atlas.deployments_from_tags:evidence"],
            "name": ["model.atlas.deployments_from_github:name", "model.atlas.deployments_from_gitlab:name", "model.atlas.deployments_from_tags:name"],
            "repository": ["model.atlas.deployments_from_github:repository", "model.atlas.deployments_from_gitlab:repository", "model.atlas.deployments_from_tags:repository"],
            "status": ["model.atlas.deployments_from_github:status", "model.atlas.deployments_from_gitlab:status", "model.atlas.deployments_from_tags:status"],
            "system": ["model.atlas.deployments_from_github:system", "model.atlas.deployments_from_gitlab:system", "model.atlas.deployments_from_tags:system"]
        }
    },
    "model.atlas.deployments_from_github": {
        "fingerprint": "9a9f3ed68581dc2b9c77f8286cfbd842",
        "columns": {
            "commit_hash": ["model.atlas.github__deployments:commit_hash"],
            "deployed_at": ["model.atlas.github__deployment_statuses:_event_at"],
            "deployment_id": ["model.atlas.github__deployments:deployment_id", "model.atlas.github__deployments:repository_id"],
            "environment": ["model.atlas.github__deployments:environment", "model.atlas.github__deployments:is_production"],
            "environment_name": ["model.atlas.github__deployments:environment"],
            "evidence": [],
            "name": ["model.atlas.github__deployments:commit_hash", "model.atlas.github__deployments:ref"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "status": ["model.atlas.github__deployment_statuses:_event_at", "model.atlas.github__deployment_statuses:state", "model.atlas.github__deployments:commit_hash", "model.atlas.github__deployments:deployment_id", "model.atlas.github__deployments:ref", "model.atlas.github__deployments:task"],
            "system": []
        }
    },
    "model.atlas.deployments_from_gitlab": {
        "fingerprint": "0109e3c22a396ca438830f3198ad7a7c",
        "columns": {
            "commit_hash": ["model.atlas.gitlab__deployments:commit_hash"],
            "deployed_at": ["model.atlas.gitlab__deployments:_event_at", "model.atlas.gitlab__deployments:finished_at"],
            "deployment_id": ["model.atlas.gitlab__deployments:deployment_id", "model.atlas.gitlab__deployments:repository_id"],
            "environment": ["model.atlas.gitlab__deployments:environment", "model.atlas.gitlab__deployments:environment_tier"],
            "environment_name": ["model.atlas.gitlab__deployments:environment"],
            "evidence": ["model.atlas.gitlab__deployments:finished_at"],
            "name": ["model.atlas.gitlab__deployments:commit_hash", "model.atlas.gitlab__deployments:ref"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "status": ["model.atlas.gitlab__deployments:_event_at", "model.atlas.gitlab__deployments:commit_hash", "model.atlas.gitlab__deployments:deployment_id", "model.atlas.gitlab__deployments:finished_at", "model.atlas.gitlab__deployments:ref", "model.atlas.gitlab__deployments:status"],
            "system": []
        }
    },
    "model.atlas.deployments_from_tags": {
        "fingerprint": "0b434b82fb2ca75b030f8006c3781740",
        "columns": {
            "commit_hash": ["model.atlas.ref_events:target_hash"],
            "deployed_at": ["model.atlas.commit_events:committed_at", "model.atlas.ref_events:observed_at", "model.atlas.ref_events:tagged_at"],
            "deployment_id": ["model.atlas.ref_events:ref", "model.atlas.ref_events:repository", "model.atlas.ref_events:target_hash"],
            "environment": [],
            "environment_name": [],
            "evidence": ["model.atlas.commit_events:committed_at", "model.atlas.ref_events:observed_at", "model.atlas.ref_events:tagged_at"],
            "name": ["model.atlas.ref_events:ref_name"],
            "repository": ["model.atlas.ref_events:repository"],
            "status": [],
            "system": []
        }
    },
    "model.atlas.developer_identities": {
        "fingerprint": "64fa415fa7789a506269b24ef91cd09b",
        "columns": {
            "developer_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:committer_email", "model.atlas.mailmap_entries:commit_email", "model.atlas.mailmap_entries:proper_email", "model.atlas.verified_commits:developer_id", "seed.atlas.declared_logins:email", "seed.atlas.declared_logins:login"],
            "merged_by": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:committer_email", "model.atlas.mailmap_entries:commit_email", "model.atlas.mailmap_entries:proper_email", "model.atlas.verified_commits:developer_id", "seed.atlas.declared_logins:email", "seed.atlas.declared_logins:login"],
            "person_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:committer_email", "model.atlas.mailmap_entries:commit_email", "model.atlas.mailmap_entries:proper_email", "model.atlas.verified_commits:developer_id", "seed.atlas.declared_logins:email", "seed.atlas.declared_logins:login"]
        }
    },
    "model.atlas.dim_branch": {
        "fingerprint": "16989f11c837848f0beb71a36a5ba501",
        "columns": {
            "branch": ["model.atlas.ref_events:ref_name"],
            "head_hash": ["model.atlas.ref_events:target_hash"],
            "is_current": ["model.atlas.ref_events:_event_at"],
            "prev_to": ["model.atlas.ref_events:_event_at"],
            "ref": ["model.atlas.ref_events:ref"],
            "ref_kind": ["model.atlas.ref_events:ref_kind"],
            "repository": ["model.atlas.ref_events:repository"],
            "valid_from": ["model.atlas.ref_events:_event_at"],
            "valid_to": ["model.atlas.ref_events:_event_at"],
            "version_key": ["model.atlas.ref_events:_event_at", "model.atlas.ref_events:ref", "model.atlas.ref_events:repository"]
        }
    },
    "model.atlas.dim_customer": {
        "fingerprint": "660868d6a36a49b00ce6af8b96cb0774",
        "columns": {
            "city": ["model.atlas.customer_changes:city"],
            "country_code": ["model.atlas.customer_changes:country_code"],
            "credit_limit_eur": ["model.atlas.customer_changes:credit_limit_eur"],
            "customer_id": ["model.atlas.customer_changes:customer_id"],
            "customer_name": ["model.atlas.customer_changes:customer_name"],
            "email": ["model.atlas.customer_changes:email"],
            "is_active": ["model.atlas.customer_changes:is_active"],
            "is_current": ["model.atlas.customer_changes:_event_at"],
            "phone": ["model.atlas.customer_changes:phone"],
            "prev_to": ["model.atlas.customer_changes:_event_at"],
            "segment": ["model.atlas.customer_changes:segment"],
            "signed_up_on": ["model.atlas.customer_changes:signed_up_on"],
            "tags": ["model.atlas.customer_changes:tags"],
            "valid_from": ["model.atlas.customer_changes:_event_at"],
            "valid_to": ["model.atlas.customer_changes:_event_at"],
            "version_key": ["model.atlas.customer_changes:_event_at", "model.atlas.customer_changes:customer_id"]
        }
    },
    "model.atlas.dim_delivery_period": {
        "fingerprint": "043f7d311c0a20bcfb747fbf63ac1113",
        "columns": {
            "ends_on": ["model.atlas.bridge_deployment_scope:deployed_on", "model.atlas.bridge_incident_scope:opened_on"],
            "is_measured": ["model.atlas.bridge_deployment_scope:deployed_on", "model.atlas.bridge_incident_scope:opened_on"],
            "period": [],
            "period_name": ["model.atlas.bridge_deployment_scope:deployed_on", "model.atlas.bridge_incident_scope:opened_on"],
            "scope": ["model.atlas.bridge_deployment_scope:scope", "model.atlas.bridge_incident_scope:scope"],
            "scope_name": ["model.atlas.bridge_deployment_scope:scope_name", "model.atlas.bridge_incident_scope:scope_name", "model.atlas.dim_organisation:organisation", "model.atlas.dim_team:team", "model.atlas.hosted_repositories:repository", "model.atlas.ref_events:repository"],
            "starts_on": ["model.atlas.bridge_deployment_scope:deployed_on", "model.atlas.bridge_incident_scope:opened_on"]
        }
    },
    "model.atlas.dim_developer": {
        "fingerprint": "8917e133bc7404dfaadcafed6e1ebb84",
        "columns": {
            "developer_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name", "model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name", "model.atlas.service_logins:developer_id"],
            "developer_name": ["model.atlas.commit_events:author_name", "model.atlas.commit_events:committer_name", "model.atlas.service_logins:login"],
            "email": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:committer_email"],
            "is_current": ["model.atlas.commit_events:committed_at"],
            "is_login": [],
            "is_placeholder": [],
            "merged_by": ["model.atlas.developer_identities:merged_by"],
            "person_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name", "model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name", "model.atlas.developer_identities:person_id", "model.atlas.service_logins:developer_id"],
            "prev_to": ["model.atlas.commit_events:committed_at"],
            "valid_from": ["model.atlas.commit_events:committed_at"],
            "valid_to": ["model.atlas.commit_events:committed_at"],
            "version_key": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name", "model.atlas.commit_events:committed_at", "model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name", "model.atlas.service_logins:developer_id"]
        }
    },
    "model.atlas.dim_organisation": {
        "fingerprint": "190754329c62960de7a58c5dacdada21",
        "columns": {
            "organisation": ["model.atlas.repository_organisations:organisation", "model.atlas.team_memberships:organisation"],
            "repositories": [],
            "teams": []
        }
    },
    "model.atlas.dim_repository": {
        "fingerprint": "b11f9eef9c52a52505d37b5efb22195d",
        "columns": {
            "is_current": ["model.atlas.ref_events:tagged_at"],
            "is_placeholder": [],
            "latest_tag": ["model.atlas.ref_events:ref_name"],
            "latest_tag_commit": ["model.atlas.ref_events:target_hash"],
            "prev_to": ["model.atlas.ref_events:tagged_at"],
            "repository": ["model.atlas.commit_events:repository", "model.atlas.ref_events:repository"],
            "valid_from": ["model.atlas.ref_events:tagged_at"],
            "valid_to": ["model.atlas.ref_events:tagged_at"],
            "version_key": ["model.atlas.commit_events:repository", "model.atlas.ref_events:repository", "model.atlas.ref_events:tagged_at"]
        }
    },
    "model.atlas.dim_team": {
        "fingerprint": "9fec5d18393a4130b53bd1f7132d962e",
        "columns": {
            "evidence": ["model.atlas.team_memberships:evidence"],
            "is_placeholder": [],
            "organisation": ["model.atlas.team_memberships:organisation"],
            "team": ["model.atlas.team_memberships:team"]
        }
    },
    "model.atlas.dim_work_period": {
        "fingerprint": "9c07fea72ad82d1eb8ad74a261633640",
        "columns": {
            "ends_on": ["model.atlas.bridge_work_scope:first_on", "model.atlas.bridge_work_scope:last_on", "model.atlas.fct_commit:committed_on"],
            "issues_measured_on": ["model.atlas.bridge_work_scope:first_on", "model.atlas.bridge_work_scope:last_on"],
            "measured_on": ["model.atlas.bridge_work_scope:first_on", "model.atlas.bridge_work_scope:last_on", "model.atlas.bridge_work_scope:repository"],
            "period": [],
            "period_name": ["model.atlas.bridge_work_scope:first_on", "model.atlas.bridge_work_scope:last_on", "model.atlas.fct_commit:committed_on"],
            "scope": ["model.atlas.bridge_work_scope:scope"],
            "scope_name": ["model.atlas.bridge_commit_team:team", "model.atlas.bridge_work_scope:scope_name", "model.atlas.fct_commit:repository", "model.atlas.repository_organisations:organisation"],
            "starts_on": ["model.atlas.bridge_work_scope:first_on", "model.atlas.bridge_work_scope:last_on", "model.atlas.fct_commit:committed_on"]
        }
    },
    "model.atlas.failure_sources": {
        "fingerprint": "5fe4aba457cdce7f6cc46e7d1c041fda",
        "columns": {
            "repository": ["model.atlas.default_branches:repository", "model.atlas.deployments:repository", "model.atlas.incident_sources:repository", "seed.atlas.repository_rules:repository"]
        }
    },
    "model.atlas.fct_change_period": {
        "fingerprint": "b1f9806c9e58352ff2c1babe348c76bf",
        "columns": {
            "changes": [],
            "changes_allocated": ["model.atlas.bridge_commit_team:allocation", "model.atlas.fct_commit_deployment:lead_time_s"],
            "lead_time_mean_s": ["model.atlas.fct_commit_deployment:lead_time_s"],
            "lead_time_p90_s": ["model.atlas.fct_commit_deployment:lead_time_s"],
            "lead_time_s": ["model.atlas.fct_commit_deployment:lead_time_s"],
            "negative_changes": [],
            "period_name": ["model.atlas.fct_deployment:deployed_on"],
            "scope": ["model.atlas.bridge_deployment_scope:scope"],
            "scope_name": ["model.atlas.bridge_commit_team:team", "model.atlas.bridge_deployment_scope:scope_name"],
            "timed_changes": []
        }
    },
    "model.atlas.fct_commit": {
        "fingerprint": "b3e4911d650641c1ee854e6b1a0c2cf9",
        "columns": {
            "author_email": ["model.atlas.commit_events:author_email"],
            "author_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name"],
            "author_name": ["model.atlas.commit_events:author_name"],
            "author_version_key": ["model.atlas.dim_developer:version_key"],
            "authored_at": ["model.atlas.commit_events:authored_at"],
            "authored_offset_minutes": ["model.atlas.commit_events:authored_offset_minutes"],
            "commit_hash": ["model.atlas.commit_events:commit_hash"],
            "committed_at": ["model.atlas.commit_events:committed_at"],
            "committed_offset_minutes": ["model.atlas.commit_events:committed_offset_minutes"],
            "committed_on": ["model.atlas.commit_events:committed_at"],
            "committer_email": ["model.atlas.commit_events:committer_email"],
            "committer_id": ["model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name"],
            "committer_name": ["model.atlas.commit_events:committer_name"],
            "committer_version_key": ["model.atlas.dim_developer:version_key"],
            "files_changed": ["model.atlas.commit_events:files_changed"],
            "is_merge": ["model.atlas.commit_events:is_merge"],
            "is_reachable": ["model.atlas.commit_events:_operation"],
            "lines_added": ["model.atlas.commit_events:lines_added"],
            "lines_deleted": ["model.atlas.commit_events:lines_deleted"],
            "parent_hashes": ["model.atlas.commit_events:parent_hashes"],
            "reachable_changed_at": ["model.atlas.commit_events:_event_at"],
            "repository": ["model.atlas.commit_events:repository"],
            "repository_version_key": ["model.atlas.dim_repository:version_key"],
            "subject": ["model.atlas.commit_events:subject"]
        }
    },
    "model.atlas.fct_commit_deployment": {
        "fingerprint": "2099002b6916d95810bf02359a821013",
        "columns": {
            "authored_at": ["model.atlas.fct_commit:authored_at"],
            "commit_hash": ["model.atlas.fct_commit:commit_hash"],
            "deployed_at": ["model.atlas.ordered_deployments:deployed_at"],
            "deployment_id": ["model.atlas.ordered_deployments:deployment_id"],
            "is_baseline": ["model.atlas.ordered_deployments:is_baseline"],
            "is_merge": ["model.atlas.fct_commit:is_merge"],
            "lead_time_s": ["model.atlas.fct_commit:authored_at", "model.atlas.fct_commit:is_merge", "model.atlas.ordered_deployments:deployed_at", "model.atlas.ordered_deployments:is_baseline"],
            "repository": ["model.atlas.fct_commit:repository"]
        }
    },
    "model.atlas.fct_deployment": {
        "fingerprint": "751568401218df5de1cc20bfa192acac",
        "columns": {
            "commit_hash": ["model.atlas.deployments:commit_hash"],
            "commits": [],
            "deployed_at": ["model.atlas.deployments:deployed_at"],
            "deployed_on": ["model.atlas.deployments:deployed_at"],
            "deployment_id": ["model.atlas.deployments:deployment_id"],
            "deployment_number": ["model.atlas.ordered_deployments:deployment_number"],
            "environment": ["model.atlas.deployments:environment"],
            "environment_name": ["model.atlas.deployments:environment_name"],
            "evidence": ["model.atlas.deployments:evidence"],
            "is_baseline": ["model.atlas.ordered_deployments:is_baseline"],
            "is_commit_known": ["model.atlas.ordered_deployments:is_commit_known"],
            "merge_commits": [],
            "name": ["model.atlas.deployments:name"],
            "repository": ["model.atlas.deployments:repository"],
            "status": ["model.atlas.deployments:status"],
            "system": ["model.atlas.deployments:system"]
        }
    },
    "model.atlas.fct_deployment_period": {
        "fingerprint": "dbf99b2740e12e5baa9274fe8e81555f",
        "columns": {
            "deployments": [],
            "failed": [],
            "failed_allocated": ["model.atlas.bridge_deployment_scope:share", "model.atlas.fct_deployment:is_baseline"],
            "judged": [],
            "judged_allocated": ["model.atlas.bridge_deployment_scope:share", "model.atlas.fct_deployment:is_baseline"],
            "linkable": [],
            "period_name": ["model.atlas.fct_deployment:deployed_on"],
            "recovery_mean_s": ["model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "recovery_p90_s": ["model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "recovery_s": ["model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "restored": [],
            "restored_allocated": ["model.atlas.bridge_deployment_scope:share", "model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "scope": ["model.atlas.bridge_deployment_scope:scope"],
            "scope_name": ["model.atlas.bridge_deployment_scope:scope_name"],
            "successes": [],
            "successes_allocated": ["model.atlas.bridge_deployment_scope:share", "model.atlas.fct_deployment:status"],
            "timed": [],
            "told": []
        }
    },
    "model.atlas.fct_deployment_rhythm": {
        "fingerprint": "8499d65b6187bd1b66b3189f0bddc45a",
        "columns": {
            "days_per_half_year": ["model.atlas.dim_delivery_period:period"],
            "days_per_month": ["model.atlas.dim_delivery_period:period"],
            "days_per_week": ["model.atlas.dim_delivery_period:period"],
            "period_name": ["model.atlas.dim_delivery_period:period", "model.atlas.dim_delivery_period:starts_on"],
            "scope": ["model.atlas.dim_delivery_period:scope"],
            "scope_name": ["model.atlas.dim_delivery_period:scope_name"]
        }
    },
    "model.atlas.fct_incident": {
        "fingerprint": "4df8653634f6882e78ce3c67c8bd7bf8",
        "columns": {
            "deployed_at": ["model.atlas.fct_deployment:deployed_at"],
            "deployment_id": ["model.atlas.fct_deployment:deployment_id"],
            "evidence": [],
            "evidence_rank": [],
            "hotfix_hash": ["model.atlas.hotfixes:commit_hash"],
            "incident_id": ["model.atlas.fct_deployment:deployment_id", "model.atlas.incidents:incident_id", "model.atlas.reverts:commit_hash", "model.atlas.reverts:repository", "model.atlas.reverts:reverted_hash"],
            "issue_id": ["model.atlas.incidents:issue_id"],
            "issue_name": ["model.atlas.incidents:issue_name"],
            "linked_by": ["model.atlas.incident_links:linked_by"],
            "opened_at": ["model.atlas.incidents:opened_at"],
            "recovery_s": ["model.atlas.fct_deployment:deployed_at", "model.atlas.incidents:resolved_at"],
            "repository": ["model.atlas.fct_deployment:repository", "model.atlas.incidents:repository", "model.atlas.reverts:repository"],
            "resolved_at": ["model.atlas.incidents:resolved_at"],
            "restore_s": ["model.atlas.incidents:opened_at", "model.atlas.incidents:resolved_at"],
            "restored_at": ["model.atlas.fct_deployment:deployed_at", "model.atlas.incidents:resolved_at"],
            "restored_by": ["model.atlas.fct_deployment:deployment_id"],
            "revert_hash": ["model.atlas.reverts:commit_hash"],
            "reverted_hash": ["model.atlas.reverts:reverted_hash"]
        }
    },
    "model.atlas.fct_incident_period": {
        "fingerprint": "2c72f37669d88821b53d839ff5cff347",
        "columns": {
            "is_watched": ["model.atlas.dim_delivery_period:scope"],
            "linked": [],
            "opened": [],
            "period_name": ["model.atlas.dim_delivery_period:period_name"],
            "resolved": [],
            "resolved_allocated": ["model.atlas.bridge_incident_scope:restore_s", "model.atlas.bridge_incident_scope:share"],
            "restore_mean_s": ["model.atlas.bridge_incident_scope:restore_s"],
            "restore_p90_s": ["model.atlas.bridge_incident_scope:restore_s"],
            "restore_s": ["model.atlas.bridge_incident_scope:restore_s"],
            "scope": ["model.atlas.dim_delivery_period:scope"],
            "scope_name": ["model.atlas.dim_delivery_period:scope_name"],
            "unlinked": []
        }
    },
    "model.atlas.fct_issue": {
        "fingerprint": "9519c4359c88654220acc9eaa7d6b6a1",
        "columns": {
            "author_id": ["model.atlas.issues:author_id"],
            "cycle_time_s": ["model.atlas.issue_stays:entered_at", "model.atlas.issue_stays:status_category", "model.atlas.issues:resolved_at"],
            "done_s": ["model.atlas.issue_stays:status_category", "model.atlas.issue_stays:stayed_s"],
            "in_progress_s": ["model.atlas.issue_stays:status_category", "model.atlas.issue_stays:stayed_s"],
            "issue_id": ["model.atlas.issues:issue_id"],
            "issue_name": ["model.atlas.issues:issue_name"],
            "issue_type": ["model.atlas.issues:issue_type"],
            "lead_time_s": ["model.atlas.issues:created_at", "model.atlas.issues:resolved_at"],
            "open_s": ["model.atlas.issue_stays:status_category", "model.atlas.issue_stays:stayed_s"],
            "opened_at": ["model.atlas.issues:created_at"],
            "repository": ["model.atlas.issues:repository"],
            "resolution": ["model.atlas.issues:resolution"],
            "resolved_at": ["model.atlas.issues:resolved_at"],
            "started_at": ["model.atlas.issue_stays:entered_at", "model.atlas.issue_stays:status_category"],
            "status": ["model.atlas.issues:status"],
            "status_category": ["model.atlas.issues:status_category"],
            "status_entered_at": ["model.atlas.issue_stays:entered_at", "model.atlas.issue_stays:left_at"],
            "system": ["model.atlas.issues:system"],
            "times_reopened": [],
            "unknown_s": ["model.atlas.issue_stays:status_category", "model.atlas.issue_stays:stayed_s"]
        }
    },
    "model.atlas.fct_issue_status": {
        "fingerprint": "b0f15e2d70797cb1cad58018ba27a085",
        "columns": {
            "first_entered_at": ["model.atlas.issue_stays:entered_at"],
            "is_present": [],
            "issue_id": ["model.atlas.issue_stays:issue_id"],
            "repository": ["model.atlas.issues:repository"],
            "status": ["model.atlas.issue_stays:status"],
            "status_category": ["model.atlas.issue_stays:status_category"],
            "stayed_s": ["model.atlas.issue_stays:stayed_s"],
            "stays": []
        }
    },
    "model.atlas.fct_people_period": {
        "fingerprint": "d36236005422d73d42f1b92fab6febc5",
        "columns": {
            "allocated": ["model.atlas.bridge_commit_team:allocation", "model.atlas.bridge_work_scope:share"],
            "figure": ["model.atlas.bridge_work_scope:share"],
            "metric": [],
            "n": [],
            "p90": ["model.atlas.bridge_work_scope:share"],
            "period_name": ["model.atlas.fct_commit:committed_on", "model.atlas.fct_review:submitted_on"],
            "scope": ["model.atlas.bridge_work_scope:scope"],
            "scope_name": ["model.atlas.bridge_commit_team:team", "model.atlas.bridge_work_scope:scope_name", "model.atlas.fct_commit:repository", "model.atlas.repository_organisations:organisation"]
        }
    },
    "model.atlas.fct_pull_request": {
        "fingerprint": "9067df000d152bfe16c944035b5f2ae4",
        "columns": {
            "approved_at": ["model.atlas.fct_review:submitted_at", "model.atlas.fct_review:verdict"],
            "author_id": ["model.atlas.pull_requests:author_id"],
            "closed_at": ["model.atlas.pull_requests:closed_at"],
            "closed_on": ["model.atlas.pull_requests:closed_at", "model.atlas.pull_requests:merged_at"],
            "coding_reason": ["model.atlas.pull_requests:first_authored_at"],
            "coding_s": ["model.atlas.pull_requests:created_at", "model.atlas.pull_requests:first_authored_at"],
            "deploy_reason": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployment_id", "model.atlas.fct_commit_deployment:is_baseline", "model.atlas.pull_requests:state"],
            "deploy_s": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployed_at", "model.atlas.fct_commit_deployment:deployment_id", "model.atlas.fct_commit_deployment:is_baseline", "model.atlas.pull_requests:merged_at", "model.atlas.pull_requests:state"],
            "deployed_at": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployed_at"],
            "deployment_id": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployment_id"],
            "files_changed": ["model.atlas.pull_requests:files_changed"],
            "first_authored_at": ["model.atlas.pull_requests:first_authored_at"],
            "first_reviewed_at": ["model.atlas.fct_review:submitted_at"],
            "is_by_bot": ["model.atlas.pull_requests:is_by_bot"],
            "is_draft": ["model.atlas.pull_requests:is_draft"],
            "lead_time_reason": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployment_id", "model.atlas.fct_commit_deployment:is_baseline", "model.atlas.pull_requests:first_authored_at", "model.atlas.pull_requests:state"],
            "lead_time_s": ["model.atlas.fct_commit_deployment:commit_hash", "model.atlas.fct_commit_deployment:deployed_at", "model.atlas.fct_commit_deployment:deployment_id", "model.atlas.fct_commit_deployment:is_baseline", "model.atlas.pull_requests:first_authored_at", "model.atlas.pull_requests:state"],
            "lines_added": ["model.atlas.pull_requests:lines_added"],
            "lines_deleted": ["model.atlas.pull_requests:lines_deleted"],
            "merge_reason": ["model.atlas.fct_review:submitted_at", "model.atlas.fct_review:verdict", "model.atlas.pull_requests:merged_at"],
            "merge_s": ["model.atlas.fct_review:submitted_at", "model.atlas.fct_review:verdict", "model.atlas.pull_requests:merged_at"],
            "merged_at": ["model.atlas.pull_requests:merged_at"],
            "merged_on": ["model.atlas.pull_requests:merged_at"],
            "number": ["model.atlas.pull_requests:number"],
            "opened_at": ["model.atlas.pull_requests:created_at"],
            "opened_on": ["model.atlas.pull_requests:created_at"],
            "pickup_reason": ["model.atlas.fct_review:submitted_at"],
            "pickup_s": ["model.atlas.fct_review:submitted_at", "model.atlas.pull_requests:created_at"],
            "pull_request_id": ["model.atlas.pull_requests:pull_request_id"],
            "repository": ["model.atlas.pull_requests:repository"],
            "review_reason": ["model.atlas.fct_review:submitted_at", "model.atlas.fct_review:verdict"],
            "review_s": ["model.atlas.fct_review:submitted_at", "model.atlas.fct_review:verdict"],
            "reviewers": [],
            "reviews": [],
            "state": ["model.atlas.pull_requests:state"],
            "system": ["model.atlas.pull_requests:system"],
            "title": ["model.atlas.pull_requests:title"]
        }
    },
    "model.atlas.fct_review": {
        "fingerprint": "715c898d19baf2de2afc2f7761324a9c",
        "columns": {
            "counts": ["model.atlas.pull_requests:author_id", "model.atlas.pull_requests:closed_at", "model.atlas.pull_requests:created_at", "model.atlas.pull_requests:merged_at", "model.atlas.reviews:is_by_bot", "model.atlas.reviews:reviewer_id", "model.atlas.reviews:submitted_at"],
            "is_by_bot": ["model.atlas.reviews:is_by_bot"],
            "is_late": ["model.atlas.pull_requests:closed_at", "model.atlas.pull_requests:merged_at", "model.atlas.reviews:submitted_at"],
            "is_own": ["model.atlas.pull_requests:author_id", "model.atlas.reviews:reviewer_id"],
            "pull_request_id": ["model.atlas.reviews:pull_request_id"],
            "repository": ["model.atlas.reviews:repository"],
            "review_id": ["model.atlas.reviews:review_id"],
            "review_number": ["model.atlas.pull_requests:author_id", "model.atlas.pull_requests:closed_at", "model.atlas.pull_requests:created_at", "model.atlas.pull_requests:merged_at", "model.atlas.reviews:is_by_bot", "model.atlas.reviews:review_id", "model.atlas.reviews:reviewer_id", "model.atlas.reviews:submitted_at"],
            "reviewer_id": ["model.atlas.reviews:reviewer_id"],
            "submitted_at": ["model.atlas.reviews:submitted_at"],
            "submitted_on": ["model.atlas.reviews:submitted_at"],
            "system": ["model.atlas.reviews:system"],
            "verdict": ["model.atlas.reviews:verdict"],
            "waited_s": ["model.atlas.pull_requests:author_id", "model.atlas.pull_requests:closed_at", "model.atlas.pull_requests:created_at", "model.atlas.pull_requests:merged_at", "model.atlas.reviews:is_by_bot", "model.atlas.reviews:review_id", "model.atlas.reviews:reviewer_id", "model.atlas.reviews:submitted_at"]
        }
    },
    "model.atlas.fct_work_period": {
        "fingerprint": "a0d46a46f3a8473456661e15e265fb14",
        "columns": {
            "allocated": ["model.atlas.bridge_work_scope:share", "model.atlas.dim_work_period:measured_on", "model.atlas.fct_pull_request:closed_on", "model.atlas.fct_pull_request:coding_s", "model.atlas.fct_pull_request:deploy_s", "model.atlas.fct_pull_request:lead_time_s", "model.atlas.fct_pull_request:merge_s", "model.atlas.fct_pull_request:opened_on", "model.atlas.fct_pull_request:pickup_s", "model.atlas.fct_pull_request:review_s"],
            "amount": ["model.atlas.dim_work_period:measured_on", "model.atlas.fct_pull_request:closed_on", "model.atlas.fct_pull_request:coding_s", "model.atlas.fct_pull_request:deploy_s", "model.atlas.fct_pull_request:lead_time_s", "model.atlas.fct_pull_request:merge_s", "model.atlas.fct_pull_request:opened_on", "model.atlas.fct_pull_request:pickup_s", "model.atlas.fct_pull_request:review_s"],
            "amount_mean": ["model.atlas.dim_work_period:measured_on", "model.atlas.fct_pull_request:closed_on", "model.atlas.fct_pull_request:coding_s", "model.atlas.fct_pull_request:deploy_s", "model.atlas.fct_pull_request:lead_time_s", "model.atlas.fct_pull_request:merge_s", "model.atlas.fct_pull_request:opened_on", "model.atlas.fct_pull_request:pickup_s", "model.atlas.fct_pull_request:review_s"],
            "amount_p90": ["model.atlas.dim_work_period:measured_on", "model.atlas.fct_pull_request:closed_on", "model.atlas.fct_pull_request:coding_s", "model.atlas.fct_pull_request:deploy_s", "model.atlas.fct_pull_request:lead_time_s", "model.atlas.fct_pull_request:merge_s", "model.atlas.fct_pull_request:opened_on", "model.atlas.fct_pull_request:pickup_s", "model.atlas.fct_pull_request:review_s"],
            "candidates": [],
            "excluded": [],
            "metric": ["model.atlas.bridge_work_scope:kind"],
            "n": [],
            "period_name": ["model.atlas.bridge_work_scope:last_on", "model.atlas.dim_work_period:period_name", "model.atlas.fct_pull_request:first_reviewed_at", "model.atlas.fct_pull_request:merged_on", "model.atlas.fct_pull_request:opened_on"],
            "scope": ["model.atlas.bridge_work_scope:scope"],
            "scope_name": ["model.atlas.bridge_work_scope:scope_name"]
        }
    },
    "model.atlas.git__commits": {
        "fingerprint": "82a673641d1c7b1cc8f2dda00ecb0d66",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.git.commits:event_at"],
            "_key": ["source.atlas.git.commits:hash", "source.atlas.git.commits:repository"],
            "_line": [],
            "_operation": ["source.atlas.git.commits:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.git.commits:*"],
            "author_email": ["source.atlas.git.commits:author_email"],
            "author_name": ["source.atlas.git.commits:author_name"],
            "authored_at": ["source.atlas.git.commits:authored_at"],
            "authored_at_raw": ["source.atlas.git.commits:authored_at_raw"],
            "authored_offset_minutes": ["source.atlas.git.commits:authored_offset_minutes"],
            "body": ["source.atlas.git.commits:body"],
            "committed_at": ["source.atlas.git.commits:committed_at"],
            "committed_at_raw": ["source.atlas.git.commits:committed_at_raw"],
            "committed_offset_minutes": ["source.atlas.git.commits:committed_offset_minutes"],
            "committer_email": ["source.atlas.git.commits:committer_email"],
            "committer_name": ["source.atlas.git.commits:committer_name"],
            "encoding_repaired": ["source.atlas.git.commits:encoding_repaired"],
            "event_at": ["source.atlas.git.commits:event_at"],
            "file_types": ["source.atlas.git.commits:file_types"],
            "files_changed": ["source.atlas.git.commits:files_changed"],
            "hash": ["source.atlas.git.commits:hash"],
            "is_merge": ["source.atlas.git.commits:is_merge"],
            "lines_added": ["source.atlas.git.commits:lines_added"],
            "lines_deleted": ["source.atlas.git.commits:lines_deleted"],
            "observed_at": ["source.atlas.git.commits:observed_at"],
            "operation": ["source.atlas.git.commits:operation"],
            "parents": ["source.atlas.git.commits:parents"],
            "repository": ["source.atlas.git.commits:repository"],
            "subject": ["source.atlas.git.commits:subject"],
            "tree": ["source.atlas.git.commits:tree"]
        }
    },
    "model.atlas.git__refs": {
        "fingerprint": "8fed2c053fd9f093154f30ccc1fb81fa",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.git.refs:event_at"],
            "_key": ["source.atlas.git.refs:ref", "source.atlas.git.refs:repository"],
            "_line": [],
            "_operation": ["source.atlas.git.refs:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.git.refs:*"],
            "event_at": ["source.atlas.git.refs:event_at"],
            "is_annotated": ["source.atlas.git.refs:is_annotated"],
            "kind": ["source.atlas.git.refs:kind"],
            "mailmap": ["source.atlas.git.refs:mailmap"],
            "name": ["source.atlas.git.refs:name"],
            "observed_at": ["source.atlas.git.refs:observed_at"],
            "operation": ["source.atlas.git.refs:operation"],
            "ref": ["source.atlas.git.refs:ref"],
            "repository": ["source.atlas.git.refs:repository"],
            "tag_subject": ["source.atlas.git.refs:tag_subject"],
            "tagged_at": ["source.atlas.git.refs:tagged_at"],
            "tagged_at_raw": ["source.atlas.git.refs:tagged_at_raw"],
            "tagged_offset_minutes": ["source.atlas.git.refs:tagged_offset_minutes"],
            "tagger_email": ["source.atlas.git.refs:tagger_email"],
            "tagger_name": ["source.atlas.git.refs:tagger_name"],
            "target_hash": ["source.atlas.git.refs:target_hash"]
        }
    },
    "model.atlas.github__deployment_statuses": {
        "fingerprint": "37ea0e53c92494f128b2dd59d1744cce",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.deployment_statuses:event_at"],
            "_key": ["source.atlas.github.deployment_statuses:repository_id", "source.atlas.github.deployment_statuses:status_id"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.github.deployment_statuses:*"],
            "creator_login": ["source.atlas.github.deployment_statuses:creator_login"],
            "deployment_id": ["source.atlas.github.deployment_statuses:deployment_id"],
            "environment": ["source.atlas.github.deployment_statuses:environment"],
            "event_at": ["source.atlas.github.deployment_statuses:event_at"],
            "repository_id": ["source.atlas.github.deployment_statuses:repository_id"],
            "state": ["source.atlas.github.deployment_statuses:state"],
            "status_id": ["source.atlas.github.deployment_statuses:status_id"]
        }
    },
    "model.atlas.github__deployments": {
        "fingerprint": "2c043b1e5608e58b396c59da81fe1c81",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.deployments:event_at"],
            "_key": ["source.atlas.github.deployments:deployment_id", "source.atlas.github.deployments:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.github.deployments:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.deployments:*"],
            "commit_hash": ["source.atlas.github.deployments:commit_hash"],
            "created_at": ["source.atlas.github.deployments:created_at"],
            "creator_login": ["source.atlas.github.deployments:creator_login"],
            "deployment_id": ["source.atlas.github.deployments:deployment_id"],
            "environment": ["source.atlas.github.deployments:environment"],
            "event_at": ["source.atlas.github.deployments:event_at"],
            "is_production": ["source.atlas.github.deployments:is_production"],
            "is_transient": ["source.atlas.github.deployments:is_transient"],
            "operation": ["source.atlas.github.deployments:operation"],
            "ref": ["source.atlas.github.deployments:ref"],
            "repository_id": ["source.atlas.github.deployments:repository_id"],
            "task": ["source.atlas.github.deployments:task"]
        }
    },
    "model.atlas.github__issue_events": {
        "fingerprint": "9dc9de20570ac9f73baad5edb8c085ae",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.issue_events:event_at"],
            "_key": ["source.atlas.github.issue_events:event_id", "source.atlas.github.issue_events:repository_id"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.github.issue_events:*"],
            "actor_login": ["source.atlas.github.issue_events:actor_login"],
            "assignee_login": ["source.atlas.github.issue_events:assignee_login"],
            "commit_hash": ["source.atlas.github.issue_events:commit_hash"],
            "event": ["source.atlas.github.issue_events:event"],
            "event_at": ["source.atlas.github.issue_events:event_at"],
            "event_id": ["source.atlas.github.issue_events:event_id"],
            "issue": ["source.atlas.github.issue_events:issue"],
            "label": ["source.atlas.github.issue_events:label"],
            "repository_id": ["source.atlas.github.issue_events:repository_id"],
            "state_reason": ["source.atlas.github.issue_events:state_reason"]
        }
    },
    "model.atlas.github__issues": {
        "fingerprint": "25203724151e0884e9ee9fae9c753d24",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.issues:event_at"],
            "_key": ["source.atlas.github.issues:number", "source.atlas.github.issues:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.github.issues:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.issues:*"],
            "assignees": ["source.atlas.github.issues:assignees"],
            "author_login": ["source.atlas.github.issues:author_login"],
            "author_type": ["source.atlas.github.issues:author_type"],
            "body": ["source.atlas.github.issues:body"],
            "closed_at": ["source.atlas.github.issues:closed_at"],
            "created_at": ["source.atlas.github.issues:created_at"],
            "event_at": ["source.atlas.github.issues:event_at"],
            "labels": ["source.atlas.github.issues:labels"],
            "milestone": ["source.atlas.github.issues:milestone"],
            "number": ["source.atlas.github.issues:number"],
            "operation": ["source.atlas.github.issues:operation"],
            "repository_id": ["source.atlas.github.issues:repository_id"],
            "state": ["source.atlas.github.issues:state"],
            "state_reason": ["source.atlas.github.issues:state_reason"],
            "title": ["source.atlas.github.issues:title"]
        }
    },
    "model.atlas.github__organisations": {
        "fingerprint": "7157da587739d6f98a0bde48ea52b9ab",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.organisations:event_at"],
            "_key": ["source.atlas.github.organisations:host", "source.atlas.github.organisations:organisation_id"],
            "_line": [],
            "_operation": ["source.atlas.github.organisations:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.organisations:*"],
            "created_at": ["source.atlas.github.organisations:created_at"],
            "event_at": ["source.atlas.github.organisations:event_at"],
            "host": ["source.atlas.github.organisations:host"],
            "kind": ["source.atlas.github.organisations:kind"],
            "login": ["source.atlas.github.organisations:login"],
            "name": ["source.atlas.github.organisations:name"],
            "operation": ["source.atlas.github.organisations:operation"],
            "organisation_id": ["source.atlas.github.organisations:organisation_id"]
        }
    },
    "model.atlas.github__pull_requests": {
        "fingerprint": "5f5b70ce5822d4d3b2a776d59a4322d5",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.pull_requests:event_at"],
            "_key": ["source.atlas.github.pull_requests:number", "source.atlas.github.pull_requests:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.github.pull_requests:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.pull_requests:*"],
            "author_login": ["source.atlas.github.pull_requests:author_login"],
            "author_type": ["source.atlas.github.pull_requests:author_type"],
            "base_branch": ["source.atlas.github.pull_requests:base_branch"],
            "closed_at": ["source.atlas.github.pull_requests:closed_at"],
            "commit_hashes": ["source.atlas.github.pull_requests:commit_hashes"],
            "commit_logins": ["source.atlas.github.pull_requests:commit_logins"],
            "commits": ["source.atlas.github.pull_requests:commits"],
            "created_at": ["source.atlas.github.pull_requests:created_at"],
            "event_at": ["source.atlas.github.pull_requests:event_at"],
            "files_changed": ["source.atlas.github.pull_requests:files_changed"],
            "first_authored_at": ["source.atlas.github.pull_requests:first_authored_at"],
            "head_branch": ["source.atlas.github.pull_requests:head_branch"],
            "head_hash": ["source.atlas.github.pull_requests:head_hash"],
            "head_repository": ["source.atlas.github.pull_requests:head_repository"],
            "is_draft": ["source.atlas.github.pull_requests:is_draft"],
            "labels": ["source.atlas.github.pull_requests:labels"],
            "lines_added": ["source.atlas.github.pull_requests:lines_added"],
            "lines_deleted": ["source.atlas.github.pull_requests:lines_deleted"],
            "merge_commit_hash": ["source.atlas.github.pull_requests:merge_commit_hash"],
            "merged_at": ["source.atlas.github.pull_requests:merged_at"],
            "merged_by_login": ["source.atlas.github.pull_requests:merged_by_login"],
            "number": ["source.atlas.github.pull_requests:number"],
            "operation": ["source.atlas.github.pull_requests:operation"],
            "repository_id": ["source.atlas.github.pull_requests:repository_id"],
            "requested_reviewers": ["source.atlas.github.pull_requests:requested_reviewers"],
            "requested_teams": ["source.atlas.github.pull_requests:requested_teams"],
            "state": ["source.atlas.github.pull_requests:state"],
            "title": ["source.atlas.github.pull_requests:title"]
        }
    },
    "model.atlas.github__releases": {
        "fingerprint": "dc3c98afea8c381679c208512bbcdccc",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.releases:event_at"],
            "_key": ["source.atlas.github.releases:release_id", "source.atlas.github.releases:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.github.releases:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.releases:*"],
            "author_login": ["source.atlas.github.releases:author_login"],
            "created_at": ["source.atlas.github.releases:created_at"],
            "event_at": ["source.atlas.github.releases:event_at"],
            "is_draft": ["source.atlas.github.releases:is_draft"],
            "is_prerelease": ["source.atlas.github.releases:is_prerelease"],
            "name": ["source.atlas.github.releases:name"],
            "operation": ["source.atlas.github.releases:operation"],
            "published_at": ["source.atlas.github.releases:published_at"],
            "release_id": ["source.atlas.github.releases:release_id"],
            "repository_id": ["source.atlas.github.releases:repository_id"],
            "tag": ["source.atlas.github.releases:tag"],
            "target": ["source.atlas.github.releases:target"]
        }
    },
    "model.atlas.github__repositories": {
        "fingerprint": "cdb9a3e3c4f2741878f961842b0c626f",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.repositories:event_at"],
            "_key": ["source.atlas.github.repositories:host", "source.atlas.github.repositories:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.github.repositories:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.repositories:*"],
            "created_at": ["source.atlas.github.repositories:created_at"],
            "default_branch": ["source.atlas.github.repositories:default_branch"],
            "event_at": ["source.atlas.github.repositories:event_at"],
            "host": ["source.atlas.github.repositories:host"],
            "is_archived": ["source.atlas.github.repositories:is_archived"],
            "is_fork": ["source.atlas.github.repositories:is_fork"],
            "operation": ["source.atlas.github.repositories:operation"],
            "organisation_id": ["source.atlas.github.repositories:organisation_id"],
            "repository": ["source.atlas.github.repositories:repository"],
            "repository_id": ["source.atlas.github.repositories:repository_id"],
            "visibility": ["source.atlas.github.repositories:visibility"]
        }
    },
    "model.atlas.github__reviews": {
        "fingerprint": "17d6ad6ad51b1185e35894a6f7faaba0",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.reviews:event_at"],
            "_key": ["source.atlas.github.reviews:repository_id", "source.atlas.github.reviews:review_id"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.github.reviews:*"],
            "commit_hash": ["source.atlas.github.reviews:commit_hash"],
            "event_at": ["source.atlas.github.reviews:event_at"],
            "pull_request": ["source.atlas.github.reviews:pull_request"],
            "repository_id": ["source.atlas.github.reviews:repository_id"],
            "review_id": ["source.atlas.github.reviews:review_id"],
            "reviewer_login": ["source.atlas.github.reviews:reviewer_login"],
            "reviewer_type": ["source.atlas.github.reviews:reviewer_type"],
            "state": ["source.atlas.github.reviews:state"]
        }
    },
    "model.atlas.github__teams": {
        "fingerprint": "db473a1e59b9fb14448688f140fdf48d",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.github.teams:event_at"],
            "_key": ["source.atlas.github.teams:organisation_id", "source.atlas.github.teams:team_id"],
            "_line": [],
            "_operation": ["source.atlas.github.teams:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.github.teams:*"],
            "event_at": ["source.atlas.github.teams:event_at"],
            "members": ["source.atlas.github.teams:members"],
            "name": ["source.atlas.github.teams:name"],
            "operation": ["source.atlas.github.teams:operation"],
            "organisation_id": ["source.atlas.github.teams:organisation_id"],
            "parent_team_id": ["source.atlas.github.teams:parent_team_id"],
            "slug": ["source.atlas.github.teams:slug"],
            "team_id": ["source.atlas.github.teams:team_id"]
        }
    },
    "model.atlas.gitlab__deployments": {
        "fingerprint": "49ed915f6b0995e2e05b557eb0841dcc",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.deployments:event_at"],
            "_key": ["source.atlas.gitlab.deployments:deployment_id", "source.atlas.gitlab.deployments:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.deployments:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.deployments:*"],
            "commit_hash": ["source.atlas.gitlab.deployments:commit_hash"],
            "created_at": ["source.atlas.gitlab.deployments:created_at"],
            "creator_login": ["source.atlas.gitlab.deployments:creator_login"],
            "deployment_id": ["source.atlas.gitlab.deployments:deployment_id"],
            "environment": ["source.atlas.gitlab.deployments:environment"],
            "environment_tier": ["source.atlas.gitlab.deployments:environment_tier"],
            "event_at": ["source.atlas.gitlab.deployments:event_at"],
            "finished_at": ["source.atlas.gitlab.deployments:finished_at"],
            "operation": ["source.atlas.gitlab.deployments:operation"],
            "ref": ["source.atlas.gitlab.deployments:ref"],
            "repository_id": ["source.atlas.gitlab.deployments:repository_id"],
            "status": ["source.atlas.gitlab.deployments:status"]
        }
    },
    "model.atlas.gitlab__groups": {
        "fingerprint": "3a257f689e6d176c1452a98d4eb9e313",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.groups:event_at"],
            "_key": ["source.atlas.gitlab.groups:group_id", "source.atlas.gitlab.groups:host"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.groups:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.groups:*"],
            "created_at": ["source.atlas.gitlab.groups:created_at"],
            "event_at": ["source.atlas.gitlab.groups:event_at"],
            "group_id": ["source.atlas.gitlab.groups:group_id"],
            "host": ["source.atlas.gitlab.groups:host"],
            "members": ["source.atlas.gitlab.groups:members"],
            "name": ["source.atlas.gitlab.groups:name"],
            "operation": ["source.atlas.gitlab.groups:operation"],
            "parent_group_id": ["source.atlas.gitlab.groups:parent_group_id"],
            "path": ["source.atlas.gitlab.groups:path"]
        }
    },
    "model.atlas.gitlab__issue_events": {
        "fingerprint": "0bed782908bee938f335a06f7ae2451a",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.issue_events:event_at"],
            "_key": ["source.atlas.gitlab.issue_events:event_id", "source.atlas.gitlab.issue_events:repository_id"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.issue_events:*"],
            "actor_login": ["source.atlas.gitlab.issue_events:actor_login"],
            "commit_hash": ["source.atlas.gitlab.issue_events:commit_hash"],
            "event": ["source.atlas.gitlab.issue_events:event"],
            "event_at": ["source.atlas.gitlab.issue_events:event_at"],
            "event_id": ["source.atlas.gitlab.issue_events:event_id"],
            "issue": ["source.atlas.gitlab.issue_events:issue"],
            "label": ["source.atlas.gitlab.issue_events:label"],
            "repository_id": ["source.atlas.gitlab.issue_events:repository_id"]
        }
    },
    "model.atlas.gitlab__issues": {
        "fingerprint": "66bc7f2cd99d12c804fa5303dcccb152",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.issues:event_at"],
            "_key": ["source.atlas.gitlab.issues:number", "source.atlas.gitlab.issues:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.issues:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.issues:*"],
            "assignees": ["source.atlas.gitlab.issues:assignees"],
            "author_login": ["source.atlas.gitlab.issues:author_login"],
            "body": ["source.atlas.gitlab.issues:body"],
            "closed_at": ["source.atlas.gitlab.issues:closed_at"],
            "created_at": ["source.atlas.gitlab.issues:created_at"],
            "event_at": ["source.atlas.gitlab.issues:event_at"],
            "labels": ["source.atlas.gitlab.issues:labels"],
            "milestone": ["source.atlas.gitlab.issues:milestone"],
            "number": ["source.atlas.gitlab.issues:number"],
            "operation": ["source.atlas.gitlab.issues:operation"],
            "repository_id": ["source.atlas.gitlab.issues:repository_id"],
            "state": ["source.atlas.gitlab.issues:state"],
            "title": ["source.atlas.gitlab.issues:title"],
            "type": ["source.atlas.gitlab.issues:type"]
        }
    },
    "model.atlas.gitlab__merge_requests": {
        "fingerprint": "fde4f7c56dcea0d20a56bde8c137cf15",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.merge_requests:event_at"],
            "_key": ["source.atlas.gitlab.merge_requests:number", "source.atlas.gitlab.merge_requests:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.merge_requests:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.merge_requests:*"],
            "author_login": ["source.atlas.gitlab.merge_requests:author_login"],
            "base_branch": ["source.atlas.gitlab.merge_requests:base_branch"],
            "closed_at": ["source.atlas.gitlab.merge_requests:closed_at"],
            "commit_hashes": ["source.atlas.gitlab.merge_requests:commit_hashes"],
            "created_at": ["source.atlas.gitlab.merge_requests:created_at"],
            "event_at": ["source.atlas.gitlab.merge_requests:event_at"],
            "first_authored_at": ["source.atlas.gitlab.merge_requests:first_authored_at"],
            "head_branch": ["source.atlas.gitlab.merge_requests:head_branch"],
            "head_hash": ["source.atlas.gitlab.merge_requests:head_hash"],
            "is_draft": ["source.atlas.gitlab.merge_requests:is_draft"],
            "labels": ["source.atlas.gitlab.merge_requests:labels"],
            "merge_commit_hash": ["source.atlas.gitlab.merge_requests:merge_commit_hash"],
            "merged_at": ["source.atlas.gitlab.merge_requests:merged_at"],
            "merged_by_login": ["source.atlas.gitlab.merge_requests:merged_by_login"],
            "number": ["source.atlas.gitlab.merge_requests:number"],
            "operation": ["source.atlas.gitlab.merge_requests:operation"],
            "repository_id": ["source.atlas.gitlab.merge_requests:repository_id"],
            "reviewers": ["source.atlas.gitlab.merge_requests:reviewers"],
            "state": ["source.atlas.gitlab.merge_requests:state"],
            "title": ["source.atlas.gitlab.merge_requests:title"]
        }
    },
    "model.atlas.gitlab__projects": {
        "fingerprint": "14beb2d81f23ecb0a4b5b6764ed2c01f",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.projects:event_at"],
            "_key": ["source.atlas.gitlab.projects:host", "source.atlas.gitlab.projects:repository_id"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.projects:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.projects:*"],
            "created_at": ["source.atlas.gitlab.projects:created_at"],
            "default_branch": ["source.atlas.gitlab.projects:default_branch"],
            "event_at": ["source.atlas.gitlab.projects:event_at"],
            "group_id": ["source.atlas.gitlab.projects:group_id"],
            "host": ["source.atlas.gitlab.projects:host"],
            "is_archived": ["source.atlas.gitlab.projects:is_archived"],
            "is_fork": ["source.atlas.gitlab.projects:is_fork"],
            "operation": ["source.atlas.gitlab.projects:operation"],
            "repository": ["source.atlas.gitlab.projects:repository"],
            "repository_id": ["source.atlas.gitlab.projects:repository_id"],
            "visibility": ["source.atlas.gitlab.projects:visibility"]
        }
    },
    "model.atlas.gitlab__releases": {
        "fingerprint": "62840ecae421f1c387c22532b2353456",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.releases:event_at"],
            "_key": ["source.atlas.gitlab.releases:repository_id", "source.atlas.gitlab.releases:tag"],
            "_line": [],
            "_operation": ["source.atlas.gitlab.releases:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.releases:*"],
            "author_login": ["source.atlas.gitlab.releases:author_login"],
            "commit_hash": ["source.atlas.gitlab.releases:commit_hash"],
            "created_at": ["source.atlas.gitlab.releases:created_at"],
            "event_at": ["source.atlas.gitlab.releases:event_at"],
            "name": ["source.atlas.gitlab.releases:name"],
            "operation": ["source.atlas.gitlab.releases:operation"],
            "released_at": ["source.atlas.gitlab.releases:released_at"],
            "repository_id": ["source.atlas.gitlab.releases:repository_id"],
            "tag": ["source.atlas.gitlab.releases:tag"]
        }
    },
    "model.atlas.gitlab__reviews": {
        "fingerprint": "e2b10253949400bcf8ce27be1921101f",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.gitlab.reviews:event_at"],
            "_key": ["source.atlas.gitlab.reviews:repository_id", "source.atlas.gitlab.reviews:review_id"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.gitlab.reviews:*"],
            "event_at": ["source.atlas.gitlab.reviews:event_at"],
            "merge_request": ["source.atlas.gitlab.reviews:merge_request"],
            "repository_id": ["source.atlas.gitlab.reviews:repository_id"],
            "review_id": ["source.atlas.gitlab.reviews:review_id"],
            "reviewer_login": ["source.atlas.gitlab.reviews:reviewer_login"],
            "state": ["source.atlas.gitlab.reviews:state"]
        }
    },
    "model.atlas.hosted_repositories": {
        "fingerprint": "53f08812cd422fb09ef2941446117381",
        "columns": {
            "created_at": ["model.atlas.github__repositories:created_at", "model.atlas.gitlab__projects:created_at"],
            "default_branch": ["model.atlas.github__repositories:default_branch", "model.atlas.gitlab__projects:default_branch"],
            "is_archived": ["model.atlas.github__repositories:is_archived", "model.atlas.gitlab__projects:is_archived"],
            "is_fork": ["model.atlas.github__repositories:is_fork", "model.atlas.gitlab__projects:is_fork"],
            "organisation": ["model.atlas.github__organisations:login", "model.atlas.gitlab__groups:path"],
            "organisation_id": ["model.atlas.github__repositories:organisation_id", "model.atlas.gitlab__projects:group_id"],
            "present_name": ["model.atlas.github__repositories:repository", "model.atlas.gitlab__projects:repository"],
            "repository": ["model.atlas.github__repositories:repository", "model.atlas.gitlab__projects:repository", "model.atlas.ref_events:repository"],
            "repository_id": ["model.atlas.github__repositories:repository_id", "model.atlas.gitlab__projects:repository_id"],
            "system": [],
            "visibility": ["model.atlas.github__repositories:visibility", "model.atlas.gitlab__projects:visibility"]
        }
    },
    "model.atlas.hotfixes": {
        "fingerprint": "5e1baa5612aae0cfff668d87f962c699",
        "columns": {
            "commit_hash": ["model.atlas.commit_events:commit_hash"],
            "deployment_id": ["model.atlas.deployments:deployment_id"],
            "repository": ["model.atlas.deployments:repository"]
        }
    },
    "model.atlas.incident_links": {
        "fingerprint": "db03ad39dc9414795408cc5bb7909545",
        "columns": {
            "commit_hash": ["model.atlas.commit_events:commit_hash", "model.atlas.deployments:commit_hash"],
            "deployment_id": ["model.atlas.deployments:deployment_id"],
            "incident_id": ["model.atlas.incidents:incident_id"],
            "linked_by": [],
            "repository": ["model.atlas.commit_events:repository", "model.atlas.deployments:repository"]
        }
    },
    "model.atlas.incident_sources": {
        "fingerprint": "1a44fbf38b71c4c61ffccb0ee1ab1f9c",
        "columns": {
            "repository": ["model.atlas.issues:repository"],
            "system": ["model.atlas.issues:system"]
        }
    },
    "model.atlas.incidents": {
        "fingerprint": "40bb0ffc2edd4fc8242fb4c590846d4b",
        "columns": {
            "incident_id": ["model.atlas.issues:issue_id"],
            "issue_id": ["model.atlas.issues:issue_id"],
            "issue_name": ["model.atlas.issues:issue_name"],
            "mentioned_hashes": ["model.atlas.issues:body", "model.atlas.issues:title"],
            "mentioned_names": ["model.atlas.issues:body", "model.atlas.issues:title"],
            "opened_at": ["model.atlas.issues:created_at"],
            "repository": ["model.atlas.issues:repository"],
            "resolved_at": ["model.atlas.issues:resolved_at"],
            "system": ["model.atlas.issues:system"],
            "title": ["model.atlas.issues:title"]
        }
    },
    "model.atlas.issue_changes": {
        "fingerprint": "1c9bef00d53fe6e6ec564c8001626a63",
        "columns": {
            "actor_login": ["model.atlas.github__issue_events:actor_login", "model.atlas.gitlab__issue_events:actor_login", "model.atlas.jira__issue_changes:author"],
            "change_id": ["model.atlas.github__issue_events:event_id", "model.atlas.github__issue_events:repository_id", "model.atlas.gitlab__issue_events:event_id", "model.atlas.gitlab__issue_events:repository_id", "model.atlas.jira__issue_changes:change_id", "model.atlas.jira__issue_changes:site"],
            "changed_at": ["model.atlas.github__issue_events:_event_at", "model.atlas.gitlab__issue_events:_event_at", "model.atlas.jira__issue_changes:_event_at"],
            "field": ["model.atlas.github__issue_events:event", "model.atlas.gitlab__issue_events:event", "model.atlas.jira__issue_changes:field"],
            "from_category": ["model.atlas.github__issue_events:event", "model.atlas.gitlab__issue_events:event", "model.atlas.jira__statuses:category"],
            "from_value": ["model.atlas.github__issue_events:assignee_login", "model.atlas.github__issue_events:event", "model.atlas.github__issue_events:label", "model.atlas.gitlab__issue_events:event", "model.atlas.gitlab__issue_events:label", "model.atlas.jira__issue_changes:from_id", "model.atlas.jira__issue_changes:from_text"],
            "issue_id": ["model.atlas.github__issue_events:issue", "model.atlas.github__issue_events:repository_id", "model.atlas.gitlab__issue_events:issue", "model.atlas.gitlab__issue_events:repository_id", "model.atlas.jira__issue_changes:issue_id", "model.atlas.jira__issue_changes:site"],
            "system": [],
            "to_category": ["model.atlas.github__issue_events:event", "model.atlas.gitlab__issue_events:event", "model.atlas.jira__statuses:category"],
            "to_value": ["model.atlas.github__issue_events:assignee_login", "model.atlas.github__issue_events:event", "model.atlas.github__issue_events:label", "model.atlas.gitlab__issue_events:event", "model.atlas.gitlab__issue_events:label", "model.atlas.jira__issue_changes:to_id", "model.atlas.jira__issue_changes:to_text"]
        }
    },
    "model.atlas.issue_stays": {
        "fingerprint": "13b7004c39bf0348176ba70ce42a0b90",
        "columns": {
            "entered_at": ["model.atlas.issue_changes:changed_at", "model.atlas.issues:created_at", "model.atlas.issues:resolved_at"],
            "issue_id": ["model.atlas.issue_changes:issue_id", "model.atlas.issues:issue_id"],
            "left_at": ["model.atlas.issue_changes:changed_at", "model.atlas.issues:created_at", "model.atlas.issues:resolved_at"],
            "status": ["model.atlas.issue_changes:from_value", "model.atlas.issue_changes:issue_id", "model.atlas.issue_changes:to_value", "model.atlas.issues:resolved_at", "model.atlas.issues:status"],
            "status_category": ["model.atlas.issue_changes:from_category", "model.atlas.issue_changes:issue_id", "model.atlas.issue_changes:to_category", "model.atlas.issues:resolved_at", "model.atlas.issues:status_category"],
            "stay_number": ["model.atlas.issue_changes:change_id", "model.atlas.issue_changes:changed_at"],
            "stayed_s": ["model.atlas.issue_changes:changed_at", "model.atlas.issues:created_at", "model.atlas.issues:resolved_at"]
        }
    },
    "model.atlas.issues": {
        "fingerprint": "6f554d29d6ca107c126ba5898cdb8b3d",
        "columns": {
            "assignees": ["model.atlas.github__issues:assignees", "model.atlas.gitlab__issues:assignees", "model.atlas.jira__issues:assignee"],
            "author_id": ["model.atlas.github__issues:author_login", "model.atlas.github__issues:repository_id", "model.atlas.gitlab__issues:author_login", "model.atlas.gitlab__issues:repository_id", "model.atlas.jira__issues:author", "model.atlas.jira__issues:site"],
            "author_login": ["model.atlas.github__issues:author_login", "model.atlas.gitlab__issues:author_login", "model.atlas.jira__issues:author"],
            "body": ["model.atlas.github__issues:body", "model.atlas.gitlab__issues:body", "model.atlas.jira__issues:body"],
            "created_at": ["model.atlas.github__issues:created_at", "model.atlas.gitlab__issues:created_at", "model.atlas.jira__issues:created_at"],
            "host": ["model.atlas.github__issues:repository_id", "model.atlas.gitlab__issues:repository_id", "model.atlas.jira__issues:site"],
            "issue_id": ["model.atlas.github__issues:number", "model.atlas.github__issues:repository_id", "model.atlas.gitlab__issues:number", "model.atlas.gitlab__issues:repository_id", "model.atlas.jira__issues:issue_id", "model.atlas.jira__issues:site"],
            "issue_name": ["model.atlas.github__issues:number", "model.atlas.gitlab__issues:number", "model.atlas.hosted_repositories:repository", "model.atlas.jira__issues:issue_key"],
            "issue_type": ["model.atlas.gitlab__issues:type", "model.atlas.jira__issues:type"],
            "labels": ["model.atlas.github__issues:labels", "model.atlas.gitlab__issues:labels", "model.atlas.jira__issues:labels"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "resolution": ["model.atlas.github__issues:state_reason", "model.atlas.jira__issues:resolution"],
            "resolved_at": ["model.atlas.github__issues:closed_at", "model.atlas.gitlab__issues:closed_at", "model.atlas.issue_changes:changed_at", "model.atlas.jira__issues:category", "model.atlas.jira__issues:resolved_at"],
            "status": ["model.atlas.github__issues:state", "model.atlas.gitlab__issues:state", "model.atlas.jira__issues:status"],
            "status_category": ["model.atlas.github__issues:state", "model.atlas.gitlab__issues:state", "model.atlas.jira__issues:category"],
            "system": [],
            "title": ["model.atlas.github__issues:title", "model.atlas.gitlab__issues:title", "model.atlas.jira__issues:title"],
            "updated_at": ["model.atlas.github__issues:_event_at", "model.atlas.gitlab__issues:_event_at", "model.atlas.jira__issues:_event_at"]
        }
    },
    "model.atlas.jira__issue_changes": {
        "fingerprint": "6583e9c74fff34425f2415a1e242c5d5",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.jira.issue_changes:event_at"],
            "_key": ["source.atlas.jira.issue_changes:change_id", "source.atlas.jira.issue_changes:site"],
            "_line": [],
            "_operation": [],
            "_received_at": [],
            "_sha256": ["source.atlas.jira.issue_changes:*"],
            "author": ["source.atlas.jira.issue_changes:author"],
            "change_id": ["source.atlas.jira.issue_changes:change_id"],
            "event_at": ["source.atlas.jira.issue_changes:event_at"],
            "field": ["source.atlas.jira.issue_changes:field"],
            "from_id": ["source.atlas.jira.issue_changes:from_id"],
            "from_text": ["source.atlas.jira.issue_changes:from_text"],
            "issue_id": ["source.atlas.jira.issue_changes:issue_id"],
            "site": ["source.atlas.jira.issue_changes:site"],
            "to_id": ["source.atlas.jira.issue_changes:to_id"],
            "to_text": ["source.atlas.jira.issue_changes:to_text"]
        }
    },
    "model.atlas.jira__issues": {
        "fingerprint": "b6914a3115b2158cc63d865589389f5e",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.jira.issues:event_at"],
            "_key": ["source.atlas.jira.issues:issue_id", "source.atlas.jira.issues:site"],
            "_line": [],
            "_operation": ["source.atlas.jira.issues:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.jira.issues:*"],
            "assignee": ["source.atlas.jira.issues:assignee"],
            "author": ["source.atlas.jira.issues:author"],
            "body": ["source.atlas.jira.issues:body"],
            "category": ["source.atlas.jira.issues:category"],
            "created_at": ["source.atlas.jira.issues:created_at"],
            "event_at": ["source.atlas.jira.issues:event_at"],
            "issue_id": ["source.atlas.jira.issues:issue_id"],
            "issue_key": ["source.atlas.jira.issues:issue_key"],
            "labels": ["source.atlas.jira.issues:labels"],
            "operation": ["source.atlas.jira.issues:operation"],
            "priority": ["source.atlas.jira.issues:priority"],
            "project_id": ["source.atlas.jira.issues:project_id"],
            "resolution": ["source.atlas.jira.issues:resolution"],
            "resolved_at": ["source.atlas.jira.issues:resolved_at"],
            "site": ["source.atlas.jira.issues:site"],
            "status": ["source.atlas.jira.issues:status"],
            "status_id": ["source.atlas.jira.issues:status_id"],
            "title": ["source.atlas.jira.issues:title"],
            "type": ["source.atlas.jira.issues:type"]
        }
    },
    "model.atlas.jira__projects": {
        "fingerprint": "e6893bdcaf3be45f16671a877b506eab",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.jira.projects:event_at"],
            "_key": ["source.atlas.jira.projects:project_id", "source.atlas.jira.projects:site"],
            "_line": [],
            "_operation": ["source.atlas.jira.projects:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.jira.projects:*"],
            "event_at": ["source.atlas.jira.projects:event_at"],
            "name": ["source.atlas.jira.projects:name"],
            "operation": ["source.atlas.jira.projects:operation"],
            "project_id": ["source.atlas.jira.projects:project_id"],
            "project_key": ["source.atlas.jira.projects:project_key"],
            "project_type": ["source.atlas.jira.projects:project_type"],
            "site": ["source.atlas.jira.projects:site"]
        }
    },
    "model.atlas.jira__statuses": {
        "fingerprint": "7b85cf9067d784ca7b2daf9a13c189ff",
        "columns": {
            "_batch_id": [],
            "_event_at": ["source.atlas.jira.statuses:event_at"],
            "_key": ["source.atlas.jira.statuses:site", "source.atlas.jira.statuses:status_id"],
            "_line": [],
            "_operation": ["source.atlas.jira.statuses:operation"],
            "_received_at": [],
            "_sha256": ["source.atlas.jira.statuses:*"],
            "category": ["source.atlas.jira.statuses:category"],
            "event_at": ["source.atlas.jira.statuses:event_at"],
            "name": ["source.atlas.jira.statuses:name"],
            "operation": ["source.atlas.jira.statuses:operation"],
            "site": ["source.atlas.jira.statuses:site"],
            "status_id": ["source.atlas.jira.statuses:status_id"]
        }
    },
    "model.atlas.mailmap_entries": {
        "fingerprint": "f33cdedb81b1d21ddd395610a6642c7a",
        "columns": {
            "commit_email": ["model.atlas.git__refs:mailmap"],
            "commit_name": ["model.atlas.git__refs:mailmap"],
            "proper_email": ["model.atlas.git__refs:mailmap"],
            "proper_name": ["model.atlas.git__refs:mailmap"],
            "repository": ["model.atlas.git__refs:repository"]
        }
    },
    "model.atlas.mart_commit_activity": {
        "fingerprint": "c683a922d736d3d4cb409bef27f5e595",
        "columns": {
            "authors": [],
            "commits": [],
            "lines_added": ["model.atlas.fct_commit:lines_added"],
            "lines_deleted": ["model.atlas.fct_commit:lines_deleted"],
            "merge_commits": [],
            "month_on": ["model.atlas.fct_commit:committed_on"],
            "repository": ["model.atlas.fct_commit:repository"]
        }
    },
    "model.atlas.mart_commits_by_name": {
        "fingerprint": "be84060e6ded0104095f1b58100c2522",
        "columns": {
            "commits": [],
            "developer_id": ["model.atlas.dim_developer:developer_id"],
            "developer_name": ["model.atlas.dim_developer:developer_name"],
            "first_commit_at": ["model.atlas.fct_commit:committed_at"],
            "last_commit_at": ["model.atlas.fct_commit:committed_at"]
        }
    },
    "model.atlas.mart_customer_segments": {
        "fingerprint": "8caf4849bccefc03982951d30f73e1a5",
        "columns": {
            "active_customers": [],
            "country_code": ["model.atlas.dim_customer:country_code"],
            "credit_limit_eur": ["model.atlas.dim_customer:credit_limit_eur"],
            "customers": [],
            "segment": ["model.atlas.dim_customer:segment"]
        }
    },
    "model.atlas.mart_developer_activity": {
        "fingerprint": "704561106ce43b1935d22c0a538ca386",
        "columns": {
            "commits": [],
            "developer_id": ["model.atlas.dim_developer:developer_id"],
            "developer_name": ["model.atlas.dim_developer:developer_name"],
            "first_commit_at": ["model.atlas.fct_commit:committed_at"],
            "last_commit_at": ["model.atlas.fct_commit:committed_at"],
            "repositories": []
        }
    },
    "model.atlas.mart_dora": {
        "fingerprint": "9fee785b144e9f48b64032cbe7d1417a",
        "columns": {
            "allocated": ["model.atlas.fct_change_period:changes_allocated", "model.atlas.fct_deployment_period:judged_allocated", "model.atlas.fct_deployment_period:restored_allocated", "model.atlas.fct_deployment_period:successes_allocated", "model.atlas.fct_incident_period:resolved_allocated"],
            "band_2021": ["seed.atlas.dora_bands:band"],
            "band_2023": ["seed.atlas.dora_bands:band"],
            "coverage": ["model.atlas.fct_change_period:changes", "model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:deployments", "model.atlas.fct_deployment_period:failed", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:linkable", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:timed", "model.atlas.fct_incident_period:opened", "model.atlas.fct_incident_period:resolved"],
            "ends_on": ["model.atlas.dim_delivery_period:ends_on"],
            "excluded": ["model.atlas.fct_change_period:negative_changes", "model.atlas.fct_deployment_period:failed", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_incident_period:opened", "model.atlas.fct_incident_period:resolved"],
            "mean": ["model.atlas.fct_change_period:lead_time_mean_s", "model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:recovery_mean_s", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:successes", "model.atlas.fct_incident_period:resolved", "model.atlas.fct_incident_period:restore_mean_s"],
            "metric": [],
            "n": ["model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:successes", "model.atlas.fct_incident_period:resolved"],
            "p90": ["model.atlas.fct_change_period:lead_time_p90_s", "model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:recovery_p90_s", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:successes", "model.atlas.fct_incident_period:resolved", "model.atlas.fct_incident_period:restore_p90_s"],
            "period": ["model.atlas.dim_delivery_period:period"],
            "period_name": ["model.atlas.dim_delivery_period:period_name"],
            "reason": ["model.atlas.dim_delivery_period:is_measured", "model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:deployments", "model.atlas.fct_deployment_period:failed", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:successes", "model.atlas.fct_deployment_period:told", "model.atlas.fct_deployment_rhythm:days_per_week", "model.atlas.fct_incident_period:is_watched", "model.atlas.fct_incident_period:linked", "model.atlas.fct_incident_period:opened", "model.atlas.fct_incident_period:resolved", "model.atlas.fct_incident_period:unlinked"],
            "scope": ["model.atlas.dim_delivery_period:scope"],
            "scope_name": ["model.atlas.dim_delivery_period:scope_name"],
            "starts_on": ["model.atlas.dim_delivery_period:starts_on"],
            "unit": [],
            "value": ["model.atlas.dim_delivery_period:is_measured", "model.atlas.fct_change_period:lead_time_s", "model.atlas.fct_change_period:timed_changes", "model.atlas.fct_deployment_period:failed", "model.atlas.fct_deployment_period:failed_allocated", "model.atlas.fct_deployment_period:judged", "model.atlas.fct_deployment_period:judged_allocated", "model.atlas.fct_deployment_period:recovery_s", "model.atlas.fct_deployment_period:restored", "model.atlas.fct_deployment_period:successes", "model.atlas.fct_deployment_period:successes_allocated", "model.atlas.fct_deployment_period:told", "model.atlas.fct_deployment_rhythm:days_per_week", "model.atlas.fct_incident_period:linked", "model.atlas.fct_incident_period:opened", "model.atlas.fct_incident_period:resolved", "model.atlas.fct_incident_period:restore_s", "model.atlas.fct_incident_period:unlinked"]
        }
    },
    "model.atlas.mart_file_type_activity": {
        "fingerprint": "be26d5a3620f0806a51fd58ae4c8e22a",
        "columns": {
            "authors": [],
            "commits": [],
            "file_type": ["model.atlas.commit_file_types:file_type"],
            "files_changed": ["model.atlas.commit_file_types:files_changed"],
            "lines_added": ["model.atlas.commit_file_types:lines_added"],
            "lines_deleted": ["model.atlas.commit_file_types:lines_deleted"],
            "month_on": ["model.atlas.fct_commit:committed_on"],
            "repository": ["model.atlas.fct_commit:repository"]
        }
    },
    "model.atlas.mart_release_activity": {
        "fingerprint": "d8b389e51bc3041bcef31927598274a9",
        "columns": {
            "authors": [],
            "commits": [],
            "first_commit_at": ["model.atlas.fct_commit:committed_at"],
            "last_commit_at": ["model.atlas.fct_commit:committed_at"],
            "latest_tag": ["model.atlas.dim_repository:latest_tag"],
            "repository": ["model.atlas.fct_commit:repository"],
            "repository_version_key": ["model.atlas.fct_commit:repository_version_key"]
        }
    },
    "model.atlas.mart_repository": {
        "fingerprint": "a06fca41c2d41a4dc69c20183dcdbfb9",
        "columns": {
            "annotated_tags": [],
            "branches": [],
            "commits": [],
            "first_commit_at": ["model.atlas.fct_commit:committed_at", "model.atlas.fct_commit:is_reachable"],
            "last_commit_at": ["model.atlas.fct_commit:committed_at", "model.atlas.fct_commit:is_reachable"],
            "last_tagged_at": ["model.atlas.ref_events:_operation", "model.atlas.ref_events:ref_kind", "model.atlas.ref_events:tagged_at"],
            "remote_branches": [],
            "repository": ["model.atlas.fct_commit:repository", "model.atlas.ref_events:repository"],
            "tags": [],
            "unreachable_commits": []
        }
    },
    "model.atlas.mart_team_performance": {
        "fingerprint": "9403615fdcba8db1955e428a32fc241c",
        "columns": {
            "allocated": ["model.atlas.fct_people_period:allocated", "model.atlas.fct_work_period:allocated"],
            "coverage": ["model.atlas.fct_work_period:candidates", "model.atlas.fct_work_period:n"],
            "ends_on": ["model.atlas.dim_work_period:ends_on"],
            "excluded": ["model.atlas.fct_work_period:excluded"],
            "mean": ["model.atlas.dim_work_period:issues_measured_on", "model.atlas.dim_work_period:measured_on", "model.atlas.fct_people_period:metric", "model.atlas.fct_people_period:n", "model.atlas.fct_work_period:amount_mean", "model.atlas.fct_work_period:metric", "model.atlas.fct_work_period:n"],
            "metric": [],
            "n": ["model.atlas.fct_people_period:n", "model.atlas.fct_work_period:n"],
            "p90": ["model.atlas.dim_work_period:issues_measured_on", "model.atlas.dim_work_period:measured_on", "model.atlas.fct_people_period:metric", "model.atlas.fct_people_period:n", "model.atlas.fct_people_period:p90", "model.atlas.fct_work_period:amount_p90", "model.atlas.fct_work_period:metric", "model.atlas.fct_work_period:n"],
            "period": ["model.atlas.dim_work_period:period"],
            "period_name": ["model.atlas.dim_work_period:period_name"],
            "reason": ["model.atlas.dim_work_period:issues_measured_on", "model.atlas.dim_work_period:measured_on", "model.atlas.fct_people_period:metric", "model.atlas.fct_people_period:n", "model.atlas.fct_work_period:metric", "model.atlas.fct_work_period:n"],
            "scope": ["model.atlas.dim_work_period:scope"],
            "scope_name": ["model.atlas.dim_work_period:scope_name"],
            "starts_on": ["model.atlas.dim_work_period:starts_on"],
            "unit": [],
            "value": ["model.atlas.dim_work_period:issues_measured_on", "model.atlas.dim_work_period:measured_on", "model.atlas.fct_people_period:figure", "model.atlas.fct_people_period:metric", "model.atlas.fct_people_period:n", "model.atlas.fct_work_period:allocated", "model.atlas.fct_work_period:amount", "model.atlas.fct_work_period:metric", "model.atlas.fct_work_period:n"]
        }
    },
    "model.atlas.ordered_deployments": {
        "fingerprint": "3852ca4a57b42c1347f9631cff7fb47f",
        "columns": {
            "commit_hash": ["model.atlas.deployments:commit_hash"],
            "deployed_at": ["model.atlas.deployments:deployed_at"],
            "deployment_id": ["model.atlas.deployments:deployment_id"],
            "deployment_number": ["model.atlas.deployments:deployed_at", "model.atlas.deployments:deployment_id", "model.atlas.deployments:name"],
            "is_baseline": ["model.atlas.deployments:deployed_at", "model.atlas.deployments:deployment_id", "model.atlas.deployments:name"],
            "is_commit_known": ["model.atlas.deployments:deployment_id"],
            "repository": ["model.atlas.deployments:repository"]
        }
    },
    "model.atlas.pull_requests": {
        "fingerprint": "6525b4259aa9d12fadffad51e09c245d",
        "columns": {
            "author_id": ["model.atlas.github__pull_requests:author_login", "model.atlas.github__pull_requests:repository_id", "model.atlas.gitlab__merge_requests:author_login", "model.atlas.gitlab__merge_requests:repository_id"],
            "author_login": ["model.atlas.github__pull_requests:author_login", "model.atlas.gitlab__merge_requests:author_login"],
            "base_branch": ["model.atlas.github__pull_requests:base_branch", "model.atlas.gitlab__merge_requests:base_branch"],
            "closed_at": ["model.atlas.github__pull_requests:closed_at", "model.atlas.gitlab__merge_requests:closed_at"],
            "commit_hashes": ["model.atlas.github__pull_requests:commit_hashes", "model.atlas.gitlab__merge_requests:commit_hashes"],
            "created_at": ["model.atlas.github__pull_requests:created_at", "model.atlas.gitlab__merge_requests:created_at"],
            "files_changed": ["model.atlas.github__pull_requests:files_changed"],
            "first_authored_at": ["model.atlas.github__pull_requests:first_authored_at", "model.atlas.gitlab__merge_requests:first_authored_at"],
            "head_branch": ["model.atlas.github__pull_requests:head_branch", "model.atlas.gitlab__merge_requests:head_branch"],
            "head_hash": ["model.atlas.github__pull_requests:head_hash", "model.atlas.gitlab__merge_requests:head_hash"],
            "is_by_bot": ["model.atlas.github__pull_requests:author_type"],
            "is_draft": ["model.atlas.github__pull_requests:is_draft", "model.atlas.gitlab__merge_requests:is_draft"],
            "labels": ["model.atlas.github__pull_requests:labels", "model.atlas.gitlab__merge_requests:labels"],
            "lines_added": ["model.atlas.github__pull_requests:lines_added"],
            "lines_deleted": ["model.atlas.github__pull_requests:lines_deleted"],
            "merge_commit_hash": ["model.atlas.github__pull_requests:merge_commit_hash", "model.atlas.gitlab__merge_requests:merge_commit_hash"],
            "merged_at": ["model.atlas.github__pull_requests:merged_at", "model.atlas.gitlab__merge_requests:merged_at"],
            "merged_by_login": ["model.atlas.github__pull_requests:merged_by_login", "model.atlas.gitlab__merge_requests:merged_by_login"],
            "number": ["model.atlas.github__pull_requests:number", "model.atlas.gitlab__merge_requests:number"],
            "pull_request_id": ["model.atlas.github__pull_requests:number", "model.atlas.github__pull_requests:repository_id", "model.atlas.gitlab__merge_requests:number", "model.atlas.gitlab__merge_requests:repository_id"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "repository_id": ["model.atlas.github__pull_requests:repository_id", "model.atlas.gitlab__merge_requests:repository_id"],
            "state": ["model.atlas.github__pull_requests:state", "model.atlas.gitlab__merge_requests:state"],
            "system": [],
            "title": ["model.atlas.github__pull_requests:title", "model.atlas.gitlab__merge_requests:title"],
            "updated_at": ["model.atlas.github__pull_requests:_event_at", "model.atlas.gitlab__merge_requests:_event_at"]
        }
    },
    "model.atlas.ref_events": {
        "fingerprint": "8ca972be69a99985ca3b976e39670f19",
        "columns": {
            "_batch_id": ["model.atlas.git__refs:_batch_id"],
            "_event_at": ["model.atlas.git__refs:_event_at"],
            "_line": ["model.atlas.git__refs:_line"],
            "_operation": ["model.atlas.git__refs:_operation"],
            "_received_at": ["model.atlas.git__refs:_received_at"],
            "_sha256": ["model.atlas.git__refs:_sha256"],
            "is_annotated": ["model.atlas.git__refs:is_annotated"],
            "observed_at": ["model.atlas.git__refs:observed_at"],
            "ref": ["model.atlas.git__refs:ref"],
            "ref_kind": ["model.atlas.git__refs:kind"],
            "ref_name": ["model.atlas.git__refs:name"],
            "repository": ["model.atlas.git__refs:repository"],
            "tag_subject": ["model.atlas.git__refs:tag_subject"],
            "tagged_at": ["model.atlas.git__refs:tagged_at"],
            "tagged_at_raw": ["model.atlas.git__refs:tagged_at_raw"],
            "tagged_offset_minutes": ["model.atlas.git__refs:tagged_offset_minutes"],
            "tagger_email": ["model.atlas.git__refs:tagger_email"],
            "tagger_name": ["model.atlas.git__refs:tagger_name"],
            "target_hash": ["model.atlas.git__refs:target_hash"]
        }
    },
    "model.atlas.releases": {
        "fingerprint": "e64deb1be15c9f300a73fc3949454aff",
        "columns": {
            "author_login": ["model.atlas.github__releases:author_login", "model.atlas.gitlab__releases:author_login"],
            "is_prerelease": ["model.atlas.github__releases:is_prerelease"],
            "name": ["model.atlas.github__releases:name", "model.atlas.gitlab__releases:name"],
            "published_at": ["model.atlas.github__releases:published_at", "model.atlas.gitlab__releases:released_at"],
            "release_id": ["model.atlas.github__releases:release_id", "model.atlas.github__releases:repository_id", "model.atlas.gitlab__releases:repository_id", "model.atlas.gitlab__releases:tag"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "system": [],
            "tag": ["model.atlas.github__releases:tag", "model.atlas.gitlab__releases:tag"]
        }
    },
    "model.atlas.repository_organisations": {
        "fingerprint": "8318167b4b625309e80a3f6172ea7d31",
        "columns": {
            "organisation": ["model.atlas.hosted_repositories:present_name", "model.atlas.hosted_repositories:repository", "model.atlas.ref_events:repository", "seed.atlas.repository_rules:organisation"],
            "repository": ["model.atlas.hosted_repositories:repository", "model.atlas.ref_events:repository"]
        }
    },
    "model.atlas.revert_lines": {
        "fingerprint": "3ae9994459db6b21b0b8ece31d7bbb59",
        "columns": {
            "commit_hash": ["model.atlas.commit_events:commit_hash"],
            "quoted_hash": ["model.atlas.commit_events:body", "model.atlas.commit_events:subject"],
            "repository": ["model.atlas.commit_events:repository"]
        }
    },
    "model.atlas.reverts": {
        "fingerprint": "d44989db6d38ec1c57db288838d61229",
        "columns": {
            "commit_hash": ["model.atlas.revert_lines:commit_hash"],
            "repository": ["model.atlas.revert_lines:repository"],
            "reverted_hash": ["model.atlas.commit_events:commit_hash"]
        }
    },
    "model.atlas.reviews": {
        "fingerprint": "9880b9ef0fe200c6c5adb659ac4b8bb0",
        "columns": {
            "commit_hash": ["model.atlas.github__reviews:commit_hash"],
            "is_by_bot": ["model.atlas.github__reviews:reviewer_type"],
            "pull_request_id": ["model.atlas.github__reviews:pull_request", "model.atlas.github__reviews:repository_id", "model.atlas.gitlab__reviews:merge_request", "model.atlas.gitlab__reviews:repository_id"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "review_id": ["model.atlas.github__reviews:repository_id", "model.atlas.github__reviews:review_id", "model.atlas.gitlab__reviews:repository_id", "model.atlas.gitlab__reviews:review_id"],
            "reviewer_id": ["model.atlas.github__reviews:repository_id", "model.atlas.github__reviews:reviewer_login", "model.atlas.gitlab__reviews:repository_id", "model.atlas.gitlab__reviews:reviewer_login"],
            "reviewer_login": ["model.atlas.github__reviews:reviewer_login", "model.atlas.gitlab__reviews:reviewer_login"],
            "submitted_at": ["model.atlas.github__reviews:_event_at", "model.atlas.gitlab__reviews:_event_at"],
            "system": [],
            "verdict": ["model.atlas.github__reviews:state", "model.atlas.gitlab__reviews:state"]
        }
    },
    "model.atlas.service_logins": {
        "fingerprint": "ee26083de3bd2d83f835397afcd709f2",
        "columns": {
            "_batch_id": ["model.atlas.github__issues:_batch_id", "model.atlas.github__pull_requests:_batch_id", "model.atlas.github__reviews:_batch_id", "model.atlas.gitlab__issues:_batch_id", "model.atlas.gitlab__merge_requests:_batch_id", "model.atlas.gitlab__reviews:_batch_id", "model.atlas.jira__issues:_batch_id"],
            "_received_at": ["model.atlas.github__issues:_received_at", "model.atlas.github__pull_requests:_received_at", "model.atlas.github__reviews:_received_at", "model.atlas.gitlab__issues:_received_at", "model.atlas.gitlab__merge_requests:_received_at", "model.atlas.gitlab__reviews:_received_at", "model.atlas.jira__issues:_received_at"],
            "developer_id": ["model.atlas.github__issues:author_login", "model.atlas.github__issues:repository_id", "model.atlas.github__pull_requests:author_login", "model.atlas.github__pull_requests:repository_id", "model.atlas.github__reviews:repository_id", "model.atlas.github__reviews:reviewer_login", "model.atlas.gitlab__issues:author_login", "model.atlas.gitlab__issues:repository_id", "model.atlas.gitlab__merge_requests:author_login", "model.atlas.gitlab__merge_requests:repository_id", "model.atlas.gitlab__reviews:repository_id", "model.atlas.gitlab__reviews:reviewer_login", "model.atlas.jira__issues:author", "model.atlas.jira__issues:site"],
            "login": ["model.atlas.github__issues:author_login", "model.atlas.github__pull_requests:author_login", "model.atlas.github__reviews:reviewer_login", "model.atlas.gitlab__issues:author_login", "model.atlas.gitlab__merge_requests:author_login", "model.atlas.gitlab__reviews:reviewer_login", "model.atlas.jira__issues:author"]
        }
    },
    "model.atlas.team_members": {
        "fingerprint": "36d8e08988aa0a85a64fd30ba91a7d11",
        "columns": {
            "login": ["model.atlas.github__teams:members", "model.atlas.gitlab__groups:members"],
            "organisation_id": ["model.atlas.github__teams:organisation_id", "model.atlas.gitlab__groups:group_id"],
            "system": [],
            "team": ["model.atlas.github__teams:slug", "model.atlas.gitlab__groups:path"],
            "team_id": ["model.atlas.github__teams:team_id", "model.atlas.gitlab__groups:group_id"],
            "valid_from": ["model.atlas.github__teams:_event_at", "model.atlas.gitlab__groups:_event_at"],
            "valid_to": ["model.atlas.github__teams:_event_at", "model.atlas.gitlab__groups:_event_at"]
        }
    },
    "model.atlas.team_memberships": {
        "fingerprint": "007ed4c13ee92252af4588f48f219e27",
        "columns": {
            "allocation": ["seed.atlas.declared_team_members:allocation"],
            "counts": ["model.atlas.team_members:system"],
            "evidence": ["model.atlas.team_members:system"],
            "identity_rule": ["model.atlas.developer_identities:merged_by"],
            "member": ["model.atlas.team_members:login", "model.atlas.team_members:organisation_id", "seed.atlas.declared_team_members:member"],
            "organisation": ["model.atlas.github__organisations:login", "model.atlas.team_members:organisation_id", "model.atlas.team_members:system", "model.atlas.team_members:team", "seed.atlas.declared_team_members:organisation"],
            "person_id": ["model.atlas.developer_identities:person_id", "model.atlas.team_members:login", "model.atlas.team_members:organisation_id", "seed.atlas.declared_team_members:member"],
            "team": ["model.atlas.github__organisations:login", "model.atlas.team_members:organisation_id", "model.atlas.team_members:system", "model.atlas.team_members:team", "seed.atlas.declared_team_members:team"],
            "valid_from": ["model.atlas.team_members:valid_from", "seed.atlas.declared_team_members:valid_from"],
            "valid_to": ["model.atlas.team_members:valid_to", "seed.atlas.declared_team_members:valid_to"]
        }
    },
    "model.atlas.verified_commits": {
        "fingerprint": "91c809ea806ff041f5b0965f89c79ead",
        "columns": {
            "commit_hash": ["model.atlas.github__pull_requests:commit_logins"],
            "developer_id": ["model.atlas.github__pull_requests:commit_logins", "model.atlas.github__pull_requests:repository_id"],
            "repository": ["model.atlas.hosted_repositories:repository"]
        }
    },
    "snapshot.atlas.branch_heads_as_seen": {
        "fingerprint": "9c313270eb6d537d94766b9ec35b0242",
        "columns": {
            "branch": ["model.atlas.branch_heads:branch"],
            "head_hash": ["model.atlas.branch_heads:head_hash"],
            "moved_at": ["model.atlas.branch_heads:moved_at"],
            "recorded_at": [],
            "ref": ["model.atlas.branch_heads:ref"],
            "ref_kind": ["model.atlas.branch_heads:ref_kind"],
            "repository": ["model.atlas.branch_heads:repository"],
            "valid_from": [],
            "valid_to": [],
            "version_key": ["model.atlas.branch_heads:ref", "model.atlas.branch_heads:repository"]
        }
    },
    "snapshot.atlas.customer_segments_as_seen": {
        "fingerprint": "f3c20a133ebb89f349434223fb92fe43",
        "columns": {
            "active_customers": ["model.atlas.mart_customer_segments:active_customers"],
            "country_code": ["model.atlas.mart_customer_segments:country_code"],
            "credit_limit_eur": ["model.atlas.mart_customer_segments:credit_limit_eur"],
            "customers": ["model.atlas.mart_customer_segments:customers"],
            "recorded_at": [],
            "segment": ["model.atlas.mart_customer_segments:segment"],
            "valid_from": [],
            "valid_to": [],
            "version_key": ["model.atlas.mart_customer_segments:country_code", "model.atlas.mart_customer_segments:segment"]
        }
    }
}
    ) }}
{% endmacro %}
