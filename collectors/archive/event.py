"""Archived lines into events of the calendar: which lines are some, and which of their versions counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from collectors.archive.fields import (
    DESCRIPTION,
    END,
    LOCATION,
    START,
    URL,
    Line,
    id_of,
    label_of,
    people,
    text_of,
    time_of,
)
from collectors.identity import stable_id
from collectors.sanitize import fitted_id, web_address
from collectors.texts import fitted
from models.base import is_day, order_key
from models.calendar import GivenEvent

CALENDAR = "calendar"
EVENTS_MAX = 20_000
ATTENDEES_MAX, ATTENDEE_MAX = 500, 320
TITLE = ("title", "subject", "summary", "name")
NO_TITLE = "(no title)"
_MOST = {"title": 500, "location": 1_000, "description": 16_000}
_CALLED_OFF = ("cancelled", "canceled")


@dataclass(frozen=True)
class Window:
    """The days (UTC) of which events are taken, both included."""

    first: date
    last: date

    @classmethod
    def around(cls, today: date, days_back: int, days_ahead: int) -> Window:
        """From so many days before to so many after."""
        return cls(today - timedelta(days=days_back), today + timedelta(days=days_ahead))

    def has(self, event: GivenEvent) -> bool:
        """Whether some of the event is within."""
        last = event.end or event.start
        return event.start[:10] <= self.last.isoformat() and last[:10] >= self.first.isoformat()


def is_event(line: Line, folder: str, zone: tzinfo) -> bool:
    """Whether the line is an event: all in the folder `calendar` are, others by what they hold."""
    if folder.lower() == CALENDAR:
        return True
    has_more = any(line.get(name) for name in (*END, "attendees"))
    return has_more and bool(time_of(line, START, zone)[0])


def is_called_off(line: Line) -> bool:
    """Whether it will not take place."""
    return str(line.get("status", "")).lower() in _CALLED_OFF


def event(line: Line, folder: str, zone: tzinfo) -> tuple[GivenEvent, list[str]]:
    """The event under an id that all of its versions share, and the names of what had to be cut.

    Errors: ValueError for times that cannot be said truly; the message is a clause.
    """
    start, unread = time_of(line, START, zone)
    if not start:
        raise ValueError(
            f"its {unread} cannot be read: {str(line[unread])[:60]}" if unread else "it has no start"
        )
    end, unread = time_of(line, END, zone)
    if unread:
        raise ValueError(f"its {unread} cannot be read: {str(line[unread])[:60]}")
    texts = {
        "title": label_of(line, TITLE) or NO_TITLE,
        "location": label_of(line, LOCATION),
        "description": text_of(line, DESCRIPTION),
    }
    attendees = _attendees(line)
    cut = [name for name, text in texts.items() if len(text) > _MOST[name]]
    cut += ["attendees"] if len(attendees) > ATTENDEES_MAX else []
    own = id_of(line) or stable_id(folder, texts["title"], start)
    fields: dict[str, object] = {
        **{name: fitted(text, _MOST[name]) for name, text in texts.items()},
        "url": web_address(line, URL),
        "important": line["important"] if isinstance(line.get("important"), bool) else None,
    }
    return GivenEvent(
        id=fitted_id(f"{folder}:{own}"),
        start=start,
        end=_end(start, end),
        attendees=tuple(attendees[:ATTENDEES_MAX]),
        **{name: value for name, value in fields.items() if value not in (None, "")},  # type: ignore[arg-type]
    ), cut


class Agenda:
    """The events in a window as the newest archive day tells of each; days are to come in order."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._held: dict[str, _Told] = {}
        self.seen = self.too_many = 0

    def add(self, day: str, event: GivenEvent, called_off: bool) -> None:
        """What this day says of an event replaces what earlier ones did; one of many starts is one of several
        occurrences under one id."""
        self.seen += 1
        told = self._held.get(event.id)
        if told is not None and told.day != day:
            told = None
            del self._held[event.id]
        if called_off or not self._window.has(event):
            if told is not None:
                told.by_start.pop(event.start, None)
        elif told is not None:
            told.by_start[event.start] = event
        elif len(self._held) < EVENTS_MAX:
            self._held[event.id] = _Told(day, {event.start: event})
        else:
            self.too_many += 1

    def events(self) -> Iterator[GivenEvent]:
        """All that the board is to have, each under an id of its own."""
        for id, told in self._held.items():
            for start, one in told.by_start.items():
                several = len(told.by_start) > 1
                yield one.model_copy(update={"id": fitted_id(f"{id}#{start}")}) if several else one


@dataclass
class _Told:
    """What one archive day says of an event: mostly one occurrence."""

    day: str
    by_start: dict[str, GivenEvent] = field(default_factory=dict)


def _end(start: str, end: str) -> str | None:
    """An end of the same form as the start; a whole day ends on the day after."""
    if is_day(start):
        after = (date.fromisoformat(start) + timedelta(days=1)).isoformat()
        if end and end[:10] < start:
            raise ValueError("it ends before it begins")
        return max(end[:10], after) if end else None
    if end and is_day(end):
        last = datetime.combine(date.fromisoformat(end), time(23, 59))
        end = f"{last.isoformat()}Z"
    if end and order_key(end) < order_key(start):
        raise ValueError("it ends before it begins")
    return end or None


def _attendees(line: Line) -> list[str]:
    """Who takes part, organizer first, each once."""
    named = (*people(line.get("organizer")), *people(line.get("attendees")))
    return [fitted(person, ATTENDEE_MAX) for person in dict.fromkeys(named)]
