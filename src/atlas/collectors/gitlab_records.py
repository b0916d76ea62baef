"""GitLab's objects as the records that land; shapes are those of the REST API, version 4.

GitLab shows a deleted user as the ghost user, or as null; both land as null.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from atlas.collectors.services import known_moment, name_in, names_in, rfc3339, text_of, utc

if TYPE_CHECKING:
    from collections.abc import Iterable

# What GitLab writes into a merge request's thread when somebody gives their verdict.
VERDICTS = {
    "approved this merge request": "approved",
    "unapproved this merge request": "dismissed",
    "requested changes": "changes_requested",
}
# The one that stands in for all that were deleted; where somebody else had its name, GitLab gave it a number.
GHOST = re.compile(r"ghost\d*")
GHOST_NAME = "Ghost User"
LABEL_ACTIONS = {"add": "labeled", "remove": "unlabeled"}


class GroupRecord(msgspec.Struct, kw_only=True):
    """A group and who is in it, through groups above it included; one record of ``gitlab.groups``."""

    host: str
    group_id: str
    operation: str = "upsert"
    path: str
    name: str | None
    parent_group_id: str | None
    members: list[str]
    created_at: str | None
    event_at: str = ""


class ProjectRecord(msgspec.Struct, kw_only=True):
    """A project under its path of the time; one record of ``gitlab.projects``."""

    host: str
    repository_id: str
    operation: str = "upsert"
    repository: str
    group_id: str | None
    default_branch: str | None
    visibility: str | None
    is_fork: bool
    is_archived: bool | None
    created_at: str | None
    event_at: str = ""


class MergeRequestRecord(msgspec.Struct, kw_only=True):
    """A merge request as it was at ``event_at``; one record of ``gitlab.merge_requests``."""

    repository_id: str
    number: int
    operation: str = "upsert"
    title: str | None
    state: str
    is_draft: bool | None
    author_login: str | None
    created_at: str | None
    closed_at: str | None
    merged_at: str | None
    merged_by_login: str | None
    merge_commit_hash: str | None
    base_branch: str | None
    head_branch: str | None
    head_hash: str | None
    labels: list[str]
    reviewers: list[str]
    commit_hashes: list[str]
    first_authored_at: str | None
    event_at: str


class ReviewRecord(msgspec.Struct, kw_only=True):
    """A verdict or a comment of somebody else than the author; one record of ``gitlab.reviews``."""

    repository_id: str
    review_id: str
    merge_request: int
    reviewer_login: str | None
    state: str
    event_at: str


class IssueRecord(msgspec.Struct, kw_only=True):
    """An issue as it was at ``event_at``; one record of ``gitlab.issues``."""

    repository_id: str
    number: int
    operation: str = "upsert"
    title: str | None
    body: str | None
    type: str | None
    state: str
    author_login: str | None
    assignees: list[str]
    labels: list[str]
    milestone: str | None
    created_at: str | None
    closed_at: str | None
    event_at: str


class IssueEventRecord(msgspec.Struct, kw_only=True):
    """A change of an issue's state or labels; one record of ``gitlab.issue_events``."""

    repository_id: str
    event_id: str
    issue: int
    event: str
    actor_login: str | None
    label: str | None
    commit_hash: str | None
    event_at: str


class DeploymentRecord(msgspec.Struct, kw_only=True):
    """A deployment as it was at ``event_at``; one record of ``gitlab.deployments``."""

    repository_id: str
    deployment_id: str
    operation: str = "upsert"
    commit_hash: str
    ref: str | None
    environment: str | None
    environment_tier: str | None
    status: str
    creator_login: str | None
    created_at: str | None
    finished_at: str | None
    event_at: str


class ReleaseRecord(msgspec.Struct, kw_only=True):
    """A release; one record of ``gitlab.releases``. Its tag is its identity."""

    repository_id: str
    tag: str
    operation: str = "upsert"
    name: str | None
    commit_hash: str | None
    author_login: str | None
    created_at: str | None
    released_at: str | None
    event_at: str = ""


def group_record(host: str, group: dict[str, Any], members: list[dict[str, Any]]) -> GroupRecord:
    """From ``GET /groups/:id`` and ``…/members/all``."""
    return GroupRecord(
        host=host,
        group_id=f"{host}/{group['id']}",
        path=str(group["full_path"]),
        name=text_of(group.get("name")),
        parent_group_id=None if group.get("parent_id") is None else f"{host}/{group['parent_id']}",
        members=_usernames(members),
        created_at=utc(group.get("created_at")),
    )


def project_record(host: str, project: dict[str, Any]) -> ProjectRecord:
    """From ``GET /projects/:id``."""
    namespace = project.get("namespace") or {}
    return ProjectRecord(
        host=host,
        repository_id=f"{host}/{project['id']}",
        repository=f"{host}/{project['path_with_namespace']}",
        group_id=f"{host}/{namespace['id']}" if namespace.get("kind") == "group" else None,
        default_branch=text_of(project.get("default_branch")),
        visibility=text_of(project.get("visibility")),
        is_fork=project.get("forked_from_project") is not None,
        is_archived=project.get("archived"),
        created_at=utc(project.get("created_at")),
    )


