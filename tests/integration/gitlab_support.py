"""What the tests of ``atlas collect gitlab`` share: a project with something in it, and the comparison with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector_support import doubled, folded, moment
from gitlab_server import GitLab, at, sha, user

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

NAME = "group/sub/app"
ID = "gitlab.com/5"


def fill(gitlab: GitLab, each: int = 35) -> None:
    for number in range(1, each + 1):
        gitlab.merge_request(number, number)
        gitlab.note(number, number, number, "ben", "approved this merge request", system=True)
        gitlab.issue(number, number)
        gitlab.parts[f"issues/{number}/resource_state_events"] = [
            {"id": number, "user": user("ann"), "created_at": at(number), "state": "closed"}
        ]
    for number in range(1, 8):
        gitlab.deployment(number, 2000 + number, "success")
    gitlab.releases = [{"tag_name": "v1", "name": "One", "author": user("ann"), "commit": {"id": sha(1)}}]


def assert_as_on_gitlab(connection: Connection, gitlab: GitLab) -> None:
    for entity in ("merge_requests", "issues", "deployments"):
        found = {key: moment(item["event_at"]) for key, item in folded(connection, f"gitlab.{entity}").items()}
        assert found == {str(n): moment(item["updated_at"]) for n, item in getattr(gitlab, entity).items()}, entity
        assert doubled(connection, f"gitlab.{entity}") == []
    notes = [note for path, found in gitlab.parts.items() if path.endswith("/notes") for note in found]
    assert len(folded(connection, "gitlab.reviews")) == len(notes)
    lists = [found for path, found in gitlab.parts.items() if path.endswith("/resource_state_events")]
    events = {key for key in folded(connection, "gitlab.issue_events") if key.startswith("state/")}
    assert events == {f"state/{event['id']}" for found in lists for event in found}
    assert set(folded(connection, "gitlab.releases")) == {item["tag_name"] for item in gitlab.releases}
