"""Whether a part is gone, or all that is being collected: services answer 404 to both.

What was deleted since it was listed is passed over, and the checkpoint moves on. But where a token loses its access, or
a repository is made private, moved or deleted in the middle, every part answers like that: taken for deleted, all that
follows would be lost for good. So after each such answer the whole is asked for, and where that can't be seen either,
the collection ends before the checkpoint moves.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from atlas.collectors.http_client import Refused
from atlas.collectors.services import FORBIDDEN
from atlas.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlas.collectors.http_client import HttpClient

T = TypeVar("T")

# Said of what was deleted, and of what isn't shown to this token.
GONE = frozenset({404, 410})


class Vanished(ServiceError):
    """What is being collected can't be seen any more; what has landed by then is kept."""


class Whole(NamedTuple):
    """What is being collected, without which none of its parts can be seen.

    Attributes:
        path: where it is asked for; by its number, so that a rename in the middle does no harm.
        kind: ``repository`` or ``project``.
        name: as the ledger and people call it.
    """

    path: str
    kind: str
    name: str


def confirm(client: HttpClient, whole: Whole) -> None:
    """Ask whether the whole is there. No earlier answer counts: it may have gone since.

    Raises:
        Vanished: it can't be seen.
        Refused, ServiceError: nobody knows, as of the client's ``get``.
    """
    try:
        client.get(whole.path)
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        raise Vanished(
            f"{client.service} doesn't show the {whole.kind} {whole.name} any more (status {refusal.status}): the "
            f"token lost its access, or the {whole.kind} was made private, moved or deleted. What has landed is kept; "
            "once the token may see it, collect again to go on from there."
        ) from refusal


def unless_deleted(client: HttpClient, whole: Whole, read: Callable[[], T]) -> T | None:
    """What is read of a part; None if the part was deleted since it was seen.

    Raises:
        Vanished: not the part alone is gone.
        Refused, ServiceError: as of ``read``, and of the client's ``get``.
    """
    try:
        return read()
    except Refused as refusal:
        if refusal.status not in GONE:
            raise
        confirm(client, whole)
        return None


def unless_refused(client: HttpClient, whole: Whole, what: str, notes: list[str], read: Callable[[], T]) -> T | None:
    """What is read of a part; None and a note if this token may not read it, for the rest has a worth of its own.

    Args:
        client: of the service.
        whole: what the part belongs to.
        what: the part, as the beginning of a sentence.
        notes: where to say that it is missing.
        read: reads it.

    Raises:
        Vanished: not the part alone isn't shown.
        Refused, ServiceError: as of ``read``, and of the client's ``get``.
    """
    try:
        return read()
    except Refused as refusal:
        if refusal.status not in FORBIDDEN:
            raise
        confirm(client, whole)
        notes.append(f"{what} can't be read with this token (status {refusal.status}); the rest was collected.")
        return None


@contextmanager
def ending_with(client: HttpClient, whole: Whole) -> Iterator[None]:
    """Say of a refusal that ends the collection that the whole is gone, where it is.

    Jira refuses a search in what it doesn't show with status 400, so that no status but that of a token which isn't
    taken says enough.

    Raises:
        Vanished: in place of the refusal.
    """
    try:
        yield
    except Refused as refusal:
        if refusal.status != 401:
            confirm(client, whole)
        raise
