"""Jira's objects as the records that land; shapes are those of the REST API, 3 of Cloud and 2 of Data Center.

People are named by account id (Cloud) or user name (Data Center); somebody who is gone is null. Of the changes of an
issue those of the fields below land, and no texts that people wrote.
"""

from __future__ import annotations

from typing import Any

import msgspec

from atlas.collectors.services import known_moment, name_in, names_in, rfc3339, text_of, utc

CHANGES_KEPT = frozenset({"status", "assignee", "labels", "resolution", "priority", "issuetype", "project"})
# How far a status has come, by Jira's own keys, which stay whatever a workflow's statuses are called.
CATEGORIES = {"new": "open", "indeterminate": "in_progress", "done": "done", "undefined": "open"}


class ProjectRecord(msgspec.Struct, kw_only=True):
    """A project under its key of the time; one record of ``jira.projects``."""

    site: str
    project_id: str
    operation: str = "upsert"
    project_key: str
    name: str | None
    project_type: str | None
    event_at: str = ""


class StatusRecord(msgspec.Struct, kw_only=True):
    """A status and how far it has come; one record of ``jira.statuses``."""

    site: str
    status_id: str
    operation: str = "upsert"
    name: str | None
    category: str | None
    event_at: str = ""


class IssueRecord(msgspec.Struct, kw_only=True):
    """An issue as it was at ``event_at``; one record of ``jira.issues``."""

    site: str
    issue_id: str
    operation: str = "upsert"
    issue_key: str
    project_id: str | None
    title: str | None
    body: str | None
    type: str | None
    status_id: str | None
    status: str | None
    category: str | None
    resolution: str | None
    priority: str | None
    author: str | None
    assignee: str | None
    labels: list[str]
    created_at: str | None
    resolved_at: str | None
    event_at: str


class IssueChangeRecord(msgspec.Struct, kw_only=True):
    """A change of one field of an issue; one record of ``jira.issue_changes``. Changes never change."""

    site: str
    change_id: str
    issue_id: str
    field: str
    from_id: str | None
    from_text: str | None
    to_id: str | None
    to_text: str | None
    author: str | None
    event_at: str


def project_record(site: str, project: dict[str, Any]) -> ProjectRecord:
    """From ``GET /project/{key}``."""
    return ProjectRecord(
        site=site,
        project_id=str(project["id"]),
        project_key=str(project["key"]),
        name=text_of(project.get("name")),
        project_type=text_of(project.get("projectTypeKey")),
    )


def status_record(site: str, status: dict[str, Any]) -> StatusRecord:
    """From ``GET /status``."""
    return StatusRecord(
        site=site,
        status_id=str(status["id"]),
        name=text_of(status.get("name")),
        category=_category(status),
    )


def issue_record(site: str, issue: dict[str, Any]) -> IssueRecord:
    """From a search."""
    fields = issue["fields"]
    return IssueRecord(
        site=site,
        issue_id=str(issue["id"]),
        issue_key=str(issue["key"]),
        project_id=name_in(fields.get("project"), "id"),
        title=text_of(fields.get("summary")),
        body=plain_text(fields.get("description")),
        type=name_in(fields.get("issuetype"), "name"),
        status_id=name_in(fields.get("status"), "id"),
        status=name_in(fields.get("status"), "name"),
        category=_category(fields.get("status")),
        resolution=name_in(fields.get("resolution"), "name"),
        priority=name_in(fields.get("priority"), "name"),
        author=person(fields.get("reporter") or fields.get("creator")),
        assignee=person(fields.get("assignee")),
        labels=names_in(fields.get("labels"), "name"),
        created_at=utc(fields.get("created")),
        resolved_at=utc(fields.get("resolutiondate")),
        event_at=rfc3339(known_moment(fields["updated"])),
    )


def change_records(site: str, issue_id: str, history: dict[str, Any]) -> list[IssueChangeRecord]:
    """From ``GET /issue/{id}/changelog`` (Cloud) or ``GET /issue/{id}?expand=changelog``; several fields at once."""
    return [
        IssueChangeRecord(
            site=site,
            # A field may be set twice in one go, so its place tells them apart.
            change_id=f"{history['id']}/{place}",
            issue_id=issue_id,
            field=_field(item),
            from_id=text_of(item.get("from")),
            from_text=_name_of_value(item, "fromString"),
            to_id=text_of(item.get("to")),
            to_text=_name_of_value(item, "toString"),
            author=person(history.get("author")),
            event_at=rfc3339(known_moment(history["created"])),
        )
        for place, item in enumerate(history.get("items") or ())
        if _field(item) in CHANGES_KEPT
    ]


def _field(item: dict[str, Any]) -> str:
    return str(item.get("fieldId") or item["field"]).lower()


def _name_of_value(item: dict[str, Any], side: str) -> str | None:
    """What a value is called; of a person, nothing beyond the id."""
    return None if _field(item) == "assignee" else text_of(item.get(side))


def person(value: Any) -> str | None:
    """Who somebody is: the account id of Cloud, the name of Data Center."""
    return name_in(value, "accountId") or name_in(value, "name")


def plain_text(document: Any) -> str | None:
    """The text of a description: Data Center's as it is, of Cloud's document the words of its nodes."""
    if not isinstance(document, dict):
        return text_of(document)
    words: list[str] = []
    nodes: list[Any] = [document]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("text"), str):
                words.append(node["text"])
            nodes += reversed(node.get("content") or [])
    return text_of(" ".join(words))


def _category(status: Any) -> str | None:
    key = name_in((status or {}).get("statusCategory"), "key")
    return None if key is None else CATEGORIES.get(key, "in_progress")
