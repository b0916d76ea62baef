"""Deployments as services tell of them, made up from a seed: what a pipeline does with a made repository day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from by_hand.deployments import PRODUCTION, Said, Told
from equal_builds_support import Delivery
from made_repositories import DAY, HOUR

from atlas.collectors import github_records, gitlab_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from made_repositories import Made

WEEK = 7 * DAY
MONDAY = 4 * DAY  # 1970-01-05
# How services call what can become of a deployment.
WORDS = {
    "github": {
        "going": ["queued", "in_progress"],
        "good": ["success"],
        "bad": ["failure", "error"],
        "no": ["inactive"],
    },
    "gitlab": {"going": ["created", "running"], "good": ["success"], "bad": ["failed"], "no": ["canceled", "skipped"]},
}


@dataclass
class Pipeline:
    """Deploys from a repository.

    Attributes:
        made: the repository.
        system: the service that tells of it, github or gitlab.
        kinds: of what it does, by name.
        told: each deployment as the service has it now, by its number.
        news: what it has said since somebody asked it last.
        aside: branches that nobody has pushed yet.
        happened: how often it did what.
    """

    made: Made
    system: str
    kinds: tuple[str, ...]
    told: dict[int, Told] = field(default_factory=dict)
    news: list[Told] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)

    def go_on(self, steps: int) -> None:
        """Let some time pass."""
        self.made.refs.update(self.aside)
        self.aside.clear()
        for _ in range(steps):
            kind = self.made.chance.choice(self.kinds)
            self.happened[kind] += 1
            KINDS[kind](self)

    def work(self, message: str = "change") -> str:
        """Write one to three commits; the last of them."""
        for _ in range(self.made.chance.randint(0, 2)):
            self.made.commit("main")
        return self.made.commit("main", message=message)

    def deploy(self, commit: str, how: str = "good", **fields: Any) -> Told:
        """Deploy a commit; ``ended`` is when that is over, if not soon."""
        chance = self.made.chance
        ended = fields.pop("ended", self.made.now + chance.randrange(60, HOUR))
        told = Told(
            **{
                "system": self.system,
                "number": len(self.told) + 1,
                "commit": commit,
                "ref": "main",
                "asked": ended - chance.choice([0, 30, 600]),
                "environment": PRODUCTION,
                "tier": PRODUCTION,
            }
            | fields
        )
        if self.system == "github":
            told = self.say(told, "going", told.asked)
        if how == "good":
            self.retire(told.environment, ended)
        return self.say(told, how, ended)

    def say(self, told: Told, how: str, at: int) -> Told:
        """Let the service say what became of it; GitHub adds that, GitLab has the last alone."""
        chance = self.made.chance
        said = Said(told.number * 10 + len(told.said), chance.choice(WORDS[self.system][how]), at)
        if self.system == "github":
            told = told._replace(said=(*told.said, said))
        else:
            # The job ends before the service has noticed, and of some there is no job.
            later = Said(said.number, said.state, max([at + chance.randrange(1, 600), *(s.at + 1 for s in told.said)]))
            told = told._replace(said=(later,), finished=at if chance.random() < 0.7 and how != "going" else None)
        self.told[told.number] = told
        self.news.append(told)
        return told

    def retire(self, environment: str, at: int) -> None:
        """GitHub says itself of what ran there that it is inactive now."""
        for told in list(self.told.values()):
            is_up = told.said and told.said[-1].state == "success" and told.said[-1].at < at
            if self.system == "github" and told.environment == environment and is_up:
                self.say(told, "no", at)

    def ran(self, environment: str) -> list[str]:
        """The commits that ran in an environment."""
        return [
            told.commit
            for told in self.told.values()
            if told.environment == environment and any(said.state == "success" for said in told.said)
        ]


def _success(line: Pipeline) -> None:
    line.deploy(line.work())


def _failure_and_remedy(line: Pipeline) -> None:
    """What failed is tried again as it is, mended, or taken back, with or without success."""
    chance = line.made.chance
    broken = line.work()
    line.deploy(broken, "bad")
    for _ in range(chance.randint(0, 2)):
        what = chance.random()
        if what < 0.4:
            line.made.now += chance.randrange(HOUR, DAY)
            commit = broken
        elif what < 0.7:
            commit = line.work("hotfix: mend it")
        else:
            commit = line.made.revert("main", chance.choice(line.made.commits[-3:]))
        line.deploy(commit, chance.choice(["good", "good", "bad"]))


def _revert(line: Pipeline) -> None:
    line.made.revert("main", line.made.chance.choice(line.made.commits[-8:]) if line.made.commits else "0" * 40)
    line.deploy(line.made.commits[-1], line.made.chance.choice(["good", "bad"]))


def _back(line: Pipeline) -> None:
    """A commit comes again that another one had replaced; not always with success, and not always at once."""
    chance = line.made.chance
    environment = chance.choice([PRODUCTION, PRODUCTION, "eu", "us"])
    for _ in range(chance.randint(0, 2)):
        line.deploy(line.work(), environment=environment)
    if ran := line.ran(environment):
        line.made.now += chance.randrange(HOUR, DAY)
        line.deploy(chance.choice(ran[-4:]), chance.choice(["good", "good", "bad"]), environment=environment)


def _rollback_by_task(line: Pipeline) -> None:
    task = line.made.chance.choice(["rollback", "rollback", "deploy:migrations"])
    line.deploy(line.made.chance.choice([line.work(), *line.made.commits[-6:]]), task=task)


def _same_again(line: Pipeline) -> None:
    """What runs is deployed once more, be it at once or after a failure of something else."""
    if ran := line.ran(PRODUCTION):
        line.made.now += line.made.chance.randrange(HOUR, DAY)
        line.deploy(ran[-1])


def _regions(line: Pipeline) -> None:
    """To two productions, one after the other; the second of which ships nothing, or what has come meanwhile."""
    commit = line.work()
    for environment in line.made.chance.sample(["eu", "us"], 2):
        line.deploy(commit, line.made.chance.choice(["good", "good", "bad"]), environment=environment)
        commit = line.made.chance.choice([commit, commit, line.work()])


def _staging(line: Pipeline) -> None:
    """To where no user is, be it called production; a tag may tell of production all the same."""
    commit = line.work()
    if line.made.chance.random() < 0.5:
        line.made.release("main", "staged-")
    line.deploy(commit, environment="staging", tier="staging")
    line.deploy(commit, environment="live", tier=None)
    line.deploy(commit, "bad", environment=PRODUCTION, tier="staging")


def _unlabelled(line: Pipeline) -> None:
    """Nobody says whether it is production, but its name; GitLab has always a tier."""
    line.deploy(line.work(), tier=None if line.system == "github" else PRODUCTION)


def _unknown(line: Pipeline) -> None:
    """Of a commit that is in no branch that anybody collects."""
    line.work()
    line.deploy(f"{line.made.chance.getrandbits(160):040x}", line.made.chance.choice(["good", "good", "bad"]))


def _not_pushed(line: Pipeline) -> None:
    """Of a commit that is pushed later."""
    branch = f"aside/{len(line.told)}"
    line.made.branch(branch, line.work())
    line.deploy(line.made.commit(branch))
    line.aside[f"refs/heads/{branch}"] = line.made.refs.pop(f"refs/heads/{branch}")


def _unfinished(line: Pipeline) -> None:
    """Goes on when one looks, and ends later or never; what went on before ends now."""
    open_ = [told for told in line.told.values() if told.said[-1].state in WORDS[line.system]["going"]]
    for told in open_[:1]:
        line.say(told, line.made.chance.choice(["good", "bad", "no"]), line.made.now + 7)
    line.deploy(line.work(), "going")


def _endless(line: Pipeline) -> None:
    """It was begun, and nobody has heard of it since."""
    line.deploy(line.work(), "going")


def _release(line: Pipeline) -> None:
    """A tag is deployed under its name, sometimes twice."""
    line.work()
    prefix = line.made.chance.choice(["v", "v", "hotfix-"])
    name = line.made.release("main", prefix)
    for environment in line.made.chance.choice([[PRODUCTION], [PRODUCTION], ["staging", PRODUCTION], ["eu", "us"]]):
        tier = "staging" if environment == "staging" else PRODUCTION
        line.deploy(line.made.peeled[f"refs/tags/{name}"], ref=name, environment=environment, tier=tier)


def _unlucky_clock(line: Pipeline) -> None:
    """Over at a stroke that two days, weeks or months lie beside, or a second before it; or written in the future."""
    made = line.made
    skew = made.chance.choice([0, 0, 20 * DAY])
    commit = made.commit("main", skew=skew)
    stroke = made.chance.choice([made.now // DAY * DAY + DAY, (made.now - MONDAY) // WEEK * WEEK + MONDAY + WEEK])
    made.now = stroke
    line.deploy(commit, made.chance.choice(["good", "bad"]), ended=stroke - made.chance.choice([0, 1]))


def _one_instant(line: Pipeline) -> None:
    """Two are over at once, whose names decide."""
    at = line.made.now + HOUR
    for ref in line.made.chance.sample(["main", "Zeta", "été", "topic/a", "topic-b"], 2):
        line.deploy(line.work(), line.made.chance.choice(["good", "bad"]), ref=ref, ended=at)


def _late(line: Pipeline) -> None:
    """Somebody hears of it long after, and it was before what is known."""
    if line.made.commits:
        ended = line.made.now - line.made.chance.randrange(DAY, 30 * DAY)
        line.deploy(line.made.chance.choice(line.made.commits[-12:]), ended=ended)


def _another_end(line: Pipeline) -> None:
    """The service says how it ended, and then otherwise, perhaps within the second."""
    chance = line.made.chance
    first, then = chance.sample(["good", "bad"], 2)
    told = line.deploy(line.work(), first)
    line.say(line.told[told.number], then, told.said[-1].at + chance.choice([0, 60, DAY]))


KINDS: dict[str, Callable[[Pipeline], None]] = {
    "success": _success,
    "failure and remedy": _failure_and_remedy,
    "revert": _revert,
    "back": _back,
    "rollback by task": _rollback_by_task,
    "same again": _same_again,
    "regions": _regions,
    "staging": _staging,
    "unlabelled": _unlabelled,
    "unknown": _unknown,
    "not pushed": _not_pushed,
    "unfinished": _unfinished,
    "endless": _endless,
    "release": _release,
    "unlucky clock": _unlucky_clock,
    "one instant": _one_instant,
    "late": _late,
    "another end": _another_end,
}


def landed_deployments(pipelines: Iterable[tuple[str, Pipeline]]) -> list[Delivery]:
    """What ``atlas collect`` would land of the news, in whatever order, by each repository's identity."""
    lines: dict[str, list[bytes]] = {}
    for repository_id, line in pipelines:
        line.made.chance.shuffle(line.news)
        for told in line.news:
            if line.system == "github":
                found = _github_records(repository_id, told)
            else:
                found = [("gitlab.deployments", _gitlab_record(repository_id, told))]
            for source, record in found:
                lines.setdefault(source, []).append(msgspec.json.encode(record))
        line.news.clear()
    return [Delivery(source, tuple(part)) for source, found in lines.items() for part in (found[1::2], found[::2])]


