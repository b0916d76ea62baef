"""Where a service's records go: landing and checkpoint in one transaction, and what has landed already.

A collection works in steps. Each step lands the records of a page and moves the checkpoint in one transaction, and no
transaction is open while the service is being asked. So a kill at any instant costs the pages since the last step, and
the next collection goes on from there; what it reads a second time is known by key, time and content, and lands once.

Two kinds of things are told apart:

- What says when it changed (pull requests, issues, deployments) lands with that time.
- What doesn't (teams, releases, a repository's name) is compared with what has landed of it, and lands where it
  differs, with the time at which that was seen.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from psycopg import sql
from psycopg.types.json import Jsonb

from atlas.collectors.services import EVERYTHING, Tally, moment, rfc3339
from atlas.errors import DataError, UsageError
from atlas.landing import land_lines, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from psycopg import Connection

    from atlas.collectors.services import Change
    from atlas.sources import Source

# Changes that land together: a kill costs the requests of as many.
STEP = 10
# Say nothing of what a thing is.
ABOUT_THE_EVENT = frozenset({"event_at", "operation"})


class Standing(NamedTuple):
    """The last event of a key."""

    is_there: bool
    event_at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True)
class Landing:
    """Where the records of one scope go.

    Attributes:
        connection: in autocommit mode.
        sources: of the system, by entity.
        system: names the checkpoint together with ``scope``.
        scope: what is collected, by an identity that outlives its name.
        name: what the ledger calls it.
        tally: what has been landed.
        progress: told how many records have been read.
    """

    connection: Connection[Any]
    sources: Mapping[str, Source]
    system: str
    scope: str
    name: str
    tally: Tally
    progress: Callable[[int], None]

    def land(self, records: Mapping[str, Sequence[Any]], cursor: Mapping[str, Any]) -> None:
        """Land records by entity and move the checkpoint, in one transaction.

        Raises:
            DataError: landing refuses the records as a whole; nothing has landed.
        """
        receipts = []
        with self.connection.transaction():
            for entity, several in records.items():
                if several:
                    lines = (msgspec.json.encode(record) for record in several)
                    receipt = land_lines(self.connection, self.sources[entity], lines, name=self.name)
                    if receipt.outcome == "refused":
                        raise DataError(f"The records of {self.name} were refused: {receipt.refusal}.")
                    receipts.append(receipt)
            self.connection.execute(SAVE, [self.system, self.scope, Jsonb(dict(cursor))])
        for receipt in receipts:
            self.tally.add(receipt)
        self.progress(self.tally.read)

    def land_changes(
        self,
        changes: Sequence[Change],
        first: str,
        entities: Sequence[str],
        read: Callable[[Change], Mapping[str, Sequence[Any]]],
        cursor: dict[str, Any],
        until: str,
    ) -> None:
        """Read and land changes, a few at a time; if one can't be read, those before it land all the same.

        Args:
            changes: oldest first.
            first: first field of their keys, before the identity.
            entities: what they may be; what has landed as one of them at its time isn't read again.
            read: gives the records of a change, by entity.
            cursor: the checkpoint; moves with what lands.
            until: its field that says up to when changes have landed. It never goes back.
        """
        for start in range(0, len(changes), STEP):
            step = changes[start : start + STEP]
            events = [(key_of(first, change.identity), change.changed_at) for change in step]
            known = {event for entity in entities for event in self.landed(entity, events)}
            reached = moment(cursor.get(until)) or EVERYTHING
            found: dict[str, list[Any]] = {}
            try:
                for change, event in zip(step, events, strict=True):
                    if event not in known:
                        for entity, several in read(change).items():
                            found.setdefault(entity, []).extend(several)
                    reached = max(reached, change.changed_at)
            finally:
                cursor[until] = rfc3339(reached)
                self.land(found, cursor)

    def cursor(self) -> dict[str, Any]:
        """The checkpoint; empty if there is none."""
        return load_cursor(self.connection, self.system, self.scope)

    def landed(self, entity: str, events: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
        """Which of the events, each a key and a time, have landed already."""
        if not events:
            return set()
        query = sql.SQL("select key, event_at from {} where event_at = any(%s) and key = any(%s)")
        keys, moments = [key for key, _ in events], [event_at for _, event_at in events]
        rows = self.connection.execute(query.format(self._table(entity)), [moments, keys]).fetchall()
        return {(key, event_at) for key, event_at in rows} & set(events)

    def standing(self, entity: str, first: str) -> dict[str, Standing]:
        """The last event of each key whose first field is ``first``."""
        query = sql.SQL(STANDING).format(self._table(entity))
        return {key: Standing(*last) for key, *last in self.connection.execute(query, [first])}

    def differing(
        self, entity: str, first: str, records: Sequence[msgspec.Struct], seen_at: datetime, *, is_whole: bool
    ) -> list[Any]:
        """The records that differ from what stands, with the time at which that was seen.

        Args:
            entity: what they are; its key has several fields, the first of which is ``first`` in all of them.
            first: what they belong to.
            records: what there is now; their ``event_at`` says nothing yet.
            seen_at: the service's clock. A difference is later than what it differs from, also if that is set back.
            is_whole: whether what isn't among the records is gone; its deletes are added.
        """
        standing = self.standing(entity, first)
        last = max((found.event_at for found in standing.values()), default=EVERYTHING)
        event_at = rfc3339(max(seen_at, last + timedelta(microseconds=1)))
        key_fields = self.sources[entity].key
        found: list[Any] = []
        present = set()
        for record in records:
            content = msgspec.to_builtins(record)
            key = key_of(*(content[name] for name in key_fields))
            present.add(key)
            before = standing.get(key)
            if before is None or not before.is_there or _facts(before.payload) != _facts(content):
                found.append(msgspec.structs.replace(record, event_at=event_at))
        gone = [key for key, before in standing.items() if before.is_there and key not in present] if is_whole else []
        for key in sorted(gone):
            names = dict(zip(key_fields, msgspec.json.decode(key), strict=True))
            found.append({**names, "operation": "delete", "event_at": event_at})
        return found

    def _table(self, entity: str) -> sql.Identifier:
        return sql.Identifier("explore", self.sources[entity].landing_table)


SAVE = """
    insert into pipeline.checkpoints (collector, scope, cursor) values (%s, %s, %s)
    on conflict (collector, scope) do update set cursor = excluded.cursor, updated_at = now()
