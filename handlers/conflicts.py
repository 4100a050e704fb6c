"""Conflicts: the server finds, once for all clients, which events overlap."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple

from briefs.words import safe
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
ONE_BY_ONE = 20
"""So many changed events are compared with all others one by one; of more, all are compared with all anew."""
DAY = timedelta(days=1)


class _Taken(NamedTuple):
    """The time that an event takes. Sorts by that: no two have one id."""

    start: datetime
    end: datetime
    id: str
    event: CalendarItem


def is_attended(event: CalendarItem) -> bool:
    """Whether the event takes up the time of the person the board is for."""
    return event.busy and event.status is not EventStatus.CANCELLED and event.answer is not Answer.DECLINED


def found(
    events: Iterable[CalendarItem], now: datetime, tz: tzinfo, most: int = MOST, source: str = ""
) -> list[Conflict]:
    """The soonest conflicts that are not over, between any two events that are not both all-day; the last one
    says how many more there are. With a `source`, those of its events, as items of that source."""
    taken = [_taken(event, tz) for event in events if is_attended(event) and event.end is not None]
    soon = sorted(_soon(taken, now))
    conflicts = [_conflict(source, *pair) for pair in islice(_overlaps(soon, source), most)]
    if len(conflicts) == most:
        # They come by start: which is the last is among those that begin with it.
        at = next(at for at, one in enumerate(conflicts) if one.start == conflicts[-1].start)
        conflicts[at:] = sorted(conflicts[at:], key=SECTION.sort_key)
        others = [one for one in soon if source and one.event.source != source]
        left_out = _number(soon) - _number(others) - most
        conflicts[-1] = conflicts[-1].model_copy(update={"left_out": left_out})
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


def _overlaps(taken: Iterable[_Taken], source: str) -> Iterator[tuple[_Taken, _Taken]]:
    """Overlapping pairs, given the events sorted by start; with a `source`, one of each is its."""
    under_way: dict[tuple[bool, bool], list[_Taken]] = {}
    for one in taken:
        kind = one.event.source == source or not source, one.event.all_day
        for other_kind in under_way:
            if (kind[0] or other_kind[0]) and not (kind[1] and other_kind[1]):
                # Whatever stays makes a pair, so the time goes with the pairs.
                under_way[other_kind] = [other for other in under_way[other_kind] if other.end > one.start]
                yield from ((other, one) for other in under_way[other_kind])
        under_way.setdefault(kind, []).append(one)


def _taken(event: CalendarItem, tz: tzinfo) -> _Taken:
    return _Taken(_moment(event.start, tz), _moment(event.end or event.start, tz), event.id, event)


def _soon(taken: Iterable[_Taken], now: datetime) -> list[_Taken]:
    """What is not over, and not too far ahead."""
    until = now + AHEAD
    return [one for one in taken if one.start < one.end and one.end > now and one.start < until]


@lru_cache(maxsize=16_384)
def _moment(text: str, tz: tzinfo) -> datetime:
    """A date is its midnight in the server's zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return datetime.combine(moment.date(), time(), tz).astimezone(UTC)
    return moment


def _conflict(source: str, one: _Taken, other: _Taken) -> Conflict:
    """Of a pair, the one that starts first in front."""
    start, end = other.start, min(one.end, other.end)
    return _told(source, (one.id, one.event.title), (other.id, other.event.title), start, end)


@lru_cache(maxsize=4 * MOST)  # all are worked out anew each minute, and few have changed
def _told(
    source: str, one: tuple[str, str], other: tuple[str, str], start: datetime, end: datetime
) -> Conflict:
    events = one[0], other[0]
    pair = hashlib.sha256("\0".join(events).encode()).hexdigest()[:24]
    return Conflict(
        id=f"{source}/{pair}" if source else pair,
        title=safe(f"{one[1]} and {other[1]}"),
        events=events,
        start=format_instant(start),
        end=format_instant(end),
    )


