"""Mailmaps: who goes by which names and addresses, as a repository's ``.mailmap`` declares it (gitmailmap(5))."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from atlas.collectors.git_encoding import decode

# The kernel's, which has been kept for twenty years, is a twentieth of that.
LARGEST_BYTES = 2**20


class MailmapEntry(msgspec.Struct, kw_only=True, frozen=True):
    """A line of a ``.mailmap``: who made the commits of an address, or of a name and an address.

    Attributes:
        commit_email: as in commits; git compares it without regard to case.
        commit_name: as in commits, likewise; absent if any name will do.
        proper_name: absent if the commits' own holds.
        proper_email: absent if the commits' own holds.
    """

    commit_email: str
    commit_name: str | UnsetType = UNSET
    proper_name: str | UnsetType = UNSET
    proper_email: str | UnsetType = UNSET


def parse_mailmap(raw: bytes) -> list[MailmapEntry]:
    """The entries of a ``.mailmap``, in its order; of two for the same commits, the later. Other lines are passed over.

    Args:
        raw: the file. One of more than ``LARGEST_BYTES`` isn't a mailmap, and has no entries.
    """
    entries: dict[tuple[str, str], MailmapEntry] = {}
    if len(raw) > LARGEST_BYTES:
        return []
    for line in decode(raw, None)[0].split("\n"):
        entry = None if line.startswith("#") else _parse_line(line)
        if entry is not None:
            name = "" if entry.commit_name is UNSET else entry.commit_name.lower()
            entries[entry.commit_email.lower(), name] = entry
    return list(entries.values())


def _parse_line(line: str) -> MailmapEntry | None:
    first = _name_and_email(line)
    if first is None or not first[1]:
        return None
    second = _name_and_email(first[2])
    if second is None:
        return MailmapEntry(commit_email=first[1], proper_name=first[0] or UNSET)
    if not second[1]:
        return None  # an address that is empty in commits names nobody
    return MailmapEntry(
        commit_email=second[1],
        commit_name=second[0] or UNSET,
        proper_name=first[0] or UNSET,
        proper_email=first[1],
    )


def _name_and_email(text: str) -> tuple[str, str, str] | None:
    """``Name <address>`` and what follows; None if there is no address."""
    name, opening, rest = text.partition("<")
    email, closing, rest = rest.partition(">")
    return (name.strip(), email.strip(), rest) if opening and closing else None
