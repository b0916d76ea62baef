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
        "fingerprint": "cc5104319bb7b6650d7254476bc0e53e",
        "columns": {
            "commit_hash": ["model.atlas.deployments_from_github:commit_hash", "model.atlas.deployments_from_gitlab:commit_hash", "model.atlas.deployments_from_tags:commit_hash"],
            "deployed_at": ["model.atlas.deployments_from_github:deployed_at", "model.atlas.deployments_from_gitlab:deployed_at", "model.atlas.deployments_from_tags:deployed_at"],
            "deployment_id": ["model.atlas.deployments_from_github:deployment_id", "model.atlas.deployments_from_gitlab:deployment_id", "model.atlas.deployments_from_tags:deployment_id"],
            "environment": ["model.atlas.deployments_from_github:environment", "model.atlas.deployments_from_gitlab:environment", "model.atlas.deployments_from_tags:environment"],
            "evidence": ["model.atlas.deployments_from_github:evidence", "model.atlas.deployments_from_gitlab:evidence", "model.atlas.deployments_from_tags:evidence"],
            "name": ["model.atlas.deployments_from_github:name", "model.atlas.deployments_from_gitlab:name", "model.atlas.deployments_from_tags:name"],
            "repository": ["model.atlas.deployments_from_github:repository", "model.atlas.deployments_from_gitlab:repository", "model.atlas.deployments_from_tags:repository"],
            "status": ["model.atlas.deployments_from_github:status", "model.atlas.deployments_from_gitlab:status", "model.atlas.deployments_from_tags:status"],
            "system": ["model.atlas.deployments_from_github:system", "model.atlas.deployments_from_gitlab:system", "model.atlas.deployments_from_tags:system"]
        }
    },
    "model.atlas.deployments_from_github": {
        "fingerprint": "cb9b16d904f65d8ceb2d2484a3329eed",
        "columns": {
            "commit_hash": ["model.atlas.github__deployments:commit_hash"],
            "deployed_at": ["model.atlas.github__deployment_statuses:_event_at"],
            "deployment_id": ["model.atlas.github__deployments:deployment_id", "model.atlas.github__deployments:repository_id"],
            "environment": ["model.atlas.github__deployments:environment", "model.atlas.github__deployments:is_production"],
            "evidence": [],
            "name": ["model.atlas.github__deployments:commit_hash", "model.atlas.github__deployments:ref"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "status": ["model.atlas.github__deployment_statuses:state", "model.atlas.github__deployments:commit_hash", "model.atlas.github__deployments:task"],
            "system": []
        }
    },
    "model.atlas.deployments_from_gitlab": {
        "fingerprint": "670f95938719111668a8c54b035ba727",
        "columns": {
            "commit_hash": ["model.atlas.gitlab__deployments:commit_hash"],
            "deployed_at": ["model.atlas.gitlab__deployments:_event_at", "model.atlas.gitlab__deployments:finished_at"],
            "deployment_id": ["model.atlas.gitlab__deployments:deployment_id", "model.atlas.gitlab__deployments:repository_id"],
            "environment": ["model.atlas.gitlab__deployments:environment", "model.atlas.gitlab__deployments:environment_tier"],
            "evidence": ["model.atlas.gitlab__deployments:finished_at"],
            "name": ["model.atlas.gitlab__deployments:commit_hash", "model.atlas.gitlab__deployments:ref"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "status": ["model.atlas.gitlab__deployments:commit_hash", "model.atlas.gitlab__deployments:status"],
            "system": []
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
        "fingerprint": "4a65af2c6fdddb2dd2d30be2961ef950",
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
        "fingerprint": "ffbeff2545e493917f2f33ca8cf6cdc4",
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
        "fingerprint": "baf9ffff271c4073513476033c22cc1b",
        "columns": {
            "created_at": ["model.atlas.github__repositories:created_at", "model.atlas.gitlab__projects:created_at"],
            "default_branch": ["model.atlas.github__repositories:default_branch", "model.atlas.gitlab__projects:default_branch"],
            "is_archived": ["model.atlas.github__repositories:is_archived", "model.atlas.gitlab__projects:is_archived"],
            "is_fork": ["model.atlas.github__repositories:is_fork", "model.atlas.gitlab__projects:is_fork"],
            "organisation": ["model.atlas.github__organisations:login", "model.atlas.gitlab__groups:path"],
            "organisation_id": ["model.atlas.github__repositories:organisation_id", "model.atlas.gitlab__projects:group_id"],
            "repository": ["model.atlas.github__repositories:repository", "model.atlas.gitlab__projects:repository"],
            "repository_id": ["model.atlas.github__repositories:repository_id", "model.atlas.gitlab__projects:repository_id"],
            "system": [],
            "visibility": ["model.atlas.github__repositories:visibility", "model.atlas.gitlab__projects:visibility"]
        }
    },
    "model.atlas.incidents": {
        "fingerprint": "026d4fa5d81269ccf4625fdaaa4b8675",
        "columns": {
            "incident_id": ["model.atlas.issues:issue_id"],
            "issue_id": ["model.atlas.issues:issue_id"],
            "issue_name": ["model.atlas.issues:issue_name"],
            "mentioned_hashes": ["model.atlas.issues:body", "model.atlas.issues:title"],
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
    "model.atlas.issues": {
        "fingerprint": "33d13c4e1a8d99adc5e3f4c67c76b07b",
        "columns": {
            "assignees": ["model.atlas.github__issues:assignees", "model.atlas.gitlab__issues:assignees", "model.atlas.jira__issues:assignee"],
            "author_login": ["model.atlas.github__issues:author_login", "model.atlas.gitlab__issues:author_login", "model.atlas.jira__issues:author"],
            "body": ["model.atlas.github__issues:body", "model.atlas.gitlab__issues:body", "model.atlas.jira__issues:body"],
            "created_at": ["model.atlas.github__issues:created_at", "model.atlas.gitlab__issues:created_at", "model.atlas.jira__issues:created_at"],
            "issue_id": ["model.atlas.github__issues:number", "model.atlas.github__issues:repository_id", "model.atlas.gitlab__issues:number", "model.atlas.gitlab__issues:repository_id", "model.atlas.jira__issues:issue_id", "model.atlas.jira__issues:site"],
            "issue_name": ["model.atlas.github__issues:number", "model.atlas.gitlab__issues:number", "model.atlas.hosted_repositories:repository", "model.atlas.jira__issues:issue_key"],
            "issue_type": ["model.atlas.gitlab__issues:type", "model.atlas.jira__issues:type"],
            "labels": ["model.atlas.github__issues:labels", "model.atlas.gitlab__issues:labels", "model.atlas.jira__issues:labels"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "resolution": ["model.atlas.github__issues:state_reason", "model.atlas.jira__issues:resolution"],
            "resolved_at": ["model.atlas.github__issues:closed_at", "model.atlas.gitlab__issues:closed_at", "model.atlas.jira__issues:resolved_at"],
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
    "model.atlas.pull_requests": {
        "fingerprint": "3a82bde14753fdb1f9fb4d50de91c247",
        "columns": {
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
        "fingerprint": "67ca94ba093861b40597c70662b1e220",
        "columns": {
            "commit_hash": ["model.atlas.github__reviews:commit_hash"],
            "is_by_bot": ["model.atlas.github__reviews:reviewer_type"],
            "pull_request_id": ["model.atlas.github__reviews:pull_request", "model.atlas.github__reviews:repository_id", "model.atlas.gitlab__reviews:merge_request", "model.atlas.gitlab__reviews:repository_id"],
            "repository": ["model.atlas.hosted_repositories:repository"],
            "review_id": ["model.atlas.github__reviews:repository_id", "model.atlas.github__reviews:review_id", "model.atlas.gitlab__reviews:repository_id", "model.atlas.gitlab__reviews:review_id"],
            "reviewer_login": ["model.atlas.github__reviews:reviewer_login", "model.atlas.gitlab__reviews:reviewer_login"],
            "submitted_at": ["model.atlas.github__reviews:_event_at", "model.atlas.gitlab__reviews:_event_at"],
            "system": [],
            "verdict": ["model.atlas.github__reviews:state", "model.atlas.gitlab__reviews:state"]
        }
    },
    "model.atlas.team_members": {
        "fingerprint": "a88c7acbb52b9efd52b97e1cf68d97b6",
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