def _all_found(view: View, ctx: Context) -> Iterator[Conflict]:
    """Those of events that all see, and those of each private source's events with them and with each other.
    The latter are that source's, so that only those see them who see the source."""
    events: dict[str, list[CalendarItem]] = {"": []}
    for event in view.items(calendar.SECTION):
        owner = ctx.registry.owner(calendar.SECTION.name, event.id)
        events.setdefault(owner if owner in ctx.private else "", []).append(event)
    for source, its in events.items():
        public = events[""] if source else ()
        yield from found([*public, *its], ctx.now, ctx.settings.tz, source=source)


def _anew(view: View, ctx: Context) -> Ops:
    """The changes that bring the section in line with the calendar."""
    return _changes(
        {one.id: one for one in view.items(SECTION)}, {one.id: one for one in _all_found(view, ctx)}
    )


def _changes(before: Mapping[str, Conflict], now: Mapping[str, Conflict]) -> Ops:
    gone: Ops = [Drop(SECTION.name, id) for id in before.keys() - now.keys()]
    new = [Put(SECTION.name, one) for id, one in now.items() if _said(before.get(id)) != _said(one)]
    return gone + new


def _said(conflict: Conflict | None) -> tuple[object, ...] | None:
    return (
        None
        if conflict is None
        else (conflict.title, conflict.events, conflict.start, conflict.end, conflict.left_out)
    )


def _of_changed(view: View, changed: frozenset[str], ctx: Context) -> Ops | None:
    """As `_anew`, by a look at the changed events alone: what time alone changes waits for the next tick.
    None where some conflicts are not listed, or would not be."""
    listed = {one.id: one for one in view.items(SECTION)}
    if len(listed) >= MOST:
        return None
    now = {one.id: one for id in changed for one in _found_of(view, id, ctx)}
    if len(listed.keys() | now.keys()) >= MOST:
        return None
    return _changes({id: one for id, one in listed.items() if not changed.isdisjoint(one.events)}, now)


def _found_of(view: View, id: str, ctx: Context) -> Iterator[Conflict]:
    """The conflicts of one event."""
    event, tz = view.get(calendar.SECTION, id), ctx.settings.tz
    if event is None or event.end is None or not is_attended(event):
        return
    for one in _soon([_taken(event, tz)], ctx.now):
        near = [_taken(other, tz) for other in _near(one, view.items(calendar.SECTION)) if other.id != id]
        for other in _soon(near, ctx.now):
            source = _whose(event, other.event, ctx)
            both_all_day = event.all_day and other.event.all_day
            if other.start < one.end and one.start < other.end and not both_all_day and source is not None:
                yield _conflict(source, *sorted((one, other)))


def _near(one: _Taken, events: Iterable[CalendarItem]) -> Iterator[CalendarItem]:
    """The attended events that may overlap, by their texts to the second, which is quick; a date may begin
    almost a day before or after its own in UTC."""
    first, last = (format_instant(moment)[:19] for moment in (one.start, one.end))
    last += "~"  # comes after any fraction and Z
    first_day, last_day = (format_instant(moment)[:10] for moment in (one.start - DAY, one.end + DAY))
    for event in events:
        begins, ends = (first_day, last_day) if event.all_day else (first, last)
        if event.start <= ends and (event.end or "") >= begins and is_attended(event):
            yield event


def _whose(one: CalendarItem, other: CalendarItem, ctx: Context) -> str | None:
    """The private source that the conflict of two events is told by, "" if all see it; None where nobody may
    see both."""
    owners = {ctx.registry.owner(calendar.SECTION.name, event.id) for event in (one, other)} & ctx.private
    return None if len(owners) > 1 else next(iter(owners), "")


def _follow(before: View, after: View, changed: Changed, ctx: Context) -> Ops:
    events = ((id, before.get(calendar.SECTION, id), after.get(calendar.SECTION, id)) for _, id in changed)
    ids = frozenset(id for id, was, now in events if _matters(was, now))
    ops = _of_changed(after, ids, ctx) if len(ids) <= ONE_BY_ONE else None
    return _anew(after, ctx) if ops is None else ops


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
    tick=_anew,
    tick_every_s=60.0,
    follow=_follow,
    follows=frozenset({"calendar"}),
)
FAMILY = Family("conflicts", SECTION)
