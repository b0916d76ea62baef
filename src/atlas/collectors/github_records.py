"""GitHub's objects as the records that land: what the metrics read, flat and typed; of a person, the login.

Shapes are those of the REST API, version 2022-11-28. A user may be null (GitHub shows a deleted account as ``ghost`` or
as nothing; both land as null), and so may the repository of a head branch, whose fork was deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from atlas.collectors.services import name_in, names_in, text_of, utc

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Nobody can be called that but the account that stands in for all that were deleted.
GHOST = "ghost"


class OrganisationRecord(msgspec.Struct, kw_only=True):
    """An organisation or a user that owns repositories; one record of ``github.organisations``."""

    host: str
    organisation_id: str
    operation: str = "upsert"
    login: str
    name: str | None
    kind: str | None
    created_at: str | None
    event_at: str = ""


class TeamRecord(msgspec.Struct, kw_only=True):
    """A team of an organisation and who is in it; one record of ``github.teams``. ``members`` are logins, sorted."""

    organisation_id: str
    team_id: str
    operation: str = "upsert"
    slug: str
    name: str | None
    parent_team_id: str | None
    members: list[str]
    event_at: str = ""


class RepositoryRecord(msgspec.Struct, kw_only=True):
    """A repository under its name of the time; one record of ``github.repositories``."""

    host: str
    repository_id: str
    operation: str = "upsert"
    repository: str
    organisation_id: str | None
    default_branch: str | None
    visibility: str | None
    is_fork: bool | None
    is_archived: bool | None
    created_at: str | None
    event_at: str = ""


class PullRequestRecord(msgspec.Struct, kw_only=True):
    """A pull request as it was at ``event_at``; one record of ``github.pull_requests``.

    ``commit_hashes`` are its commits, oldest first; GitHub lists no more than 250 of them, ``commits`` counts all.
    ``commit_logins`` are hash and login of those whose author's address an account has verified, if there are any.
    ``first_authored_at`` is the earliest author time among those listed. ``merge_commit_hash`` is the commit that the
    merge (or squash, or the last of a rebase) left on the base branch, None until then.
    """

    repository_id: str
    number: int
    operation: str = "upsert"
    title: str | None
    state: str
    is_draft: bool | None
    author_login: str | None
    author_type: str | None
    created_at: str | None
    closed_at: str | None
    merged_at: str | None
    merged_by_login: str | None
    merge_commit_hash: str | None
    base_branch: str | None
    head_branch: str | None
    head_hash: str | None
    head_repository: str | None
    labels: list[str]
    requested_reviewers: list[str]
    requested_teams: list[str]
    lines_added: int | None
    lines_deleted: int | None
    files_changed: int | None
    commits: int | None
    commit_hashes: list[str]
    commit_logins: list[str] | UnsetType = UNSET
    first_authored_at: str | None
    event_at: str


class ReviewRecord(msgspec.Struct, kw_only=True):
    """A submitted review; one record of ``github.reviews``. A dismissal changes ``state`` and no time."""

    repository_id: str
    review_id: str
    pull_request: int
    reviewer_login: str | None
    reviewer_type: str | None
    state: str
    commit_hash: str | None
    event_at: str


class IssueRecord(msgspec.Struct, kw_only=True):
    """An issue as it was at ``event_at``; one record of ``github.issues``."""

    repository_id: str
    number: int
    operation: str = "upsert"
    title: str | None
    body: str | None
    state: str
    state_reason: str | None
    author_login: str | None
    author_type: str | None
    assignees: list[str]
    labels: list[str]
    milestone: str | None
    created_at: str | None
    closed_at: str | None
    event_at: str


class IssueEventRecord(msgspec.Struct, kw_only=True):
    """Something that happened to an issue; one record of ``github.issue_events``. Events never change."""

    repository_id: str
    event_id: str
    issue: int
    event: str
    actor_login: str | None
    label: str | None
    assignee_login: str | None
    state_reason: str | None
    commit_hash: str | None
    event_at: str


class DeploymentRecord(msgspec.Struct, kw_only=True):
    """A deployment as it was at ``event_at``; one record of ``github.deployments``."""

    repository_id: str
    deployment_id: str
    operation: str = "upsert"
    commit_hash: str
    ref: str | None
    task: str | None
    environment: str | None
    is_production: bool | None
    is_transient: bool | None
    creator_login: str | None
    created_at: str | None
    event_at: str


class DeploymentStatusRecord(msgspec.Struct, kw_only=True):
    """What became of a deployment, and when; one record of ``github.deployment_statuses``."""

    repository_id: str
    status_id: str
    deployment_id: str
    state: str
    environment: str | None
    creator_login: str | None
    event_at: str


class ReleaseRecord(msgspec.Struct, kw_only=True):
    """A release; one record of ``github.releases``."""

    repository_id: str
    release_id: str
    operation: str = "upsert"
    tag: str | None
    name: str | None
    target: str | None
    is_draft: bool | None
    is_prerelease: bool | None
    author_login: str | None
    created_at: str | None
    published_at: str | None
    event_at: str = ""


def organisation_record(host: str, owner: dict[str, Any]) -> OrganisationRecord:
    """From ``GET /orgs/{org}``, or from the owner within a repository, which knows less."""
    return OrganisationRecord(
        host=host,
        organisation_id=f"{host}/{owner['id']}",
        login=str(owner["login"]),
        name=text_of(owner.get("name")),
        kind=text_of(owner.get("type")),
        created_at=utc(owner.get("created_at")),
    )


def team_record(organisation_id: str, team: dict[str, Any], members: Sequence[dict[str, Any]]) -> TeamRecord:
    """From ``GET /orgs/{org}/teams`` and ``…/teams/{slug}/members``."""
    return TeamRecord(
        organisation_id=organisation_id,
        team_id=str(team["id"]),
        slug=str(team["slug"]),
        name=text_of(team.get("name")),
        parent_team_id=name_in(team.get("parent"), "id"),
        members=sorted(str(member["login"]) for member in members),
    )


def repository_record(host: str, repository: dict[str, Any]) -> RepositoryRecord:
    """From ``GET /repos/{owner}/{repo}``."""
    owner = repository.get("owner") or {}
    return RepositoryRecord(
        host=host,
        repository_id=f"{host}/{repository['id']}",
        repository=f"{host}/{repository['full_name']}",
        organisation_id=f"{host}/{owner['id']}" if "id" in owner else None,
        default_branch=text_of(repository.get("default_branch")),
        visibility=text_of(repository.get("visibility")) or ("private" if repository.get("private") else "public"),
        is_fork=repository.get("fork"),
        is_archived=repository.get("archived"),
        created_at=utc(repository.get("created_at")),
    )


def pull_request_record(
    repository_id: str, pull: dict[str, Any], commits: Sequence[dict[str, Any]]
) -> PullRequestRecord:
    """From ``GET /repos/{owner}/{repo}/pulls/{number}`` and ``…/commits``."""
    head, base = pull.get("head") or {}, pull.get("base") or {}
    merged_at = utc(pull.get("merged_at"))
    authored = [utc(name_in((commit.get("commit") or {}).get("author"), "date")) for commit in commits]
    return PullRequestRecord(
        repository_id=repository_id,
        number=pull["number"],
        title=text_of(pull.get("title")),
        state="merged" if merged_at else pull["state"],
        is_draft=pull.get("draft"),
        author_login=_login(pull.get("user")),
        author_type=name_in(pull.get("user"), "type"),
        created_at=utc(pull.get("created_at")),
        closed_at=utc(pull.get("closed_at")),
        merged_at=merged_at,
        merged_by_login=_login(pull.get("merged_by")),
        # Of an open one, GitHub names a trial merge that no branch holds.
        merge_commit_hash=text_of(pull.get("merge_commit_sha")) if merged_at else None,
        base_branch=text_of(base.get("ref")),
        head_branch=text_of(head.get("ref")),
        head_hash=text_of(head.get("sha")),
        head_repository=name_in(head.get("repo"), "full_name"),
        labels=names_in(pull.get("labels"), "name"),
        requested_reviewers=_logins(pull.get("requested_reviewers")),
        requested_teams=names_in(pull.get("requested_teams"), "slug"),
        lines_added=pull.get("additions"),
        lines_deleted=pull.get("deletions"),
        files_changed=pull.get("changed_files"),
        commits=pull.get("commits"),
        commit_hashes=[str(commit["sha"]) for commit in commits],
        commit_logins=_commit_logins(commits) or UNSET,
        first_authored_at=min((at for at in authored if at is not None), default=None),
        event_at=_must(utc(pull.get("updated_at"))),
    )


def _commit_logins(commits: Sequence[dict[str, Any]]) -> list[str]:
    """GitHub gives a commit an account by its author's address, if the account has verified that it is theirs."""
    logins = [(str(commit["sha"]), _login(commit.get("author"))) for commit in commits]
    return [f"{commit_hash} {login}" for commit_hash, login in logins if login]


