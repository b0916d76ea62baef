"""Which deployments there were: what a service says of them, else the release tags."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

from by_hand.repositories import releases_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRODUCTION = "production"
CALLED_PRODUCTION = "production (not for users)"
# The words of services for an end, and what it comes to; others mean that it goes on, or was never begun.
ENDS = {"success": "success", "failure": "failure", "error": "failure", "failed": "failure"}
# Other evidence is of something else than the deployment.
OWN_TIMES = ("tagger_time", "deployment_status", "job_end")


class Said(NamedTuple):
    """What a service said of a deployment; ``at`` is in seconds since 1970."""

    number: int
    state: str
    at: int


class Told(NamedTuple):
    """A deployment as a service tells it; times are in seconds since 1970.

    Attributes:
        system: which service that is, github or gitlab.
        number: by which the service knows it.
        ref: what was asked for.
        task: what was to be done; GitHub says that.
        environment: its name.
        tier: what kind that is, as GitLab has it; of GitHub, production or other, or nothing.
        said: what became of it. Of GitLab, that is the last change alone.
        finished: when its job ended, which only GitLab says, and not always.
    """

    system: str
    number: int
    commit: str
    ref: str
    asked: int
    environment: str
    tier: str | None
    task: str = "deploy"
    said: tuple[Said, ...] = ()
    finished: int | None = None

    @property
    def kind(self) -> str:
        """Production is what users see. Where nobody says so, the name does; one that is only called so isn't."""
        if self.tier == PRODUCTION or (self.tier is None and self.environment == PRODUCTION):
            return PRODUCTION
        return CALLED_PRODUCTION if self.environment == PRODUCTION else self.environment


class Deployment(NamedTuple):
    """One that came to an end; ``at`` is in seconds since 1970.

    Attributes:
        name: of the tag, or what was asked to be deployed.
        place: the environment by its own name; several may be production.
        status: success, failure or rollback.
        evidence: what ``at`` is the time of.
    """

    name: str
    commit: str
    at: int
    environment: str
    place: str
    status: str
    evidence: str

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at, UTC).date()

    @property
    def has_own_time(self) -> bool:
        return self.evidence in OWN_TIMES


def deployments_of(path: Path, told: Iterable[Told]) -> list[Deployment]:
    """All to whatever environment. Tags count for production while no service has told of one deployment there."""
    found = told_deployments(told)
    if not any(deployment.environment == PRODUCTION for deployment in found):
        for release in releases_of(path):
            evidence = "tagger_time" if release.is_annotated else "commit_time"
            found.append(
                Deployment(release.name, release.commit, release.at, PRODUCTION, PRODUCTION, "success", evidence)
            )
    return found


def told_deployments(told: Iterable[Told]) -> list[Deployment]:
    """Those that came to an end, in their order. What ran in an environment is told apart from what ran in others."""
    found = []
    ran: dict[tuple[str, str], bool] = {}
    for at, one, state, evidence in sorted(_ended(told), key=_order):
        status = ENDS[state]
        is_back = ran.get((one.environment, one.commit), False)
        # Whatever is tried in an environment replaces what ran there before, be it without success.
        for place, commit in ran:
            if place == one.environment and commit != one.commit:
                ran[place, commit] = True
        if status == "success":
            status = "rollback" if is_back or one.task == "rollback" else "success"
            ran[one.environment, one.commit] = False
        found.append(Deployment(one.ref, one.commit, at, one.kind, one.environment, status, evidence))
    return found


def _ended(told: Iterable[Told]) -> Iterable[tuple[int, Told, str, str]]:
    """When, how, and by which evidence. The first end is the end: what a service says later is of something else."""
    for one in told:
        ends = [said for said in one.said if said.state in ENDS]
        if not ends:
            continue
        first = min(ends, key=lambda said: (said.at, said.number))
        if one.system == "github":
            yield first.at, one, first.state, "deployment_status"
        elif one.finished is not None:
            yield one.finished, one, first.state, "job_end"
        else:
            yield first.at, one, first.state, "last_change"


def _order(end: tuple[int, Told, str, str]) -> tuple[int, list[int], str]:
    """By time, then by name in the order of code points, then as the service has numbered them, as a text."""
    at, one, _, _ = end
    return at, [ord(letter) for letter in one.ref], str(one.number)


def in_order(deployments: Iterable[Deployment]) -> list[Deployment]:
    """Those to production, by time, then by name in the order of code points; of what is alike, as it comes."""
    found = [deployment for deployment in deployments if deployment.environment == PRODUCTION]
    return sorted(found, key=lambda deployment: (deployment.at, [ord(letter) for letter in deployment.name]))
