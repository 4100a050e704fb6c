"""A valid event: its times, and how it is expanded. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, cast

from icalendar import Event

from collectors.ics.moments import (
    DAY,
    Length,
    Moment,
    Stated,
    basic,
    day_of,
    instant,
    is_day,
    is_plain,
    later,
    midnight,
    wall,
)
from collectors.ics.times import Times
from collectors.ics.zones import Zones

_ALL_DAY = ("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT", "X-FUNAMBOL-ALLDAY")
_NO_TIME = date(1, 1, 1)  # of a cancellation that does not say when it would have been
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Setting:
    """The calendar that an event stands in: which one of all it is, how its times are to be read, its METHOD.

    `local` is whose clock counts for times without a zone, `own` the calendar's own (X-WR-TIMEZONE).
    """

    number: int
    zones: Zones
    local: tzinfo
    own: tzinfo | None = None
    method: str = ""


@dataclass
class Component:
    """A VEVENT, and its place in the file, for people.

    `start` is a date for an event of whole days; `recurrence` is the occurrence of the `series` that it
    describes; `former_uid` is what an event without a UID was called in earlier versions.
    """

    event: Event
    uid: str
    where: str
    setting: Setting
    stated: Times
    former_uid: str = ""
    series: Component | None = None
    start: Moment = _NO_TIME
    end: Moment | None = None
    length: Length | None = None
    recurrence: Moment | None = None
    extras: list[tuple[Moment, Moment | Length | None]] = field(default_factory=list)
    exceptions: list[Moment] = field(default_factory=list)

    @property
    def sequence(self) -> int:
        sequence: Any = self.event.get("SEQUENCE", 0)
        return int(sequence)

    @property
    def version(self) -> tuple[int, str]:
        """The higher one is newer: SEQUENCE, then the time of the change."""
        changed = self.event.get("LAST-MODIFIED") or self.event.get("DTSTAMP")
        moment = getattr(changed, "dt", None)
        if isinstance(moment, datetime) and moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return self.sequence, basic(moment) if isinstance(moment, date) else ""

    @property
    def cancelled(self) -> bool:
        """Whether it cancels what it describes."""
        return self.setting.method == "CANCEL" or self._status in ("CANCELLED", "CANCELED")

    @property
    def said_to_take_place(self) -> bool:
        """Whether its status says so: without a status it is as its series is."""
        return self._status in ("CONFIRMED", "TENTATIVE")

    @property
    def _status(self) -> str:
        return str(self.event.get("STATUS", "")).strip().upper()

    @property
    def recurs(self) -> bool:
        """Whether it stands for other occurrences than its own, or for one of another event's."""
        return bool(self.event.get("RRULE") or self.extras or self.recurrence is not None)

    @property
    def is_placed(self) -> bool:
        """Whether it has a start."""
        return self.start is not _NO_TIME

    def like(self, stated: Stated) -> Moment:
        """A moment that speaks of one of its occurrences, as their starts are written."""
        if not isinstance(self.start, datetime):
            return day_of(stated.moment, self.setting.local)
        if not isinstance(stated.moment, datetime):
            return datetime.combine(stated.moment, self.start.timetz())
        zone = self.start.tzinfo
        return stated.moment.replace(tzinfo=zone) if stated.floating else stated.moment.astimezone(zone)

    def end_after(self, start: Moment) -> Moment:
        """The end of the occurrence that begins then.

        A length is exact; an end keeps to the clock on the wall, as people mean it, unless one of the two
        times is skipped or comes twice just then (decision 34).
        """
        if self.length is not None:
            return self.length.after(start)
        if self.end is None:
            return start + DAY if is_day(start) else start
        if not isinstance(start, datetime):
            return start + (self.end - self.start)
        first, last = cast(datetime, self.start), cast(datetime, self.end)
        if start == first:
            return last
        by_clock = start + (wall(last.astimezone(first.tzinfo)) - wall(first))
        if is_plain(start) and is_plain(by_clock):
            return by_clock
        return later(start, instant(last, UTC) - instant(first, UTC))


def settle(component: Component) -> Iterator[str]:
    """Sets the component's times by what its lines state; what had to be mended.

    Errors: ValueError when it is not clear when the event is.
    """
    stated = component.stated
    if component.setting.method == "ADD" and stated.recurrence is None:
        stated.recurrence = stated.start  # one more occurrence of a series (RFC 5546, 3.2.4)
    if stated.start is None and not component.cancelled:
        raise ValueError("it has no DTSTART")
    start = stated.start or stated.recurrence
    if start is not None:
        component.start = start.moment
        yield from _settle_end(component)
    if stated.recurrence is not None:
        timed = component.is_placed and not is_day(component.start)
        component.recurrence = stated.recurrence.moment if timed else component.like(stated.recurrence)
    component.exceptions = [one.moment if one.is_day else component.like(one) for one in stated.exceptions]
    for extra in stated.extras:
        ends = component.like(extra.end) if isinstance(extra.end, Stated) else extra.end
        component.extras.append((component.like(extra.start), ends))


def _settle_end(component: Component) -> Iterator[str]:
    stated, zone = component.stated, component.setting.local
    end = stated.end.moment if stated.end is not None else None
    length = stated.length if end is None else None
    start = component.start
    if _is_all_day(component, end, length):
        start, end = day_of(start, zone), end and day_of(end, zone)
    if is_day(start) and (
        (end is not None and not is_day(end)) or (length is not None and not length.is_whole_days)
    ):
        start = midnight(start, _zone_beside(end, zone))
    elif end is not None and is_day(end) and not is_day(start):
        end = midnight(end, _zone_beside(start, zone))
    if _is_reversed(start, end) or (length is not None and length.is_negative):
        end = length = None
        yield "it ends before it begins, and is shown without a length"
    if end is not None and is_day(end) and end <= start:
        end = None  # some programs write the last day itself, and mean a whole day
    component.start, component.end, component.length = start, end, length


def _is_all_day(component: Component, end: Moment | None, length: Length | None) -> bool:
    """Whether Outlook says so of an event that begins and ends with times."""
    says_so = any(str(component.event.get(name, "")).strip().upper() in ("TRUE", "1") for name in _ALL_DAY)
    start = component.start
    if not says_so or is_day(start):
        return False
    if end is None:
        return length is None or length.is_whole_days
    over = (instant(end, UTC) - instant(start, UTC) + _HOUR) % DAY
    return is_day(end) or over <= 2 * _HOUR  # where the clocks change, days are an hour longer or shorter


def _zone_beside(timed: Moment | None, zone: tzinfo) -> tzinfo:
    """The zone in which a date beside that time is a midnight: the time's own, where it names one."""
    own = timed.tzinfo if isinstance(timed, datetime) else None
    return zone if own is None or own is UTC else own


def _is_reversed(start: Moment, end: Moment | None) -> bool:
    if end is None:
        return False
    return end < start if is_day(start) else instant(end, UTC) < instant(start, UTC)
