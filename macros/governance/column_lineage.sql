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
    "model.atlas.delivery_periods": {
        "fingerprint": "13099486e08a0fa8daa59ce26ee89df6",
        "columns": {
            "ends_on": ["model.atlas.ordered_deployments:deployed_at"],
            "period": [],
            "period_name": ["model.atlas.ordered_deployments:deployed_at"],
            "repository": ["model.atlas.ordered_deployments:repository", "model.atlas.ref_events:repository"],
            "starts_on": ["model.atlas.ordered_deployments:deployed_at"]
        }
    },
    "model.atlas.deployment_rhythms": {
        "fingerprint": "fabaf760040073a6cac56ac37ca2560c",
        "columns": {
            "days_per_half_year": ["model.atlas.delivery_periods:period"],
            "days_per_month": ["model.atlas.delivery_periods:period"],
            "days_per_week": ["model.atlas.delivery_periods:period"],
            "period_name": ["model.atlas.delivery_periods:period", "model.atlas.delivery_periods:starts_on"],
            "repository": ["model.atlas.delivery_periods:repository"]
        }
    },
    "model.atlas.deployments": {
        "fingerprint": "240c63140af5c637b1859697aa2b7a51",
        "columns": {
            "commit_hash": ["model.atlas.deployments_from_tags:commit_hash"],
            "deployed_at": ["model.atlas.deployments_from_tags:deployed_at"],
            "deployment_id": ["model.atlas.deployments_from_tags:deployment_id"],
            "environment": ["model.atlas.deployments_from_tags:environment"],
            "evidence": ["model.atlas.deployments_from_tags:evidence"],
            "name": ["model.atlas.deployments_from_tags:name"],
            "repository": ["model.atlas.deployments_from_tags:repository"],
            "status": ["model.atlas.deployments_from_tags:status"],
            "system": ["model.atlas.deployments_from_tags:system"]
        }
    },
    "model.atlas.deployments_from_tags": {
        "fingerprint": "1f9c5dd1645e43d2556e4f9399bc42c6",
        "columns": {
            "commit_hash": ["model.atlas.ref_events:target_hash"],
            "deployed_at": ["model.atlas.commit_events:committed_at", "model.atlas.ref_events:tagged_at"],
            "deployment_id": ["model.atlas.ref_events:ref", "model.atlas.ref_events:repository", "model.atlas.ref_events:target_hash"],
            "environment": [],
            "evidence": ["model.atlas.commit_events:committed_at", "model.atlas.ref_events:tagged_at"],
            "name": ["model.atlas.ref_events:ref_name"],
            "repository": ["model.atlas.ref_events:repository"],
            "status": [],
            "system": []
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
    "model.atlas.dim_developer": {
        "fingerprint": "166821ea00a322b4746bdb07a9a49338",
        "columns": {
            "developer_id": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name", "model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name"],
            "developer_name": ["model.atlas.commit_events:author_name", "model.atlas.commit_events:committer_name"],
            "email": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:committer_email"],
            "is_current": ["model.atlas.commit_events:committed_at"],
            "is_placeholder": [],
            "prev_to": ["model.atlas.commit_events:committed_at"],
            "valid_from": ["model.atlas.commit_events:committed_at"],
            "valid_to": ["model.atlas.commit_events:committed_at"],
            "version_key": ["model.atlas.commit_events:author_email", "model.atlas.commit_events:author_name", "model.atlas.commit_events:committed_at", "model.atlas.commit_events:committer_email", "model.atlas.commit_events:committer_name"]
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
        "fingerprint": "377137ed800f05f140ee5e71e9d3c1a8",
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
        "fingerprint": "59e355deb2384d1fe7ba534a79a5b35e",
        "columns": {
            "commit_hash": ["model.atlas.deployments:commit_hash"],
            "commits": [],
            "deployed_at": ["model.atlas.deployments:deployed_at"],
            "deployed_on": ["model.atlas.deployments:deployed_at"],
            "deployment_id": ["model.atlas.deployments:deployment_id"],
            "deployment_number": ["model.atlas.ordered_deployments:deployment_number"],
            "environment": ["model.atlas.deployments:environment"],
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
    "model.atlas.fct_incident": {
        "fingerprint": "163c83766742db8b26bc9eda891a693e",
        "columns": {
            "deployed_at": ["model.atlas.fct_deployment:deployed_at"],
            "deployment_id": ["model.atlas.fct_deployment:deployment_id"],
            "evidence": [],
            "evidence_rank": [],
            "incident_id": ["model.atlas.fct_deployment:deployment_id", "model.atlas.reverts:commit_hash", "model.atlas.reverts:repository", "model.atlas.reverts:reverted_hash"],
            "recovery_s": ["model.atlas.fct_deployment:deployed_at"],
            "repository": ["model.atlas.fct_deployment:repository", "model.atlas.reverts:repository"],
            "restored_at": ["model.atlas.fct_deployment:deployed_at"],
            "restored_by": ["model.atlas.fct_deployment:deployment_id"],
            "revert_hash": ["model.atlas.reverts:commit_hash"],
            "reverted_hash": ["model.atlas.reverts:reverted_hash"]
        }
    },
    "model.atlas.git__commits": {
        "fingerprint": "a33fef89e1782c71053ef6e4278c45fc",
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
        "fingerprint": "31a93e60d26ae50c864a49c711523656",
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
        "fingerprint": "e4fcfa0f1cc472be98a62f369548eed0",
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
        "fingerprint": "4a35fab14177a623698b76b5f1bf47cc",
        "columns": {
            "band_2021": ["seed.atlas.dora_bands:band"],
            "band_2023": ["seed.atlas.dora_bands:band"],
            "coverage": [],
            "ends_on": ["model.atlas.delivery_periods:ends_on"],
            "excluded": [],
            "mean": ["model.atlas.fct_commit_deployment:lead_time_s", "model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "metric": [],
            "n": [],
            "p90": ["model.atlas.fct_commit_deployment:lead_time_s", "model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"],
            "period": ["model.atlas.delivery_periods:period"],
            "period_name": ["model.atlas.delivery_periods:period_name"],
            "reason": ["model.atlas.delivery_periods:starts_on", "model.atlas.deployment_rhythms:days_per_week"],
            "scope": [],
            "scope_name": ["model.atlas.delivery_periods:repository"],
            "starts_on": ["model.atlas.delivery_periods:starts_on"],
            "unit": [],
            "value": ["model.atlas.delivery_periods:starts_on", "model.atlas.deployment_rhythms:days_per_week", "model.atlas.fct_commit_deployment:lead_time_s", "model.atlas.fct_deployment:is_baseline", "model.atlas.fct_incident:recovery_s"]
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
    "model.atlas.ordered_deployments": {
        "fingerprint": "49dee7e142e9b46a97f6c1f40eead1f2",
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
