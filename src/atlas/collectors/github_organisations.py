"""Organisations, their teams, and who is in them.

GitHub doesn't say since when somebody is in a team: what is recorded is when that was seen.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from atlas.collectors import github_records as records
from atlas.collectors.github_reading import PAGE, SERVICE, SYSTEM, count
from atlas.collectors.http_client import Refused
from atlas.collectors.service_landing import landing
from atlas.collectors.services import EVERYTHING, FORBIDDEN, Collection, Estimate, host_of, understood

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection

    from atlas.collectors.http_client import HttpClient
    from atlas.collectors.service_landing import Landing
    from atlas.sources import Source


def collect_organisation(
    connection: Connection[Any],
    sources: Mapping[str, Source],
    client: HttpClient,
    login: str,
    *,
    progress: Callable[[int], None] | None = None,
) -> Collection | None:
    """Land an organisation, its teams and who is in them, where that has changed.

    Returns:
        What was done; None for the account of a person, who has no teams.

    Raises:
        UsageError: somebody else is collecting it.
        ServiceError: GitHub can't be reached, or refuses.
        DataError: GitHub gives what this collector doesn't understand.
    """
    started, asked = time.monotonic(), client.requests
    try:
        answer = client.get(f"/orgs/{quote(login, safe='')}")
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        return None
    with understood(SERVICE):
        host = host_of(answer.value["html_url"])
        organisation = records.organisation_record(host, answer.value)
    scope, name = organisation.organisation_id, f"{host}/{organisation.login}"
    with landing(connection, sources, SYSTEM, f"organisation {scope}", name, progress) as into, understood(SERVICE):
        found = {"organisations": into.differing("organisations", host, [organisation], answer.at, is_whole=False)}
        teams = _allowed(client, into, f"/orgs/{organisation.login}/teams", f"The teams of {name}")
        if teams is not None:
            read = [_team(client, into, organisation, team) for team in teams]
            known = [team for team in read if team is not None]
            found["teams"] = into.differing("teams", scope, known, answer.at, is_whole=len(known) == len(read))
        into.land(found, {"organisation": name})
    duration = time.monotonic() - started
    return Collection(SYSTEM, name, into.tally, client.requests - asked, client.quota, duration)


def estimate_organisation(client: HttpClient, login: str) -> Estimate | None:
    """What ``collect_organisation`` would read. Takes at most two requests, and writes nothing.

    Returns:
        One list of members for each team; None for the account of a person.

    Raises:
        ServiceError: GitHub can't be reached, or refuses.
        DataError: GitHub gives what this collector doesn't understand.
    """
    path = f"/orgs/{quote(login, safe='')}"
    try:
        answer = client.get(path)
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        return None
    with understood(SERVICE):
        name = f"{host_of(answer.value['html_url'])}/{answer.value['login']}"
    teams = count(client, f"{path}/teams", {})
    requests = 2 + (teams or 0) + (teams or 0) // PAGE
    return Estimate(SYSTEM, name, EVERYTHING, {"teams": teams}, requests, client.quota)


def _team(
    client: HttpClient, into: Landing, organisation: records.OrganisationRecord, team: dict[str, Any]
) -> records.TeamRecord | None:
    """A team with its members; None if they can't be read, for a team without members is something else."""
    path = f"/orgs/{organisation.login}/teams/{quote(str(team['slug']), safe='')}/members"
    members = _allowed(client, into, path, f"The members of the team {team['slug']}")
    return None if members is None else records.team_record(organisation.organisation_id, team, members)


def _allowed(client: HttpClient, into: Landing, path: str, what: str) -> list[dict[str, Any]] | None:
    """All items of a list; None, and a note, if this token may not read it."""
    try:
        return [item for page in client.pages(path, {"per_page": PAGE}) for item in page.value]
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        into.tally.notes.append(
            f"{what} can't be read with this token, which needs read:org (status {refusal.status}); the rest was "
            "collected."
        )
        return None
