"""Priorities: what matters, in which order."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from models.base import AnyId, CodedItem, DayOrInstant, Lax, Line, Prose, Target, Title, Url, Wire
from models.batch import GivenItem, Items, Put, fields_of
from models.evidence import Evidence
from models.links import link_apart


class Urgency(StrEnum):
    """How soon, in one word."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class PriorityStatus(StrEnum):
    """A snoozed priority opens again by itself at `snoozed_until`."""

    OPEN = "open"
    DONE = "done"
    SNOOZED = "snoozed"


Rank = Annotated[int, Field(ge=0, le=1_000_000)]
Minutes = Annotated[int, Field(ge=1, le=14_400)]
"""At most 240 hours: six working weeks."""


class Priority(CodedItem):
    """Something that matters; `rank` 0 is the top, null comes after every rank. `assignee` is who has to do
    it, `minutes` how long that takes. `due_before` is the id of the event whose start `due_date` follows."""

    title: str
    description: str | None = None
    urgency: Annotated[Urgency, Lax] = Urgency.MEDIUM
    due_date: str | None = None
    due_before: str | None = None
    assignee: str | None = None
    minutes: int | None = None
    status: Annotated[PriorityStatus, Lax] = PriorityStatus.OPEN
    snoozed_until: str | None = None
    rank: int | None = None
    note: str | None = None
    url: str | None = None
    evidence: Evidence | None = None


class GivenPriority(GivenItem):
    """A priority as its sender states it; status, rank, note and minutes change only if given."""

    section = "priorities"
    noun = "priority"
    nouns = "priorities"

    title: Title
    description: Prose | None = None
    urgency: Annotated[Urgency, Lax] = Urgency.MEDIUM
    due_date: DayOrInstant | None = None
    due_before: AnyId | None = None
    assignee: Line | None = None
    minutes: Minutes | None = None
    status: Annotated[PriorityStatus, Lax] = PriorityStatus.OPEN
    rank: Rank | None = None
    note: Prose | None = None
    url: Url | None = None
    evidence: Evidence | None = None

    @classmethod
    def apart(cls, stated: Any) -> Any:
        return link_apart(stated, "url", "title", "description", "note")


class PutPriorities(Put):
    """A batch of priorities; each is validated by itself."""

    items: Items[GivenPriority]


@fields_of(GivenPriority, without=("evidence",))
class PriorityFields(Wire):
    """What an edit may set; fields that are left out stay."""


class EditPriority(Target):
    """A person's change of a priority; the source no longer overwrites the fields that it sets."""

    set: PriorityFields


class Snooze(Target):
    """`until` is an instant, or a date for the start of that day in the server's time zone."""

    until: DayOrInstant


class PrioritiesState(Wire):
    """The section in a snapshot: sorted by rank, then urgency, then due date."""

    priorities: Annotated[tuple[Priority, ...], Lax]