"""
STANDING = """
    select distinct on (key) key, operation = 'upsert', event_at, payload
    from {}
    where key::jsonb ->> 0 = %s
    order by key, event_at desc, received_at desc, batch_id desc, line desc
"""


def load_cursor(connection: Connection[Any], system: str, scope: str) -> dict[str, Any]:
    """The checkpoint of a scope; empty if there is none."""
    row = connection.execute(
        "select cursor from pipeline.checkpoints where collector = %s and scope = %s", [system, scope]
    ).fetchone()
    return {} if row is None else dict(row[0])


def key_of(*fields: object) -> str:
    """A key of several fields as landing writes it."""
    return msgspec.json.encode([str(field) for field in fields]).decode()


def _facts(content: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in ABOUT_THE_EVENT}


@contextmanager
def landing(
    connection: Connection[Any],
    sources: Mapping[str, Source],
    system: str,
    scope: str,
    name: str,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Landing]:
    """Be the only one who collects a scope, until the block ends.

    Args:
        connection: in autocommit mode.
        sources: as declared, by ``system.entity``.
        system: which of them are meant.
        scope: what is collected, by an identity that outlives its name.
        name: what the ledger and people call it.
        progress: told now and then how many records have been read.

    Raises:
        UsageError: the project declares no such system, or somebody else is collecting the scope.
    """
    own = {source.entity: source for source in sources.values() if source.system == system}
    if not own:
        raise UsageError(f"The project declares no source of the system {system}, which this would land in.")
    lock = f"collect {system}:{scope}"
    row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [lock]).fetchone()
    if row is None or not row[0]:
        raise UsageError(f"Somebody else is collecting {name}. Nothing was done; try again when they are through.")
    try:
        for source in own.values():
            prepare(connection, source)
        yield Landing(connection, own, system, scope, name, Tally(), progress or (lambda _count: None))
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [lock])
