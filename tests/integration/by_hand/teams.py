"""Whose each deployment, change and incident is, as one would work it out by hand; and teams made up from a seed.

It shares nothing with the models but the definitions in docs/guides/delivery.md.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from equal_builds_support import Delivery
from made_repositories import ADDRESSES, DAY, HOUR, LOGINS, START

from by_hand.histories import Incident
from by_hand.metrics import Outage, Part, changes_of, outage, outages_of, parts_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

    from by_hand.histories import History
    from by_hand.repositories import Commit

NOBODY = "(no team)"
TEAMS = {"7": "core", "8": "web", "9": "idle"}
HOST = "github.com"
# Of the others, a service's own address tells the login.
DECLARED = {ADDRESSES[4]: LOGINS[4]}


class Version(NamedTuple):
    """Who a service says is in a team, from a moment on, in seconds since 1970."""

    team: str
    at: int
    members: tuple[str, ...]


def made_versions(chance: random.Random, number: int) -> list[Version]:
    """People who come and go, some of whom are in two teams, or in none. Of one team, nothing is ever deployed."""
    moments = chance.sample(range(START - 10 * DAY, START + 60 * DAY), number)
    return [
        Version(chance.choice(["7", "8"]), at, tuple(sorted(chance.sample(LOGINS, chance.randint(0, len(LOGINS))))))
        for at in moments
    ] + [Version("9", START + 5000 * DAY + number, ("ann",))]


def made_incidents(chance: random.Random, history: History, number: int) -> list[Incident]:
    """About deployments by their names or commits, in time or not; about several; about nothing."""
    made = []
    for _ in range(number if history.deployments else 0):
        about = chance.sample(history.deployments, min(len(history.deployments), chance.choice([1, 1, 1, 2])))
        opened = about[-1].at + chance.choice([0, HOUR, 5 * DAY, 30 * DAY, 30 * DAY + 1, -1])
        words = [deployment.name for deployment in about if chance.random() < 0.4]
        shipped = [commit for commit, place in history.shipped.items() if history.deployments[place] in about]
        words += [commit[: chance.choice([7, 12, 40])] for commit in chance.sample(shipped, min(2, len(shipped)))]
        closed = opened + chance.randrange(0, 3 * DAY) if chance.random() < 0.8 else None
        made.append(Incident(f"Down since {' and '.join(words)} deadbeef.", opened, closed))
    return made


def teams_of(versions: Iterable[Version], author: str, at: int) -> dict[str, float]:
    """Which part of what somebody writes at a moment falls upon which team."""
    latest: dict[str, Version] = {}
    for version in sorted(versions, key=lambda version: version.at):
        if version.at <= at:
            latest[version.team] = version
    login = (dict(zip(ADDRESSES[:4], LOGINS, strict=False)) | DECLARED).get(author)
    teams = [f"{HOST}/acme/{TEAMS[team]}" for team, version in latest.items() if login in version.members]
    return dict.fromkeys(teams, 1 / len(teams)) if teams else {NOBODY: 1.0}


def by_team(
    histories: Mapping[str, History], versions: Sequence[Version]
) -> tuple[dict[str, list[Part]], dict[str, list[Outage]]]:
    """Parts of deployments and of incidents, for each team and for nobody."""
    parts: dict[str, list[Part]] = {f"{HOST}/acme/{slug}": [] for slug in TEAMS.values()}
    outages: dict[str, list[Outage]] = defaultdict(list)

    def owners(commit: Commit) -> dict[str, float]:
        return teams_of(versions, commit.author, commit.authored)

    for history in histories.values():
        shares: dict[int, dict[str, float]] = {}
        for whole, place in zip(parts_of(history), range(len(history.deployments)), strict=True):
            changes = [commit for commit in history.shipped_by(place) if len(commit.parents) < 2]
            counted: Counter[str] = Counter()
            for commit in changes:
                counted.update(owners(commit))
            shares[place] = {team: part / len(changes) for team, part in counted.items()} or {NOBODY: 1.0}
            for team, share in shares[place].items():
                own = changes_of(history, place, lambda commit, team=team: owners(commit).get(team, 0.0))  # type: ignore[misc]
                parts.setdefault(team, []).append(whole._replace(share=share, changes=own))
        for incident, places in history.incidents:
            split: Counter[str] = Counter()
            for place in places:
                split.update({team: share / len(places) for team, share in shares[place].items()})
            for team, share in (split or {NOBODY: 1.0}).items():
                outages[team].append(outage(incident, share, is_linked=bool(places)))
    return parts, outages


def by_organisation(histories: Mapping[str, History]) -> tuple[dict[str, list[Part]], dict[str, list[Outage]]]:
    """Those of repositories whose names begin alike."""
    parts: dict[str, list[Part]] = defaultdict(list)
    outages: dict[str, list[Outage]] = defaultdict(list)
    for name, history in histories.items():
        parts[name.rpartition("/")[0]] += parts_of(history)
        outages[name.rpartition("/")[0]] += outages_of(history)
    return parts, outages


def landed_teams(versions: Iterable[Version]) -> list[Delivery]:
    """What ``atlas collect github`` would land of them."""
    organisation = {"host": HOST, "organisation_id": f"{HOST}/1", "operation": "upsert", "login": "acme"}
    teams = [
        {
            "organisation_id": f"{HOST}/1",
            "team_id": version.team,
            "operation": "upsert",
            "slug": TEAMS[version.team],
            "members": list(version.members),
            "event_at": moment(version.at),
        }
        for version in versions
    ]
    return [
        lines_of("github.organisations", [organisation | {"event_at": moment(START)}]),
        lines_of("github.teams", teams),
    ]


def landed_incidents(names: Sequence[str], incidents: Mapping[str, Sequence[Incident]]) -> list[Delivery]:
    """What it would land of repositories and their issues."""
    repositories = [
        {
            "host": HOST,
            "repository_id": f"{HOST}/{number}",
            "operation": "upsert",
            "repository": name,
            "event_at": moment(START),
        }
        for number, name in enumerate(names)
    ]
    issues = [
        {
            "repository_id": f"{HOST}/{number}",
            "number": place,
            "operation": "upsert",
            "title": "It is down",
            "body": incident.text,
            "state": "open" if incident.closed is None else "closed",
            "labels": ["Incident"],
            "assignees": [],
            "created_at": moment(incident.opened),
            "closed_at": None if incident.closed is None else moment(incident.closed),
            "event_at": moment(incident.opened),
        }
        for number, name in enumerate(names)
        for place, incident in enumerate(incidents.get(name, ()), start=1)
    ]
    return [lines_of("github.repositories", repositories), lines_of("github.issues", issues)]


def lines_of(source: str, records: Iterable[Mapping[str, object]]) -> Delivery:
    return Delivery(source, tuple(json.dumps(record).encode() for record in records))


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
