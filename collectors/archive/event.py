"""Archived lines into events of the calendar: which lines are some, and which of their versions counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from collectors.accounts import LEFT_OUT, Account
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
    why_gone,
)
from collectors.identity import stable_id
from collectors.remarks import Unusable
from collectors.sanitize import fitted_id, web_address
from collectors.texts import fitted
from models.base import format_instant, is_day, order_key
from models.calendar import GivenEvent

CALENDAR = "calendar"
EVENTS_MAX = 20_000  # held in memory
ATTENDEES_MAX, ATTENDEE_MAX = 500, 320  # the server's bounds (models.calendar)
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
    return bool(why_gone(line)) or str(line.get("status", "")).strip().lower() in _CALLED_OFF


def event(line: Line, folder: str, zone: tzinfo) -> tuple[GivenEvent, list[str]]:
    """The event under an id that all of its versions share, and remarks about what it does not say as the
    line does. Errors: Unusable, without a start that can be read."""
    start, unread = time_of(line, START, zone)
    if not start:
        said = f"its {unread} cannot be read: {str(line[unread])[:60]}" if unread else "it has no start"
        raise Unusable(said)
    end, remark = _end(line, start, zone)
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
        id=event_id(folder, own),
        start=start,
        end=end,
        attendees=tuple(attendees[:ATTENDEES_MAX]),
        **{name: value for name, value in fields.items() if value not in (None, "")},  # type: ignore[arg-type]
    ), [*([remark] if remark else []), *([f"cut to fit: {', '.join(cut)}"] if cut else [])]


def event_id(folder: str, own: str) -> str:
    """What an event of that id is called on the board."""
    return fitted_id(f"{folder}:{own}")


class Agenda:
    """The events in a window as the newest archive day tells of each; days are to come in order. `account`
    says what became of each line about one."""

    def __init__(self, window: Window, account: Account) -> None:
        self._window, self._account = window, account
        self._held: dict[str, _Told] = {}
        self.too_many = 0

    @property
    def seen(self) -> int:
        """How many lines were about an event."""
        return self._account.seen

    def add(self, day: str, event: GivenEvent, called_off: bool) -> None:
        """What this day says of an event replaces what earlier ones did; one of many starts is one of several
        occurrences under one id."""
        self._account.see()
        told = self._held.get(event.id)
        single = None
        if told is not None and told.day != day:
            single, told = told.single, None
            self._replaced(len(self._held.pop(event.id).by_start))
        if called_off or not self._window.has(event):
            self._account.leave("cancelled" if called_off else "outside these days")
            if told is not None:
                self._replaced(told.by_start.pop(event.start, None) is not None)
        elif told is not None:
            self._replaced(event.start in told.by_start)
            told.by_start[event.start] = event
        elif len(self._held) < EVENTS_MAX:
            self._held[event.id] = _Told(day, {event.start: event}, single)
        else:
            self._account.leave(LEFT_OUT)
            self.too_many += 1

    def events(self) -> Iterator[GivenEvent]:
        """All that the board is to have, each under an id of its own."""
        for id, told in self._held.items():
            single = told.single
            for start, one in told.by_start.items():
                own = fitted_id(f"{id}#{start}")
                ids: dict[str, object] = {"formerly": (own,)}
                if len(told.by_start) > 1:
                    ids = {"id": own, "formerly": (id,) if start == single else ()}
                self._account.take()
                yield one.model_copy(update=ids)

    def _replaced(self, count: int) -> None:
        self._account.leave("repeated later", int(count))


@dataclass
class _Told:
    """What one archive day says of an event: mostly one occurrence. `before` is the start of the only one
    that an earlier day knew."""

    day: str
    by_start: dict[str, GivenEvent] = field(default_factory=dict)
    before: str | None = None

    @property
    def single(self) -> str | None:
        """The start of the one that goes by the event's own id, or last did."""
        if len(self.by_start) == 1:
            return next(iter(self.by_start))
        return self.before if self.before in self.by_start else min(self.by_start, default=None)


def _end(line: Line, start: str, zone: tzinfo) -> tuple[str | None, str]:
    """An end of the same form as the start, and what is wrong with the one that the line has, or ""; a whole
    day ends on the day after."""
    end, unread = time_of(line, END, zone)
    if unread:
        return None, f"its {unread} cannot be read, and is ignored: {str(line[unread])[:60]}"
    if not end:
        return None, ""
    fitting = _day_after(end, zone) if is_day(start) else _last(end, zone)
    if order_key(fitting) < order_key(start):
        return None, "it ends before it begins, so its end is ignored"
    after = (date.fromisoformat(start[:10]) + timedelta(days=1)).isoformat()
    return max(fitting, after) if is_day(start) else fitting, ""


def _last(end: str, zone: tzinfo) -> str:
    """The instant at which it ends: of a day, its last minute there."""
    if not is_day(end):
        return end
    return format_instant(datetime.combine(date.fromisoformat(end), time(23, 59), zone))


def _day_after(end: str, zone: tzinfo) -> str:
    """The first day on which it is over; one that ends at midnight is over on the day that begins."""
    if is_day(end):
        return end
    there = datetime.fromisoformat(end).astimezone(zone)
    over = timedelta(days=0 if there.time() == time(0) else 1)
    return (there.date() + over).isoformat()


def _attendees(line: Line) -> list[str]:
    """Who takes part, organizer first, each once."""
    named = (*people(line.get("organizer")), *people(line.get("attendees")))
    return [fitted(person, ATTENDEE_MAX) for person in dict.fromkeys(named)]