def review_record(repository_id: str, number: int, review: dict[str, Any]) -> ReviewRecord | None:
    """From ``GET /repos/{owner}/{repo}/pulls/{number}/reviews``; None for one that isn't submitted yet."""
    submitted_at = utc(review.get("submitted_at"))
    if submitted_at is None:
        return None
    return ReviewRecord(
        repository_id=repository_id,
        review_id=str(review["id"]),
        pull_request=number,
        reviewer_login=_login(review.get("user")),
        reviewer_type=name_in(review.get("user"), "type"),
        state=str(review["state"]).lower(),
        commit_hash=text_of(review.get("commit_id")),
        event_at=submitted_at,
    )


def issue_record(repository_id: str, issue: dict[str, Any]) -> IssueRecord:
    """From ``GET /repos/{owner}/{repo}/issues``."""
    return IssueRecord(
        repository_id=repository_id,
        number=issue["number"],
        title=text_of(issue.get("title")),
        body=text_of(issue.get("body")),
        state=issue["state"],
        state_reason=text_of(issue.get("state_reason")),
        author_login=_login(issue.get("user")),
        author_type=name_in(issue.get("user"), "type"),
        assignees=_logins(issue.get("assignees")),
        labels=names_in(issue.get("labels"), "name"),
        milestone=name_in(issue.get("milestone"), "title"),
        created_at=utc(issue.get("created_at")),
        closed_at=utc(issue.get("closed_at")),
        event_at=_must(utc(issue.get("updated_at"))),
    )


