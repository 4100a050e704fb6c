"""Commitments: what I owe, and what is owed to me."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from models.base import AnyId, CodedItem, DayOrInstant, Lax, Line, Prose, Target, Title, Url, Wire
from models.batch import GivenItem, Items, Put, fields_of
from models.evidence import Evidence
from models.links import link_apart


class Direction(StrEnum):
    """Who owes: `owe` is mine to do, `owed` is somebody else's."""

    OWE = "owe"
    OWED = "owed"


class CommitmentStatus(StrEnum):
    """`overdue` is a pending one whose due date has passed; only the server sets it."""

    PENDING = "pending"
    COMPLETED = "completed"
    OVERDUE = "overdue"


class Commitment(CodedItem):
    """A promise; `assignee` is the other person as written, `person` their name on the board. `due_before` is
    the id of the event whose start `due_date` follows."""

    description: str
    assignee: str | None = None
    person: str | None = None
    due_date: str | None = None
    due_before: str | None = None
    status: Annotated[CommitmentStatus, Lax] = CommitmentStatus.PENDING
    direction: Annotated[Direction, Lax]
    note: str | None = None
    url: str | None = None
    evidence: Evidence | None = None


class GivenCommitment(GivenItem):
    """A commitment as its sender states it; status and note change only if given."""

    section = "commitments"
    noun = "commitment"

    description: Title
    assignee: Line | None = None
    due_date: DayOrInstant | None = None
    due_before: AnyId | None = None
    status: Annotated[CommitmentStatus, Lax] = CommitmentStatus.PENDING
    direction: Annotated[Direction, Lax]
    note: Prose | None = None
    url: Url | None = None
    evidence: Evidence | None = None

    @classmethod
    def apart(cls, stated: Any) -> Any:
        return link_apart(stated, "url", "description", "note")


class PutCommitments(Put):
    """A batch of commitments; each is validated by itself."""

    items: Items[GivenCommitment]


@fields_of(GivenCommitment, without=("evidence",))
class CommitmentFields(Wire):
    """What an edit may set; fields that are left out stay."""


class EditCommitment(Target):
    """A person's change of a commitment; the source no longer overwrites the fields that it sets."""

    set: CommitmentFields


class BothWays(Wire):
    """Commitments by direction, each list sorted by due date."""

    owe: Annotated[tuple[Commitment, ...], Lax]
    owed: Annotated[tuple[Commitment, ...], Lax]


class CommitmentsState(Wire):
    """The section in a snapshot."""

    commitments: BothWays
