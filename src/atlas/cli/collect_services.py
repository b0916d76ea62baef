"""``atlas collect github`` and its like: services that are read over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.output import activity, cell, note, say, say_json
from atlas.errors import AtlasError, ServiceError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from psycopg import Connection

    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.http_limits import Quota
    from atlas.collectors.services import Collection, Estimate
    from atlas.sources import Source

Since = Annotated[
    str | None, typer.Option(help="Begin at a day or time: at first to leave the old out, later to read it again.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what there is to read; write nothing.")]
MaxWait = Annotated[int, typer.Option(metavar="MINUTES", min=0, help="How long to wait for a rate limit, at most.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
MAX_WAIT_MINUTES = 65


@dataclass(frozen=True)
class Work:
    """What a collector works with.

    Attributes:
        connection: in autocommit mode.
        sources: as declared.
        client: of the service.
        since: as the user says.
        progress: told how many records have been read.
    """

    connection: Connection[Any]
    sources: Mapping[str, Source]
    client: HttpClient
    since: datetime | None
    progress: Callable[[int], None]


def github(
    names: Annotated[list[str], typer.Argument(metavar="OWNER/REPO...", help="Repositories on GitHub.")],
    since: Since = None,
    dry_run: DryRun = False,  # noqa: FBT002
    max_wait: MaxWait = MAX_WAIT_MINUTES,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Land what has changed on GitHub: pull requests, reviews, issues, deployments, releases and teams.

    The token comes from ATLAS_GITHUB_TOKEN, or from the file that ATLAS_GITHUB_TOKEN_FILE names.
    """
    from atlas.collectors.github import collect_repository, estimate_repository  # noqa: PLC0415
    from atlas.collectors.github_organisations import collect_organisation, estimate_organisation  # noqa: PLC0415

    seen: set[str] = set()

    def unseen(result: Collection | Estimate) -> str | None:
        # As GitHub says, for a transferred repository has another than was typed.
        owner = result.name.split("/")[1]
        is_new = owner.lower() not in seen
        seen.add(owner.lower())
        return owner if is_new else None

    def collect(work: Work, name: str) -> Iterator[Collection]:
        collected = collect_repository(
            work.connection, work.sources, work.client, name, since=work.since, progress=work.progress
        )
        yield collected
        if owner := unseen(collected):
            found = collect_organisation(work.connection, work.sources, work.client, owner, progress=work.progress)
            if found is not None:
                yield found

    def estimate(work: Work, name: str) -> Iterator[Estimate]:
        estimated = estimate_repository(work.connection, work.client, name, since=work.since)
        yield estimated
        if owner := unseen(estimated):
            teams = estimate_organisation(work.client, owner)
            if teams is not None:
                yield teams

    _run("github", names, estimate if dry_run else collect, since, max_wait, as_json=as_json)