def issue_event_record(repository_id: str, number: int, event: dict[str, Any]) -> IssueEventRecord:
    """From ``GET /repos/{owner}/{repo}/issues/{number}/events``."""
    return IssueEventRecord(
        repository_id=repository_id,
        event_id=str(event["id"]),
        issue=number,
        event=str(event["event"]),
        actor_login=_login(event.get("actor")),
        label=name_in(event.get("label"), "name"),
        assignee_login=_login(event.get("assignee")),
        state_reason=text_of(event.get("state_reason")),
        commit_hash=text_of(event.get("commit_id")),
        event_at=_must(utc(event.get("created_at"))),
    )


def deployment_record(repository_id: str, deployment: dict[str, Any]) -> DeploymentRecord:
    """From ``GET /repos/{owner}/{repo}/deployments``."""
    return DeploymentRecord(
        repository_id=repository_id,
        deployment_id=str(deployment["id"]),
        commit_hash=str(deployment["sha"]),
        ref=text_of(deployment.get("ref")),
        task=text_of(deployment.get("task")),
        environment=text_of(deployment.get("environment")),
        is_production=deployment.get("production_environment"),
        is_transient=deployment.get("transient_environment"),
        creator_login=_login(deployment.get("creator")),
        created_at=utc(deployment.get("created_at")),
        event_at=_must(utc(deployment.get("updated_at"))),
    )


def deployment_status_record(repository_id: str, deployment_id: str, status: dict[str, Any]) -> DeploymentStatusRecord:
    """From ``GET /repos/{owner}/{repo}/deployments/{id}/statuses``."""
    return DeploymentStatusRecord(
        repository_id=repository_id,
        status_id=str(status["id"]),
        deployment_id=deployment_id,
        state=str(status["state"]),
        environment=text_of(status.get("environment")),
        creator_login=_login(status.get("creator")),
        event_at=_must(utc(status.get("created_at"))),
    )


def release_record(repository_id: str, release: dict[str, Any]) -> ReleaseRecord:
    """From ``GET /repos/{owner}/{repo}/releases``."""
    return ReleaseRecord(
        repository_id=repository_id,
        release_id=str(release["id"]),
        tag=text_of(release.get("tag_name")),
        name=text_of(release.get("name")),
        target=text_of(release.get("target_commitish")),
        is_draft=release.get("draft"),
        is_prerelease=release.get("prerelease"),
        author_login=_login(release.get("author")),
        created_at=utc(release.get("created_at")),
        published_at=utc(release.get("published_at")),
    )


def _login(user: Any) -> str | None:
    """Who somebody is; nobody, of the account that stands in for all that were deleted."""
    login = name_in(user, "login")
    return None if login == GHOST else login


def _logins(users: Iterable[Any] | None) -> list[str]:
    """Who they are, sorted; without those who are gone."""
    return sorted(login for user in users or () if (login := _login(user)) is not None)


def _must(text: str | None) -> str:
    """A time that an object can't lack; without it, landing refuses the record and keeps it."""
    return text or ""
