"""What a landing did, record by record counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from atlas.errors import DataError

Outcome = Literal["landed", "already_landed", "refused"]


@dataclass(frozen=True)
class Receipt:
    """The outcome of one delivery. ``accepted + duplicate + quarantined == read``, always.

    Attributes:
        source: ``system.entity``.
        name: the file or other origin.
        outcome: ``landed``; ``already_landed`` (the same delivery is in the ledger as ``batch_id``; nothing was
            done); ``refused`` (the delivery as a whole, see ``refusal``; none of it was landed).
        batch_id: the batch in the ledger ``explore.batches``.
        reasons: quarantined records by reason code.
        drift: undeclared fields, with the number of records that carry them.
        content_bytes: size of the delivery as it came.
        duration_s: from opening to commit, in seconds.
        refusal: why the delivery was refused.
    """

    source: str
    name: str
    outcome: Outcome
    batch_id: int | None
    read: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    drift: dict[str, int] = field(default_factory=dict)
    content_bytes: int = 0
    duration_s: float = 0.0
    refusal: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the delivery was refused, or brought records of which none could be taken."""
        return self.outcome == "refused" or (self.read > 0 and self.quarantined == self.read)

    def as_dict(self) -> dict[str, Any]:
        """The receipt for ``--json``."""
        return asdict(self) | {"duration_s": round(self.duration_s, 3)}


class RefusedDelivery(DataError):
    """A delivery that can't be read as a whole (corrupt, wrong schema, empty); none of it is landed."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
