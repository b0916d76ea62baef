"""Commands by which git says what is behind a figure of delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    Row = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """A command, and what git answers.

    Attributes:
        repository: in which it is typed.
        command: for a shell.
        answer: what comes of it, and how it is to be read.
    """

    repository: str
    command: str
    answer: str


# Git doesn't know which tags are releases.
NOT_ALL = "other tags, such as v1.0.0-rc.1, don't count"
TAGS = "git for-each-ref --sort=creatordate --format='%(creatordate:iso-strict) %(refname:strip=2)' refs/tags"
FIRST_TAG = "git tag --contains {} --sort=creatordate --format='%(creatordate:iso-strict) %(refname:strip=2)'"
SHIPPING = """
    select d.repository, d.system, d.name, d.commit_hash, d.deployment_number as number, d.commits
    from navigate.fct_commit_deployment as c
    inner join navigate.fct_deployment as d on d.deployment_id = c.deployment_id
    where c.repository = %(repository)s and c.commit_hash = %(commit_hash)s
"""
# Together they reach all that was deployed before: one that shipped nothing, or whose child was shipped, adds nothing.
EARLIER = """
    with shipped as (
        select c.parent_hashes
        from navigate.fct_deployment as d
        inner join navigate.fct_commit_deployment as s on s.deployment_id = d.deployment_id
        inner join navigate.fct_commit as c on c.repository = s.repository and c.commit_hash = s.commit_hash
        where d.repository = %(repository)s and d.deployment_number < %(number)s
    )
    select commit_hash
    from navigate.fct_deployment
    where
        repository = %(repository)s and deployment_number < %(number)s and commits + merge_commits > 0
        and commit_hash not in (select unnest(parent_hashes) from shipped)
    order by deployment_number
"""


def checks_of(connection: Connection[TupleRow], metric: str, rows: list[Row], repository: str | None) -> list[Check]:
    """What git says of the first of the rows that it knows something of and the figure counts.

    Args:
        connection: to the database.
        metric: whose explanation it is.
        rows: of the explanation.
        repository: of all of them; None if each has its own.
    """
    found: list[Row] = [{"repository": repository} | row for row in rows]
    if metric == "lead_time_for_changes":
        counted = [row for row in found if row["counted"] == "counted"]
        return [check for row in counted[:1] for check in _of_change(connection, row)]
    if metric in ("change_failure_rate", "failed_deployment_recovery_time"):
        return _of_failures(connection, found)
    if metric == "time_to_restore_service":
        return []
    shipping = [row for row in found if (row["commits"], row["merge_commits"]) != (0, 0)]
    tags = [_tags(row) for row in found[:1] if row["system"] == "git"]
    return tags + [_shipped(connection, row) for row in shipping[:1]]


def _of_change(connection: Connection[TupleRow], row: Row) -> list[Check]:
    command = f"git show -s --format='%aI %H' {row['commit_hash']}"
    written = Check(row["repository"], command, "when it was written")
    return [written, *_first_shipped(connection, row["repository"], row["commit_hash"])]


def _of_failures(connection: Connection[TupleRow], rows: list[Row]) -> list[Check]:
    """Of the first revert and of the first hotfix; of incidents and rollbacks git knows nothing."""
    checks = []
    for row in [row for row in rows if row["evidence"] == "revert"][:1]:
        repository, revert = row["repository"], row["revert_hash"]
        answer = f"a line that begins with: This reverts commit {row['reverted_hash'][:7]}"
        checks.append(Check(repository, f"git show -s --format=%B {revert}", answer))
        checks += _first_shipped(connection, repository, row["reverted_hash"])
        checks += _first_shipped(connection, repository, revert)
    for row in [row for row in rows if row["evidence"] == "hotfix"][:1]:
        repository, hotfix = row["repository"], row["hotfix_hash"]
        if hotfix is not None:
            checks.append(Check(repository, f"git show -s --format='%s' {hotfix}", "a subject that is a hotfix's"))
            checks += _first_shipped(connection, repository, hotfix)
        elif row["system"] == "git":
            # Without a commit, it is the name of the release that says so.
            checks.append(_tags(row))
    return list(dict.fromkeys(checks))


def _first_shipped(connection: Connection[TupleRow], repository: str, commit: str) -> list[Check]:
    """Which deployment was the first with a commit, if any was. Tags say so themselves; of others there is a hash."""
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(SHIPPING, {"repository": repository, "commit_hash": commit}).fetchall()
    checks = []
    for row in found:
        if row["system"] == "git":
            answer = f"the tags that contain it, of which {row['name']} is the first release; {NOT_ALL}"
            checks.append(Check(repository, FIRST_TAG.format(commit), answer))
        else:
            command = f"git merge-base --is-ancestor {commit} {row['commit_hash']} && echo yes"
            checks.append(Check(repository, command, f"yes: deployment {row['number']} contains it"))
        checks.append(_shipped(connection, row))
    return checks


def _shipped(connection: Connection[TupleRow], row: Row) -> Check:
    """What a deployment was the first to ship: what no earlier one reaches."""
    earlier = connection.execute(EARLIER, {"repository": row["repository"], "number": row["number"]})
    without = "".join(f" ^{commit}" for (commit,) in earlier)
    answer = f"{row['commits']}: what deployment {row['number']} contains and none before it does, but for merges"
    return Check(row["repository"], f"git rev-list --count --no-merges {row['commit_hash']}{without}", answer)


def _tags(row: Row) -> Check:
    return Check(row["repository"], TAGS, f"each release among them is a deployment; {NOT_ALL}")
