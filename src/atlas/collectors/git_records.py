"""Git's objects as the records that land: exact bytes in, JSON-able fields out.

What git stores is bytes that nobody has checked: names in any encoding, times of any size, headers that are missing.
A record keeps what can be represented and says where something couldn't, so that no commit is ever lost.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from atlas.collectors.git_encoding import decode
from atlas.collectors.git_mailmap import MailmapEntry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Postgres reads offsets up to 15:59; those in use lie between -12:00 and +14:00.
WIDEST_OFFSET_MINUTES = 15 * 60 + 59
LARGEST_INTEGER = 2**31 - 1
LONGEST_RAW_TIME = 100

_STAMP = re.compile(rb"\s*(?P<seconds>-?\d+)(?:\s+(?P<sign>[+-])(?P<offset>\d+))?\s*")

RefKind = Literal["branch", "remote_branch", "tag", "other"]
REF_KINDS: tuple[tuple[str, RefKind], ...] = (
    ("refs/heads/", "branch"),
    ("refs/remotes/", "remote_branch"),
    ("refs/tags/", "tag"),
)


class FileTypeStat(msgspec.Struct):
    """Files of one type that a commit changed; ``file_type`` is an extension in lower case, empty for other files."""

    file_type: str
    files_changed: int
    lines_added: int
    lines_deleted: int


class NumStat(NamedTuple):
    """Files changed, lines added and lines deleted of one commit; in all, and by type of file in order of the types."""

    files_changed: int
    lines_added: int
    lines_deleted: int
    file_types: list[FileTypeStat]


class Stamp(NamedTuple):
    """A time as git recorded it.

    Attributes:
        at: the instant in UTC; None if there is none, or none in the years 1 to 9999.
        text: the instant in RFC 3339 with the recorded offset; in UTC if that is wider than any calendar takes.
        offset_minutes: the recorded offset as git reads it (``+051800`` is 518 hours).
        raw: the recorded text, where ``text`` doesn't say all of it.
    """

    at: datetime | None
    text: str | None
    offset_minutes: int | None
    raw: str | None


class Person(NamedTuple):
    """Who and when, from an ``author``, ``committer`` or ``tagger`` header; all None where it is missing."""

    name: str | None
    email: str | None
    stamp: Stamp
    repaired: bool


class CommitRecord(msgspec.Struct, kw_only=True):
    """A commit that is reachable; one record of ``git.commits``.

    ``subject`` is the message's first line that isn't blank, ``body`` what follows it, without the blank lines between
    and the newlines at the end: unlike git's ``%s``, which joins lines, nothing of the message is lost.

    ``files_changed``, ``lines_added`` and ``lines_deleted`` are those of ``git log --numstat --no-renames``: against
    the only parent, or against nothing for a root. A binary file counts as changed with 0 lines; a merge has no diff
    and counts 0. They are None (not known) for a commit at the boundary of a shallow clone, whose parent isn't there.

    ``event_at`` orders the changes of one commit. At the first sight of a commit it is the committer time, no earlier
    than 1970 and no later than ``observed_at`` (which also stands in for a time that can't be represented). When a
    deleted commit comes back it is ``observed_at``, as it is for the delete, so that the last event always wins.

    ``file_types`` has the same numbers by type of file; it is absent where there are none.

    ``authored_at_raw`` and ``committed_at_raw`` are there only where the time can't be represented in full.
    """

    repository: str
    hash: str
    operation: str = "upsert"
    parents: list[str]
    tree: str | None
    author_name: str | None
    author_email: str | None
    authored_at: str | None
    authored_at_raw: str | UnsetType = UNSET
    authored_offset_minutes: int | None
    committer_name: str | None
    committer_email: str | None
    committed_at: str | None
    committed_at_raw: str | UnsetType = UNSET
    committed_offset_minutes: int | None
    subject: str
    body: str
    files_changed: int | None
    lines_added: int | None
    lines_deleted: int | None
    file_types: list[FileTypeStat] | UnsetType = UNSET
    is_merge: bool
    encoding_repaired: bool
    observed_at: str
    event_at: str


class CommitDeletion(msgspec.Struct, kw_only=True):
    """A commit that was collected and that no ref reaches any more; ``event_at`` is when that was seen."""

    repository: str
    hash: str
    operation: str = "delete"
    committed_at: str | None
    observed_at: str
    event_at: str


class RefRecord(msgspec.Struct, kw_only=True):
    r"""A ref that is new, has moved or (``operation`` is ``delete``) is gone; one record of ``git.refs``.

    ``target_hash`` is the commit that the ref peels to, None for a tag of a tree or blob. The tagger is that of the
    outermost tag object. ``mailmap`` is that of a branch that can be the default one, absent
    if it has none. A ref's name that isn't UTF-8 has ``\xNN`` for each byte that can't be read; a backslash is
    forbidden in names of refs, so two names never become one.
    """

    repository: str
    ref: str
    kind: RefKind
    name: str
    operation: str
    target_hash: str | None = None
    is_annotated: bool | None = None
    tagger_name: str | None = None
    tagger_email: str | None = None
    tagged_at: str | None = None
    tagged_at_raw: str | UnsetType = UNSET
    tagged_offset_minutes: int | None = None
    tag_subject: str | None = None
    mailmap: list[MailmapEntry] | UnsetType = UNSET
    observed_at: str
    event_at: str


def commit_record(
    repository: str, commit_hash: str, raw: bytes, numstat: NumStat | None, observed_at: datetime, *, again: bool
) -> CommitRecord:
    """The record of a commit object.

    Args:
        repository: the repository's name.
        commit_hash: the object's name.
        raw: the object's bytes.
        numstat: None where it can't be known.
        observed_at: when the collection took place.
        again: whether the commit has landed before.
    """
    headers, parents, message = _split(raw)
    encoding = headers.get(b"encoding")
    author = parse_person(headers.get(b"author"), encoding)
    committer = parse_person(headers.get(b"committer"), encoding)
    text, message_repaired = decode(message, encoding)
    subject, body = _subject_and_body(text)
    stat = numstat or (None, None, None, [])
    observed = rfc3339(observed_at)
    return CommitRecord(
        repository=repository,
        hash=commit_hash,
        parents=parents,
        tree=_hash_of(headers.get(b"tree")),
        author_name=author.name,
        author_email=author.email,
        authored_at=author.stamp.text,
        authored_at_raw=UNSET if author.stamp.raw is None else author.stamp.raw,
        authored_offset_minutes=author.stamp.offset_minutes,
        committer_name=committer.name,
        committer_email=committer.email,
        committed_at=committer.stamp.text,
        committed_at_raw=UNSET if committer.stamp.raw is None else committer.stamp.raw,
        committed_offset_minutes=committer.stamp.offset_minutes,
        subject=subject,
        body=body,
        files_changed=stat[0],
        lines_added=stat[1],
        lines_deleted=stat[2],
        file_types=stat[3] or UNSET,
        is_merge=len(parents) > 1,
        encoding_repaired=author.repaired or committer.repaired or message_repaired,
        observed_at=observed,
        event_at=observed if again else rfc3339(first_event_at(committer.stamp.at, observed_at)),
    )


def first_event_at(committed_at: datetime | None, observed_at: datetime) -> datetime:
    """The event time of a commit that is seen for the first time: a sane committer time, else ``observed_at``."""
    if committed_at is None:
        return observed_at
    return min(max(committed_at, EPOCH), observed_at)


def ref_record(
    repository: str, ref: str, target_hash: str | None, tag: bytes | None, observed_at: datetime
) -> RefRecord:
    """The record of a ref that is there; ``tag`` holds the bytes of the tag object that it names, if it names one."""
    observed = rfc3339(observed_at)
    kind, name = kind_and_name(ref)
    record = RefRecord(
        repository=repository,
        ref=ref,
        kind=kind,
        name=name,
        operation="upsert",
        target_hash=target_hash,
        is_annotated=tag is not None,
        observed_at=observed,
        event_at=observed,
    )
    if tag is not None:
        headers, _, message = _split(tag)
        encoding = headers.get(b"encoding")
        tagger = parse_person(headers.get(b"tagger"), encoding)
        record.tagger_name, record.tagger_email = tagger.name, tagger.email
        record.tagged_at, record.tagged_offset_minutes = tagger.stamp.text, tagger.stamp.offset_minutes
        record.tagged_at_raw = UNSET if tagger.stamp.raw is None else tagger.stamp.raw
        record.tag_subject = _subject_and_body(decode(message, encoding)[0])[0]
    return record


def ref_deletion(repository: str, ref: str, observed_at: datetime) -> RefRecord:
    """The record of a ref that is gone."""
    observed = rfc3339(observed_at)
    kind, name = kind_and_name(ref)
    return RefRecord(
        repository=repository,
        ref=ref,
        kind=kind,
        name=name,
        operation="delete",
        observed_at=observed,
        event_at=observed,
    )


def kind_and_name(ref: str) -> tuple[RefKind, str]:
    """What a ref is, and its short name: ``refs/tags/v1`` is the tag ``v1``."""
    for prefix, kind in REF_KINDS:
        if ref.startswith(prefix):
            return kind, ref.removeprefix(prefix)
    return "other", ref.removeprefix("refs/")


def rfc3339(moment: datetime) -> str:
    """The moment in UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def parse_person(raw: bytes | None, encoding: bytes | None) -> Person:
    """Read ``Name <e-mail> seconds offset``, as git does.

    The e-mail ends at the first ``>``; the time follows the last.
    """
    if raw is None:
        return Person(None, None, Stamp(None, None, None, None), repaired=False)
    before, bracket, rest = raw.partition(b"<")
    name, name_repaired = decode(before.strip(), encoding)
    if not bracket:
        return Person(name, None, Stamp(None, None, None, None), repaired=name_repaired)
    email, email_repaired = decode(rest.partition(b">")[0].strip(), encoding)
    return Person(name, email, parse_stamp(rest.rpartition(b">")[2]), repaired=name_repaired or email_repaired)


def parse_stamp(raw: bytes) -> Stamp:
    """Read ``seconds offset``; git takes any integer for both."""
    found = _STAMP.fullmatch(raw)
    recorded = raw.strip()[:LONGEST_RAW_TIME].decode("ascii", "backslashreplace").replace("\x00", "\ufffd") or None
    if found is None:
        return Stamp(None, None, None, recorded)
    offset = _offset_minutes(found["sign"], found["offset"])
    try:
        # Python refuses to read thousands of digits; a timedelta and a datetime refuse far fewer.
        at = EPOCH + timedelta(seconds=int(found["seconds"]))
    except (OverflowError, ValueError):
        return Stamp(None, None, offset, recorded)
    if offset is None or abs(offset) > WIDEST_OFFSET_MINUTES:
        return Stamp(at, at.isoformat(), offset, recorded)
    try:
        return Stamp(at, at.astimezone(timezone(timedelta(minutes=offset))).isoformat(), offset, None)
    except OverflowError:
        # Within the years 1 to 9999 in UTC, but not where it was written.
        return Stamp(at, at.isoformat(), offset, None)


def _offset_minutes(sign: bytes | None, digits: bytes | None) -> int | None:
    if sign is None or digits is None:
        return 0
    hours, minutes = divmod(int(digits[:20]), 100)
    total = hours * 60 + minutes
    if total > LARGEST_INTEGER:
        return None
    return -total if sign == b"-" else total


def _split(raw: bytes) -> tuple[dict[bytes, bytes], list[str], bytes]:
    """First header of each name, the parents, and the message of a commit or tag object."""
    head, _, message = raw.partition(b"\n\n")
    if raw.startswith(b"\n"):
        head, message = b"", raw[1:]
    headers: dict[bytes, bytes] = {}
    parents: list[str] = []
    for line in head.split(b"\n"):
        # A line that begins with a blank goes on with the header above it: a signature, or a whole tag.
        if line.startswith(b" "):
            continue
        name, _, value = line.partition(b" ")
        if name == b"parent":
            parents.append(value.decode("ascii", "replace"))
        else:
            headers.setdefault(name, value)
    return headers, parents, message


def _hash_of(value: bytes | None) -> str | None:
    return None if value is None else value.decode("ascii", "replace")


def _subject_and_body(message: str) -> tuple[str, str]:
    subject, _, rest = message.lstrip("\r\n \t").partition("\n")
    lines = rest.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    return subject.rstrip(), "\n".join(lines[first:]).rstrip("\r\n")
