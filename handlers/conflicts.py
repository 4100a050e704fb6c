"""Conflicts: the server finds, once for all clients, which events overlap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from heapq import heappop, heappush
from itertools import islice

from handlers import calendar
from models.base import format_instant
from models.calendar import Answer, CalendarItem, EventStatus
from models.conflicts import Conflict, ConflictsState
from sio_server.registry.ops import Drop, Ops, Put
from sio_server.registry.order import SortKey
from sio_server.registry.registry import Changed, Context, Family, Section, View

AHEAD = timedelta(days=60)  # as far as calendar collectors look
MOST = 500
"""The most conflicts listed, soonest first; where everything overlaps there would be millions. The others are
counted."""


@dataclass(frozen=True)
class _Taken:
    """The time that an event takes."""

    start: datetime
    end: datetime
    event: CalendarItem


def is_attended(event: CalendarItem) -> bool:
    """Whether the event takes up the time of the person the board is for."""
    return event.busy and event.status is not EventStatus.CANCELLED and event.answer is not Answer.DECLINED


def found(events: Iterable[CalendarItem], now: datetime, tz: tzinfo, most: int = MOST) -> list[Conflict]:
    """The soonest conflicts that are not over, between any two events that are not both all-day; the last one
    says how many more there are."""
    taken = [_taken(event, tz) for event in events if is_attended(event) and event.end is not None]
    soon = [one for one in taken if one.start < one.end and one.end > now and one.start < now + AHEAD]
    soon.sort(key=lambda one: (one.start, one.end, one.event.id))
    conflicts = [
        _conflict(one.event, other.event, other.start, min(one.end, other.end))
        for one, other in islice(_overlaps(soon), most)
    ]
    if len(conflicts) == most:
        conflicts.sort(key=SECTION.sort_key)
        conflicts[-1] = conflicts[-1].model_copy(update={"left_out": _number(soon) - most})
    return conflicts


def _number(taken: Iterable[_Taken]) -> int:
    """How many pairs `_overlaps` yields, without making them: there may be millions."""
    number = 0
    timed: list[datetime] = []  # heaps of the ends of what is under way
    all_day: list[datetime] = []
    for one in taken:
        for ends in (timed, all_day):
            while ends and ends[0] <= one.start:
                heappop(ends)
        number += len(timed) + (0 if one.event.all_day else len(all_day))
        heappush(all_day if one.event.all_day else timed, one.end)
    return number


def _overlaps(taken: Iterable[_Taken]) -> Iterator[tuple[_Taken, _Taken]]:
    """Overlapping pairs, given the events sorted by start."""
    under_way: list[_Taken] = []
    for one in taken:
        under_way = [other for other in under_way if other.end > one.start]
        for other in under_way:
            if not (one.event.all_day and other.event.all_day):
                yield other, one
        under_way.append(one)


def _taken(event: CalendarItem, tz: tzinfo) -> _Taken:
    return _Taken(_moment(event.start, tz), _moment(event.end or event.start, tz), event)


def _moment(text: str, tz: tzinfo) -> datetime:
    """A date is its midnight in the server's zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return datetime.combine(moment.date(), time(), tz).astimezone(UTC)
    return moment


def _conflict(one: CalendarItem, other: CalendarItem, start: datetime, end: datetime) -> Conflict:
    pair = hashlib.sha256(f"{one.id}\0{other.id}".encode()).hexdigest()[:24]
    title = f"{one.title} and {other.title}"
    times = format_instant(start), format_instant(end)
    return Conflict(id=pair, title=title, events=(one.id, other.id), start=times[0], end=times[1])


def _anew(view: View, events: View, ctx: Context) -> Ops:
    """The changes that bring the section in line with the calendar."""
    now = {one.id: one for one in found(events.items(calendar.SECTION), ctx.now, ctx.settings.tz)}
    before = {one.id: one for one in view.items(SECTION)}
    gone: Ops = [Drop(SECTION.name, id) for id in before.keys() - now.keys()]
    new = [Put(SECTION.name, one) for id, one in now.items() if _said(before.get(id)) != _said(one)]
    return gone + new


def _said(conflict: Conflict | None) -> tuple[object, ...] | None:
    return (
        None
        if conflict is None
        else (conflict.title, conflict.events, conflict.start, conflict.end, conflict.left_out)
    )


def _tick(view: View, ctx: Context) -> Ops:
    return _anew(view, view, ctx)


def _follow(before: View, after: View, changed: Changed, ctx: Context) -> Ops:
    events = [(before.get(calendar.SECTION, id), after.get(calendar.SECTION, id)) for _, id in changed]
    return _anew(after, after, ctx) if any(_matters(*pair) for pair in events) else []


def _matters(before: CalendarItem | None, after: CalendarItem | None) -> bool:
    """Whether a change of an event may change a conflict."""
    return _tells(before) != _tells(after)


def _tells(event: CalendarItem | None) -> tuple[object, ...] | None:
    return None if event is None else (event.title, event.start, event.end, is_attended(event))


SECTION = Section(
    "conflicts",
    Conflict,
    noun="conflict",
    order=(SortKey("start"), SortKey("end")),
    shape=ConflictsState,
    place=lambda items: {"conflicts": [json for _, json in items]},
    tick=_tick,
    tick_every_s=60.0,
    follow=_follow,
    follows=frozenset({"calendar"}),
    shared=True,
)
FAMILY = Family("conflicts", SECTION)