def merge_request_record(
    repository_id: str, request: dict[str, Any], commits: list[dict[str, Any]]
) -> MergeRequestRecord:
    """From ``GET /projects/:id/merge_requests`` and ``…/:iid/commits``, which lists the newest first."""
    state = str(request["state"])
    merged_at = utc(request.get("merged_at"))
    # A fast-forward leaves no commit of its own: the last of the branch is on the target.
    merged_as = request.get("merge_commit_sha") or request.get("squash_commit_sha") or request.get("sha")
    authored = [utc(commit.get("authored_date")) for commit in commits]
    return MergeRequestRecord(
        repository_id=repository_id,
        number=request["iid"],
        title=text_of(request.get("title")),
        # While it is being merged, GitLab calls it locked.
        state={"opened": "open", "locked": "open"}.get(state, state),
        is_draft=request.get("draft"),
        author_login=_username(request.get("author")),
        created_at=utc(request.get("created_at")),
        closed_at=utc(request.get("closed_at")) or merged_at,
        merged_at=merged_at,
        merged_by_login=_username(request.get("merge_user") or request.get("merged_by")),
        merge_commit_hash=text_of(merged_as) if state == "merged" else None,
        base_branch=text_of(request.get("target_branch")),
        head_branch=text_of(request.get("source_branch")),
        head_hash=text_of(request.get("sha")),
        labels=names_in(request.get("labels"), "name"),
        reviewers=_usernames(request.get("reviewers")),
        commit_hashes=[str(commit["id"]) for commit in reversed(commits)],
        first_authored_at=min((at for at in authored if at is not None), default=None),
        event_at=rfc3339(known_moment(request["updated_at"])),
    )


def review_record(repository_id: str, request: dict[str, Any], note: dict[str, Any]) -> ReviewRecord | None:
    """From ``GET /projects/:id/merge_requests/:iid/notes``; None for what is no review."""
    reviewer = _username(note.get("author"))
    if note.get("system"):
        state = VERDICTS.get(str(note.get("body")).strip())
    else:
        # Of two who are gone, nobody knows whether they were one.
        is_own = reviewer is not None and reviewer == _username(request.get("author"))
        state = None if is_own else "commented"
    if state is None:
        return None
    return ReviewRecord(
        repository_id=repository_id,
        review_id=str(note["id"]),
        merge_request=request["iid"],
        reviewer_login=reviewer,
        state=state,
        event_at=rfc3339(known_moment(note["created_at"])),
    )


def issue_record(repository_id: str, issue: dict[str, Any]) -> IssueRecord:
    """From ``GET /projects/:id/issues``."""
    return IssueRecord(
        repository_id=repository_id,
        number=issue["iid"],
        title=text_of(issue.get("title")),
        body=text_of(issue.get("description")),
        type=text_of(issue.get("issue_type")),
        state={"opened": "open"}.get(issue["state"], issue["state"]),
        author_login=_username(issue.get("author")),
        assignees=_usernames(issue.get("assignees")),
        labels=names_in(issue.get("labels"), "name"),
        milestone=name_in(issue.get("milestone"), "title"),
        created_at=utc(issue.get("created_at")),
        closed_at=utc(issue.get("closed_at")),
        event_at=rfc3339(known_moment(issue["updated_at"])),
    )


def state_event_record(repository_id: str, number: int, event: dict[str, Any]) -> IssueEventRecord:
    """From ``GET /projects/:id/issues/:iid/resource_state_events``."""
    return IssueEventRecord(
        repository_id=repository_id,
        event_id=f"state/{event['id']}",
        issue=number,
        event={"opened": "reopened"}.get(event["state"], str(event["state"])),
        actor_login=_username(event.get("user")),
        label=None,
        commit_hash=text_of(event.get("source_commit")),
        event_at=rfc3339(known_moment(event["created_at"])),
    )


def label_event_record(repository_id: str, number: int, event: dict[str, Any]) -> IssueEventRecord:
    """From ``GET /projects/:id/issues/:iid/resource_label_events``; the label may have been deleted since."""
    return IssueEventRecord(
        repository_id=repository_id,
        event_id=f"label/{event['id']}",
        issue=number,
        event=LABEL_ACTIONS.get(event["action"], str(event["action"])),
        actor_login=_username(event.get("user")),
        label=name_in(event.get("label"), "name"),
        commit_hash=None,
        event_at=rfc3339(known_moment(event["created_at"])),
    )


def deployment_record(repository_id: str, deployment: dict[str, Any]) -> DeploymentRecord:
    """From ``GET /projects/:id/deployments``. Without a job (``deployable``), its last change is its end."""
    environment = deployment.get("environment")
    job = deployment.get("deployable") or {}
    return DeploymentRecord(
        repository_id=repository_id,
        deployment_id=str(deployment["id"]),
        commit_hash=str(deployment["sha"]),
        ref=text_of(deployment.get("ref")),
        environment=name_in(environment, "name"),
        environment_tier=name_in(environment, "tier"),
        status=str(deployment["status"]),
        creator_login=_username(deployment.get("user")),
        created_at=utc(deployment.get("created_at")),
        finished_at=utc(deployment.get("finished_at") or job.get("finished_at")),
        event_at=rfc3339(known_moment(deployment["updated_at"])),
    )


def release_record(repository_id: str, release: dict[str, Any]) -> ReleaseRecord:
    """From ``GET /projects/:id/releases``."""
    return ReleaseRecord(
        repository_id=repository_id,
        tag=str(release["tag_name"]),
        name=text_of(release.get("name")),
        commit_hash=name_in(release.get("commit"), "id"),
        author_login=_username(release.get("author")),
        created_at=utc(release.get("created_at")),
        released_at=utc(release.get("released_at")),
    )


def _username(user: Any) -> str | None:
    """Who somebody is; nobody, of the account that stands in for all that were deleted."""
    username = name_in(user, "username")
    is_ghost = username is not None and GHOST.fullmatch(username) and user.get("name") == GHOST_NAME
    return None if is_ghost else username


def _usernames(users: Iterable[Any] | None) -> list[str]:
    """Who they are, sorted; without those who are gone."""
    return sorted(username for user in users or () if (username := _username(user)) is not None)