def landed_projects(projects: Iterable[tuple[int, str]]) -> Delivery:
    """GitLab's own of its repositories, by number and path."""
    found = [
        gitlab_records.project_record("gitlab.com", {"id": number, "path_with_namespace": path})
        for number, path in projects
    ]
    for record in found:
        record.event_at = moment(0)
    return Delivery("gitlab.projects", tuple(msgspec.json.encode(record) for record in found))


def _github_records(repository_id: str, told: Told) -> list[tuple[str, Any]]:
    deployment = {
        "id": told.number,
        "sha": told.commit,
        "ref": told.ref,
        "task": told.task,
        "environment": told.environment,
        "production_environment": None if told.tier is None else told.tier == PRODUCTION,
        "created_at": moment(told.asked),
        "updated_at": moment(told.said[-1].at),
    }
    statuses = [
        {"id": said.number, "state": said.state, "environment": told.environment, "created_at": moment(said.at)}
        for said in told.said[-1:]
    ]
    return [
        ("github.deployments", github_records.deployment_record(repository_id, deployment)),
        *(
            (
                "github.deployment_statuses",
                github_records.deployment_status_record(repository_id, str(told.number), status),
            )
            for status in statuses
        ),
    ]


def _gitlab_record(repository_id: str, told: Told) -> Any:
    (said,) = told.said
    deployment = {
        "id": told.number,
        "sha": told.commit,
        "ref": told.ref,
        "environment": {"name": told.environment, "tier": told.tier},
        "status": said.state,
        "deployable": None if told.finished is None else {"finished_at": moment(told.finished)},
        "created_at": moment(told.asked),
        "updated_at": moment(said.at),
    }
    return gitlab_records.deployment_record(repository_id, deployment)


def moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
