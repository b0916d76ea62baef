"""What each deployment shipped first, and which failed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from by_hand.deployments import Deployment, deployments_of, in_order
from by_hand.repositories import RELEASE, Commit, commits_of, git, history_of_branch, reverted_by

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from by_hand.deployments import Told

LONGEST = 30 * 86_400


class Incident(NamedTuple):
    """An issue; times are in seconds since 1970, ``closed`` is None while it is open."""

    text: str
    opened: int
    closed: int | None


class Failure(NamedTuple):
    """A piece of evidence that a deployment failed; ``mended`` is the seconds until that was mended, or None."""

    evidence: str
    mended: int | None


@dataclass
class History:
    """What git and services say, and what follows of it.

    Attributes:
        deployments: those to production, in their order.
        elsewhere: those to other environments.
        commits: all that were ever collected, reachable or not.
        is_told: whether anybody would know of a failure: there is a default branch with the reverts, or a rule for
            hotfixes, or issues are read, or a service tells of deployments, rollbacks among them.
        shipped: for each commit, the place of the first deployment that contains it.
        failures: for each deployment that failed, what tells so.
        incidents: each with the places of the deployments that it is about.
    """

    deployments: list[Deployment]
    elsewhere: list[Deployment]
    commits: dict[str, Commit]
    is_told: bool
    shipped: dict[str, int] = field(default_factory=dict)
    failures: dict[int, list[Failure]] = field(default_factory=dict)
    incidents: list[tuple[Incident, list[int]]] = field(default_factory=list)

    def is_known(self, place: int) -> bool:
        """Whether git knows the deployment's commit."""
        return self.deployments[place].commit in self.commits

    def is_baseline(self, place: int) -> bool:
        """The first, and what follows while no commit is known: all that was before would fall upon it."""
        return not any(map(self.is_known, range(place)))

    def shipped_by(self, place: int) -> list[Commit]:
        """The commits that it was the first to ship, merges among them."""
        return [self.commits[commit] for commit, other in self.shipped.items() if other == place]

    def fails(self, place: int, evidence: str, mended: int | None) -> None:
        self.failures.setdefault(place, []).append(Failure(evidence, mended))

    def mended_from(self, failed: int, remedy: int | None) -> int | None:
        """Seconds from a failed deployment to the one that brought the remedy; if that failed, to the next success."""
        if remedy is None:
            return None
        later = [deployment for deployment in self.deployments[remedy:] if deployment.status == "success"]
        if self.deployments[remedy].status != "failure":
            later = [self.deployments[remedy]]
        return later[0].at - self.deployments[failed].at if later else None

    def last_before(self, place: int) -> int | None:
        """The deployment before it to the same place; rollbacks are passed over, for they brought nothing."""
        for other in reversed(range(place)):
            deployment = self.deployments[other]
            if deployment.status != "rollback" and deployment.place == self.deployments[place].place:
                return other
        return None


def read_history(
    path: Path,
    before: Collection[str] = (),
    incidents: Iterable[Incident] = (),
    told: Iterable[Told] = (),
    default_branch: str = "main",
    hotfix: str | None = None,
    *,
    watched: bool = False,
) -> History:
    """Ask git.

    Args:
        path: of the repository.
        before: commits that it had once, and that a force-push may have left behind.
        incidents: of the repository.
        told: deployments that a service tells of.
        default_branch: its short name.
        hotfix: the expression by which the repository calls a hotfix, or None.
        watched: whether its issues are read.
    """
    found = deployments_of(path, told)
    deployments = in_order(found)
    on_default = history_of_branch(path, default_branch)
    records = any(deployment.evidence not in ("tagger_time", "commit_time") for deployment in deployments)
    is_told = on_default is not None or hotfix is not None or watched or records
    elsewhere = [deployment for deployment in found if deployment not in deployments]
    history = History(deployments, elsewhere, commits_of(path, before), is_told)
    _ship(history, path)
    _roll_back(history)
    _revert(history, on_default or [])
    if hotfix is not None:
        _fix(history, hotfix)
    for incident in incidents:
        _blame(history, incident)
    return history


def _ship(history: History, path: Path) -> None:
    """Each commit falls upon the first that contains it, be that a failed one."""
    earlier: list[str] = []
    for place, deployment in enumerate(history.deployments):
        if history.is_known(place):
            for commit in git(path, "rev-list", deployment.commit, *earlier).split():
                assert commit not in history.shipped
                history.shipped[commit] = place
            earlier.append(f"^{deployment.commit}")


def _roll_back(history: History) -> None:
    """A rollback says of the deployment before it to the same place that it failed, and mends it."""
    for place, deployment in enumerate(history.deployments):
        failed = history.last_before(place)
        if deployment.status == "rollback" and failed is not None:
            history.fails(failed, "rollback", deployment.at - history.deployments[failed].at)


def _revert(history: History, on_default: list[str]) -> None:
    for commit in on_default:
        for target in reverted_by(history.commits, commit):
            failed, remedy = history.shipped.get(target), history.shipped.get(commit)
            if failed is not None and (remedy is None or remedy > failed):
                history.fails(failed, "revert", history.mended_from(failed, remedy))


def _fix(history: History, pattern: str) -> None:
    """A hotfix says of the deployment before it that it failed; a rollback is none, whatever it is called."""
    for place, deployment in enumerate(history.deployments):
        texts = [deployment.name, *(commit.subject for commit in history.shipped_by(place))]
        failed = history.last_before(place)
        if deployment.status != "rollback" and failed is not None and any(re.search(pattern, text) for text in texts):
            history.fails(failed, "hotfix", history.mended_from(failed, place))


def _blame(history: History, incident: Incident) -> None:
    """An incident is about the deployments that its text names, by a release or by a commit that they shipped."""
    names = [deployment.name for deployment in history.deployments]
    found = set()
    for word in incident.text.split():
        name = word.rstrip(".")
        if RELEASE.fullmatch(name) and names.count(name) == 1:
            found.add(names.index(name))
        if re.fullmatch("[0-9a-f]{7,40}", word):
            commits = [commit for commit in history.commits if commit.startswith(word)]
            found |= {history.shipped[commit] for commit in commits if len(commits) == 1 and commit in history.shipped}
    places = [place for place in found if 0 <= incident.opened - history.deployments[place].at <= LONGEST]
    history.incidents.append((incident, places))
    for place in places:
        ended = None if incident.closed is None else incident.closed - history.deployments[place].at
        history.fails(place, "incident", ended)
