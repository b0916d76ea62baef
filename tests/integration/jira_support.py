"""What the tests of ``atlas collect jira`` share: the comparison with what there is, and a change of status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector_support import doubled, folded, moment

if TYPE_CHECKING:
    import psycopg
    from jira_server import Jira

    Connection = psycopg.Connection[Any]


def assert_as_in_jira(connection: Connection, jira: Jira) -> None:
    found = {key: moment(item["event_at"]) for key, item in folded(connection, "jira.issues").items()}
    assert found == {item["id"]: moment(item["fields"]["updated"]) for item in jira.issues.values()}
    changes = {
        f"{h['id']}/{place}" for several in jira.histories.values() for h in several for place in range(len(h["items"]))
    }
    assert set(folded(connection, "jira.issue_changes")) == changes
    assert doubled(connection, "jira.issues") == doubled(connection, "jira.issue_changes") == []


def moved(identity: int, before: str, after: str) -> dict[str, Any]:
    return {"field": "status", "fieldId": "status", "from": before, "fromString": "x", "to": after, "toString": "y"}
