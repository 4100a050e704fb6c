"""The calendar: events put by calendar sources and by people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from handlers import notices
from models.base import is_day
from models.calendar import CalendarItem, CalendarState, EditEvent, GivenEvent, PutEvents, Was
from sio_server.registry.encoding import fields_of
from sio_server.registry.items import ItemRules
from sio_server.registry.ops import Ops, Put
from sio_server.registry.order import SortKey
from sio_server.registry.registry import Context, Family, Section, View

MANY_ATTENDEES = 5  # an event with this many counts as important


def _is_important(item: CalendarItem, words: frozenset[str]) -> bool:
    """The server's rule, if neither the source nor a person decides."""
    if len(item.attendees) >= MANY_ATTENDEES:
        return True
    return not words.isdisjoint(re.findall(r"\w+", item.title.casefold()))


def _finalize(item: CalendarItem, stated: Mapping[str, Any], ctx: Context) -> CalendarItem:
    by_rule = item.important is None if "important" in stated else item.important_by_rule
    important = _is_important(item, ctx.settings.important_words) if by_rule else item.important
    settled = {
        "all_day": is_day(item.start),
        "important": important,
        "important_by_rule": by_rule,
    }
    return item.model_copy(update=settled)


def _succeed(before: CalendarItem, after: CalendarItem) -> CalendarItem:
    """Notes the original time of a moved event; nothing once it is back there."""
    if before.start == after.start:
        return after
    was = before.moved_from or Was(start=before.start, end=before.end)
    return after.model_copy(update={"moved_from": None if was.start == after.start else was})


def _judge_again(view: View, ctx: Context) -> Ops:
    """Updates `important` to the settings, which may have changed at a restart."""
    return [
        Put(SECTION.name, _finalize(item, {}, ctx))
        for item in view.items(SECTION)
        if item.important_by_rule and _is_important(item, ctx.settings.important_words) != item.important
    ]


_TIME = frozenset({"rev", "code", "start", "end", "all_day", "status", "answer", "busy"})
_BUSY = fields_of(CalendarItem(id="", title="Busy", start="", private=True))


def _outline(fields: dict[str, Any]) -> dict[str, Any]:
    """The time that a private event takes, or what changes in that; the whole event has an id and a start."""
    whole = _BUSY if "start" in fields and "id" in fields else {}
    return whole | {name: value for name, value in fields.items() if name in _TIME}


SECTION = Section(
    "calendar",
    CalendarItem,
    noun="event",
    prefix="C",
    order=(SortKey("start"), SortKey("end")),
    adds={},  # an event needs a time
    shape=CalendarState,
    place=lambda items: {"calendar": [json for _, json in items]},
    shown=lambda item: (item.title, item.start, item.description),
    names=("attendees",),
    begins="start",
    tick=_judge_again,
    outline=_outline,
    notices=notices.soon,
)
FAMILY = Family("calendar", SECTION)
CALENDAR = ItemRules(
    SECTION, GivenEvent, _finalize, derived=frozenset({"all_day", "important"}), succeed=_succeed
)
CALENDAR.declare(FAMILY, PutEvents, EditEvent)
