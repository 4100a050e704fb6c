"""One occurrence of an event that recurs, as a component of its own in the object (RFC 5545, RECURRENCE-ID).

Pure, but for the reader, which has a process of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from typing import Any

from icalendar.prop import vDDDTypes

from collectors.ics.confined import read_parts
from collectors.ics.file import Octets, Reading
from collectors.ics.item import answer_of, sound_uid
from collectors.ics.keeping import Days
from collectors.ics.moments import Moment, wall

_OF_THE_SERIES = ("RRULE", "RDATE", "EXDATE", "EXRULE")


def components(whole: Any, kind: str, uid: str) -> list[Any]:
    """Those of the object that have this UID, as the ids of items spell it."""
    return [part for part in whole.walk(kind) if sound_uid(str(part.get("UID", ""))) == uid]


def exception(whole: Any, uid: str, place: str) -> Any | None:
    """The component for the occurrence `uid#place` (ics.ids) alone: the one that is there, else a new one
    that says what the series says. None if that cannot be told."""
    found = components(whole, "VEVENT", uid)
    series = [part for part in found if "RECURRENCE-ID" not in part]
    try:
        for part in found:
            stated = part.get("RECURRENCE-ID")
            if stated is not None and stated.dt == _moment(place, stated.dt):
                return part
        if len(series) == 1 and "DTSTART" in series[0]:
            return _new(whole, series[0], _moment(place, series[0]["DTSTART"].dt))
    except (ValueError, TypeError, AttributeError):  # it is written in another way, or is there twice
        pass
    return None


async def changes_only(id: str, answer: object, before: bytes, after: bytes, days: Days) -> bool:
    """Whether the object as it is to be differs, for its reader, in the answer to this occurrence alone."""
    parts = [[Octets("calendar", data, "utf-8")] for data in (before, after)]
    was, will_be = (dict(_said(reading, days)) for reading in await read_parts(parts, days.window(), days.tz))
    return id in was and will_be == was | {id: (was[id][0], answer)}


def _said(reading: Reading, days: Days) -> Iterator[tuple[str, tuple[dict[str, Any], object]]]:
    """What each occurrence says, and the answer to it."""
    for item in reading.items:
        others = [one for one in item["answers"] if not days.me.is_meant(one["attendee"])]
        values = {name: value for name, value in item.items() if name != "formerly"} | {"answers": others}
        yield item["id"], (values, answer_of(item, days.me.is_meant))


def _moment(place: str, like: Moment) -> Moment:
    """The place of an occurrence, written as another moment is. Errors: ValueError."""
    if not isinstance(like, datetime):
        return date.fromisoformat(place)
    at = datetime.fromisoformat(place)
    if (at.tzinfo is None) != (like.tzinfo is None):
        raise ValueError("one of the two has no zone")
    return at.astimezone(like.tzinfo) if at.tzinfo else at


def _new(whole: Any, series: Any, at: Moment) -> Any:
    one = deepcopy(series)
    for name in _OF_THE_SERIES:
        one.pop(name, None)
    start, end = series["DTSTART"], series.get("DTEND")
    for name in ("RECURRENCE-ID", "DTSTART"):
        one[name] = _written(at, start)
    if end is not None:
        one["DTEND"] = _written(_moved(end.dt, start.dt, at), end)
    whole.add_component(one)
    return one


def _moved(end: Any, start: Any, at: Any) -> Any:
    """The end of an occurrence that begins at `at`, by the clock on the wall (decision 34).

    Errors: TypeError, of a day beside a time.
    """
    if not all(isinstance(one, datetime) for one in (end, start, at)):
        return at + (end - start)
    here = end.astimezone(start.tzinfo) if start.tzinfo else end
    moved = at + (wall(here) - wall(start))
    return moved.astimezone(end.tzinfo) if end.tzinfo else moved


def _written(moment: Moment, like: Any) -> Any:
    """With the parameters (the zone's name, whether it is a day) of another time of the event."""
    found = vDDDTypes(moment)
    found.params = deepcopy(like.params)
    return found
