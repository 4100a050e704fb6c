"""Events: what, when, where and with whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from models.base import (
    CodedItem,
    DayOrInstant,
    Few,
    Lax,
    Line,
    Prose,
    Target,
    Title,
    Url,
    Wire,
    is_day,
    order_key,
)
from models.batch import GivenItem, Items, Put, fields_of
from models.links import link_apart

Attendee = Annotated[Line, Field(min_length=1, max_length=320)]
Attendees = Annotated[tuple[Attendee, ...], Few(500)]


class EventStatus(StrEnum):
    """Whether it takes place. A cancelled event stays until its time has passed."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """An answer to an invitation."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    NEEDS_ACTION = "needs_action"


class Answered(Wire):
    """What one of the `attendees`, written as there, answered to the invitation."""

    attendee: Attendee
    answer: Annotated[Answer, Lax]


Answers = Annotated[tuple[Answered, ...], Few(500)]


class Was(Wire):
    """The original time of an event that was moved."""

    start: str
    end: str | None = None


class CalendarItem(CodedItem):
    """An event; `start` and `end` are both instants, or both dates when it is `all_day` (`end` is
    then the first day after it). `important_by_rule`: neither the source nor a person decided whether
    it is important, so the server's rule does. `answer` is that of the person the board is for, and `answers`
    are those of the attendees, as far as they are known. `busy`: it takes up time. `moved_from` is its
    original time, until it is moved back. `join_url` may hold a password: it belongs behind a button, never
    in a text. `private`: its owner wants it shown to others as "Busy"."""

    title: str
    start: str
    end: str | None = None
    all_day: bool = False
    attendees: Annotated[tuple[str, ...], Lax] = ()
    location: str | None = None
    description: str | None = None
    url: str | None = None
    important: bool = False
    important_by_rule: bool = True
    status: EventStatus = EventStatus.CONFIRMED
    answer: Answer | None = None
    answers: Annotated[tuple[Answered, ...], Lax] = ()
    busy: bool = True
    private: bool = False
    organizer: str | None = None
    join_url: str | None = None
    moved_from: Was | None = None


class GivenEvent(GivenItem):
    """An event as its sender states it; `all_day` follows from the form of `start`, and `join_url` from the
    texts where it is not stated: the address of a meeting stands there alone."""

    section = "calendar"
    noun = "event"

    title: Title
    start: DayOrInstant
    end: DayOrInstant | None = None
    all_day: bool | None = None
    attendees: Attendees = ()
    location: Line | None = None
    description: Prose | None = None
    url: Url | None = None
    important: bool | None = None
    status: Annotated[EventStatus, Lax] = EventStatus.CONFIRMED
    answer: Annotated[Answer, Lax] | None = None
    answers: Answers = ()
    busy: bool = True
    private: bool = False
    organizer: Attendee | None = None
    join_url: Url | None = None

    @classmethod
    def apart(cls, stated: Any) -> Any:
        return link_apart(stated, "join_url", "title", "location", "description", of_event=True)

    @field_validator("end")
    @classmethod
    def _end_fits(cls, end: str | None, info: ValidationInfo) -> str | None:
        start = info.data.get("start")
        if end is None or start is None:
            return end
        if is_day(end) != is_day(start):
            raise ValueError("must be a date when start is one, an instant when start is one")
        if order_key(end) < order_key(start):
            raise ValueError("is before start")
        return end

    @field_validator("all_day")
    @classmethod
    def _all_day_fits(cls, all_day: bool | None, info: ValidationInfo) -> bool | None:
        start = info.data.get("start")
        if all_day is not None and start is not None and all_day != is_day(start):
            raise ValueError("true needs a start that is a date, false one that is an instant")
        return all_day


class PutEvents(Put):
    """A batch of events; each is validated by itself."""

    items: Items[GivenEvent]


@fields_of(GivenEvent)
class EventFields(Wire):
    """What an edit may set; fields that are left out stay."""


class EditEvent(Target):
    """A person's change of an event; the source no longer overwrites the fields that it sets."""

    set: EventFields


class CalendarState(Wire):
    """The section in a snapshot: sorted by start."""

    calendar: Annotated[tuple[CalendarItem, ...], Lax]
