"""The ids of occurrences: the same in every run, whatever the person's time zone. Pure.

An id is the UID, or `UID#when` with the place that its rule first gave the occurrence: the date of an event
of whole days, the time in UTC, or for a time without a zone what the clock on the wall shows.
"""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.ics.component import Component
from collectors.ics.item import is_id, sound_uid
from collectors.ics.moments import Moment, basic, is_day, midnight
from collectors.ics.recurrence import Placed


def item_id(placed: Placed, *, alone: bool) -> str:
    """`alone`: nothing else has that UID."""
    uid = sound_uid(placed.component.uid)
    return uid if alone else f"{uid}#{_place(placed.component, placed.original)}"


def former_ids(placed: Placed, *, alone: bool) -> list[str]:
    """What the board may know it by: an event that began or ceased to recur, and what earlier versions
    said."""
    component, start = placed.component, placed.component.start
    uid = sound_uid(component.uid)
    place, first = _place(component, placed.original), _place(component, start)
    before = _former_place(placed)
    uids = [one for one in (uid, component.former_uid) if one]
    found = [f"{one}#{when}" for one in uids for when in (place, before)]
    if alone or place == first:
        found += [*uids, component.uid]
    own = item_id(placed, alone=alone)
    return [one for one in dict.fromkeys(found) if one != own and is_id(one)]


def _place(component: Component, original: Moment) -> str:
    stated = (component.series or component).stated.start
    if isinstance(original, datetime):
        if stated is not None and stated.is_day:
            return f"{original:%Y%m%d}"
        if stated is not None and stated.floating:
            return f"{original:%Y%m%dT%H%M%S}"
    return basic(original)


def _former_place(placed: Placed) -> str:
    """Where versions up to 2026 put it: by the clock of --tz, and of X-WR-TIMEZONE for times in UTC."""
    component, original = placed.component, placed.original
    start, own = component.stated.start, component.setting.own
    recurrence = component.stated.recurrence
    if recurrence is not None and not component.stated.onwards:
        return basic(recurrence.moment)
    if start is None or (start.is_day and is_day(original)):
        return basic(original)
    if is_day(original):  # a time that Outlook meant as a day
        clock = start.moment
        assert isinstance(clock, datetime)
        return basic(datetime.combine(original, clock.timetz()))
    assert isinstance(original, datetime)
    first, last = start.moment, component.stated.end
    if start.is_day:  # beside an end that is a time
        zone = last.moment.tzinfo if last is not None and isinstance(last.moment, datetime) else UTC
        return basic(midnight(original.date(), zone))
    if own is not None and isinstance(first, datetime) and first.tzinfo is UTC:
        then, now = first.astimezone(own).utcoffset(), original.astimezone(own).utcoffset()
        assert then is not None
        assert now is not None
        return basic(original - (now - then))
    return basic(original)