def gitlab(
    names: Annotated[list[str], typer.Argument(metavar="GROUP/PROJECT...", help="Projects on GitLab.")],
    since: Since = None,
    dry_run: DryRun = False,  # noqa: FBT002
    max_wait: MaxWait = MAX_WAIT_MINUTES,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Land what has changed on GitLab: merge requests, reviews, issues, deployments, releases and groups.

    The token comes from ATLAS_GITLAB_TOKEN, or from the file that ATLAS_GITLAB_TOKEN_FILE names.
    """
    from atlas.collectors.gitlab import collect_project, estimate_project  # noqa: PLC0415

    def collect(work: Work, name: str) -> Iterator[Collection]:
        yield collect_project(
            work.connection, work.sources, work.client, name, since=work.since, progress=work.progress
        )

    def estimate(work: Work, name: str) -> Iterator[Estimate]:
        yield estimate_project(work.connection, work.client, name, since=work.since)

    _run("gitlab", names, estimate if dry_run else collect, since, max_wait, as_json=as_json)


def jira(
    names: Annotated[list[str], typer.Argument(metavar="PROJECT...", help="Keys of projects in Jira.")],
    since: Since = None,
    dry_run: DryRun = False,  # noqa: FBT002
    max_wait: MaxWait = MAX_WAIT_MINUTES,
    as_json: Json = False,  # noqa: FBT002
) -> None:
    """Land what has changed in Jira: issues with the history of their statuses, and what the statuses mean.

    ATLAS_JIRA_URL says where; the token comes from ATLAS_JIRA_TOKEN, or from the file that ATLAS_JIRA_TOKEN_FILE names.
    A token of Jira Cloud belongs to an e-mail address: ATLAS_JIRA_USER.
    """
    from atlas.collectors.jira import collect_project, estimate_project  # noqa: PLC0415

    def collect(work: Work, name: str) -> Iterator[Collection]:
        yield collect_project(
            work.connection, work.sources, work.client, name, since=work.since, progress=work.progress
        )

    def estimate(work: Work, name: str) -> Iterator[Estimate]:
        yield estimate_project(work.connection, work.client, name, since=work.since)

    _run("jira", names, estimate if dry_run else collect, since, max_wait, as_json=as_json)


def _run(
    system: str,
    names: list[str],
    action: Callable[[Work, str], Iterator[Collection | Estimate]],
    since: str | None,
    max_wait: int,
    *,
    as_json: bool,
) -> None:
    """Do something for each name. What is wrong with one doesn't keep the others; a service that fails does."""
    from atlas.collectors.clients import client_of  # noqa: PLC0415
    from atlas.collectors.http_client import Patience  # noqa: PLC0415
    from atlas.collectors.presence import Vanished  # noqa: PLC0415
    from atlas.collectors.services import since_of  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    begin = None if since is None else since_of(since)
    settings = Settings.from_environment()
    client = client_of(system, settings, patience=Patience(longest_wait_s=60 * max_wait), report=note)
    sources = load_sources(settings.project)
    done: list[dict[str, Any]] = []
    failures: list[AtlasError] = []
    try:
        with connect_migrated(settings) as connection, client:
            for name in names:
                try:
                    with activity(f"Collecting {name}") as tell:
                        work = Work(connection, sources, client, begin, _teller(tell, client))
                        for result in action(work, name):
                            done.append(as_dict(result))
                            if not as_json:
                                say_result(result)
                except AtlasError as error:
                    if isinstance(error, ServiceError) and not isinstance(error, Vanished):
                        raise
                    failures.append(error)
                    note(f"{cell(name)}: {cell(error)}")
    finally:
        # Also when the service fails at a later one: what has been collected by then, has.
        if as_json:
            say_json(done)
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _teller(tell: Callable[[str], None], client: HttpClient) -> Callable[[int], None]:
    def progress(count: int) -> None:
        tell(f"{count:,} records, {client.requests:,} requests{_left(client.quota)}")

    return progress


def as_dict(result: Collection | Estimate) -> dict[str, Any]:
    """A result for ``--json``."""
    from atlas.collectors.services import Estimate  # noqa: PLC0415

    quota = None
    if result.quota is not None:
        resets_at = result.quota.resets_at
        quota = {
            "limit": result.quota.limit,
            "remaining": result.quota.remaining,
            "resets_at": None if resets_at is None else resets_at.isoformat(),
        }
    common = {"system": result.system, "name": result.name, "rate_limit": quota}
    if isinstance(result, Estimate):
        return common | {"since": result.since.isoformat(), "changes": result.changes, "requests": result.requests}
    tally = result.tally
    return common | {
        "accepted": dict(tally.accepted),
        "duplicate": dict(tally.duplicate),
        "quarantined": dict(tally.quarantined),
        "batches": tally.batches,
        "requests": result.requests,
        "notes": tally.notes,
        "duration_s": round(result.duration_s, 3),
    }


def say_result(result: Collection | Estimate) -> None:
    """Print a result, for people."""
    from atlas.collectors.services import Estimate  # noqa: PLC0415

    head = f"{result.system}  {cell(result.name)}: "
    if isinstance(result, Estimate):
        counts = ", ".join(f"{cell(number)} {what}" for what, number in result.changes.items())
        requests = "an unknown number of" if result.requests is None else f"about {result.requests:,}"
        say(f"{head}since {result.since:%Y-%m-%d %H:%M} UTC {counts}; {requests} requests{_left(result.quota)}")
        return
    tally = result.tally
    say(
        f"{head}{tally.accepted.total():,} accepted + {tally.duplicate.total():,} duplicate + "
        f"{tally.quarantined.total():,} quarantined, in {result.duration_s:.2f} s and {result.requests:,} requests"
        f"{_left(result.quota)}"
    )
    for source, count in sorted(tally.accepted.items()):
        if count:
            say(f"    {source}: {count:,}")
    if tally.quarantined.total():
        say("    see what was refused: atlas quarantine list")
    for sentence in tally.notes:
        say(f"    {cell(sentence)}")


def _left(quota: Quota | None) -> str:
    """What is left of a rate limit, to be put behind a sentence."""
    if quota is None:
        return ""
    of = "" if quota.limit is None else f" of {quota.limit:,}"
    until = "" if quota.resets_at is None else f" until {quota.resets_at:%H:%M} UTC"
    return f"; {quota.remaining:,}{of} left{until}"
