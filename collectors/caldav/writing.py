"""What people decided on the board, into the account: to-dos done, renamed or moved, invitations answered.

A field is written if a person decided it and the account still says what the board has as the source's value.
If both have changed, the account's word counts, and a remark says so for as long as the two differ.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

from caldav.lib.error import DAVError, RateLimitError
from icalendar import Calendar
from icalendar.prop import vCalAddress

from collectors.caldav.known import Known
from collectors.caldav.occurrence import changes_only, components, exception
from collectors.ics.item import sound_uid
from collectors.ics.keeping import Days
from collectors.texts import shown
from collectors.types import Finding, Kind

_TO_DO, _EVENT = ("title", "due_date", "status"), ("answer",)
_STATES = {"open": "NEEDS-ACTION", "done": "COMPLETED"}
_ANSWERS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
_WORDS = {"title": "title", "due_date": "due date", "status": "state", "answer": "answer"}
_RECURRING = ("RRULE", "RDATE", "RECURRENCE-ID")
_LOST, _NEVER = "lost", object()
_DATE_CHARS = 10
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """Fields of the item `id` (the source's own), as the person decided them, and as the source had said."""

    id: str
    title: str
    wanted: Values
    before: Values


def decisions(items: Sequence[Values], source: str, fields: Sequence[str]) -> Iterator[Decision]:
    """Of the source's items on the board, those of which a person decided otherwise than the source says."""
    for item in items:
        owner, _, own = str(item["id"]).partition("/")
        said = item.get("source_values") or {}
        differ = [
            name
            for name in fields
            if name in item.get("held", ()) and name in said and item.get(name) != said[name]
        ]
        if owner == source and differ:
            wanted = {name: item.get(name) for name in differ}
            yield Decision(own, str(item["title"]), wanted, {name: said[name] for name in differ})


@dataclass
class Writer:
    """Of one run. `written` counts the objects that were changed in the account."""

    client: Any
    known: Known
    source: str
    days: Days
    written: int = 0
    _now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def write(self, items: Mapping[str, Sequence[Values]]) -> Iterator[Finding]:
        """Remarks on what could not be written. Errors: those of the library."""
        before, lost = json.loads(self.known.note(_LOST) or "{}"), dict[str, Any]()
        for section, fields, kind in (("priorities", _TO_DO, "VTODO"), ("calendar", _EVENT, "VEVENT")):
            for one in decisions(items.get(section, ()), self.source, fields):
                if (now := self.known.item(section, one.id)) is None:
                    continue  # it is gone, and so will the item be
                names = {name: f"{one.id} {name}" for name in one.wanted}
                lost |= {
                    names[name]: value
                    for name, value in one.wanted.items()
                    if before.get(names[name], _NEVER) == value or _has_changed(one, name, now)
                }
                yield from self._decide(one, {name for name in names if names[name] in lost}, now, kind)
        self.known.set_note(_LOST, json.dumps(lost))

    def _decide(self, one: Decision, lost: set[str], now: Values, kind: str) -> Iterator[Finding]:
        if lost:
            words = ", ".join(_WORDS[name] for name in sorted(lost))
            yield _note(one, f"was changed in the calendar meanwhile: the calendar's version stays ({words})")
        wanted = {
            name: value
            for name, value in one.wanted.items()
            if name not in lost and now.get(name) == one.before[name]
        }
        if wanted and (why := self._put(one, wanted, kind)):
            yield _note(one, why)

    def _put(self, one: Decision, wanted: Values, kind: str) -> str:
        """Why it was not written, "" if it was."""
        found = next(self._found(one, kind), None)
        if found is None:
            return "is not written to the calendar: it recurs, or is there more than once"
        url, data = found
        response = self.client.request(url)
        tag = str(response.headers.get("ETag") or response.headers.get("etag") or "")
        if response.status != 200:
            return "is not in the calendar any more"
        if not tag:
            return "is not written to the calendar: its server does not tell versions apart (ETag)"
        if _plain(response.raw) != _plain(data):
            return "was changed in the calendar a moment ago: that is read first"
        whole: Any = Calendar.from_ical(response.raw)
        component: Any = _component(whole, kind, one.id)
        if why := self._change(component, wanted):
            return why
        changed = whole.to_ical()
        if "RECURRENCE-ID" in component and not asyncio.run(
            changes_only(one.id, wanted.get("answer"), data, changed, self.days)
        ):
            return "is not written to the calendar: it cannot be changed without the other occurrences"
        return self._sent(url, changed, tag)

    def _sent(self, url: str, changed: bytes, tag: str) -> str:
        """Why it was not written, "" if it was."""
        headers = {"If-Match": tag, "Content-Type": "text/calendar; charset=utf-8"}
        try:
            status = self.client.request(url, "PUT", changed.decode(), headers).status
        except RateLimitError:
            raise
        except DAVError as error:
            why = shown(str(error.reason or ""), 200) or "it does not say why"
            return f"is not written to the calendar: its server refuses that ({why})"
        if status == HTTPStatus.PRECONDITION_FAILED:
            return "was changed in the calendar meanwhile: the calendar's version stays"
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
            return f"is not written to the calendar: its server refuses that ({status})"
        self.written += 1
        return ""

    def _found(self, one: Decision, kind: str) -> Iterator[tuple[str, bytes]]:
        """The addresses and the data of objects in which it can be changed."""
        uids = (one.id, one.id.rpartition("#")[0])
        for place, data in self.known.objects_of(lambda uid: sound_uid(uid) in uids):
            try:
                if _component(Calendar.from_ical(data), kind, one.id) is not None:
                    yield urljoin(place.calendar, place.url), data
            except (ValueError, KeyError):
                continue

    def _change(self, component: Any, wanted: Values) -> str:
        """Why it cannot be changed so, "" if it is."""
        for name, value in wanted.items():
            match name:
                case "title":
                    _set(component, "SUMMARY", str(value))
                case "due_date":
                    _set_due(component, value)
                case "status" if value in _STATES:
                    self._set_status(component, str(value))
                case "status":
                    return f"is not written to the calendar: a to-do there cannot be {value}"
                case "answer":
                    if value not in _ANSWERS or not self._answer(component, _ANSWERS[str(value)]):
                        return "is not answered in the calendar: nobody of those invited is you (--me)"
        sequence = component.get("SEQUENCE", 0)
        if "answer" not in wanted:  # that is the organiser's to count
            _set(component, "SEQUENCE", int(sequence) + 1)
        for stamp in ("LAST-MODIFIED", "DTSTAMP"):
            _set(component, stamp, self._now)
        return ""

    def _set_status(self, component: Any, value: str) -> None:
        _set(component, "STATUS", _STATES[value])
        for name in ("COMPLETED", "PERCENT-COMPLETE"):
            component.pop(name, None)
        if value == "done":
            component.add("COMPLETED", self._now)
            component.add("PERCENT-COMPLETE", 100)

    def _answer(self, component: Any, value: str) -> bool:
        found = component.get("ATTENDEE", [])
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, vCalAddress):
                address = str(one).partition(":")[2] or str(one)
                if self.days.me.is_meant(f"{one.params.get('CN', '')} <{address}>"):
                    one.params["PARTSTAT"] = value
                    one.params.pop("RSVP", None)
                    return True
        return False


def _set(component: Any, name: str, value: object) -> None:
    component.pop(name, None)
    component.add(name, value)


def _set_due(component: Any, value: object) -> None:
    """A day, or an instant in UTC; of a length from a start nothing is left."""
    component.pop("DURATION", None)
    component.pop("DUE", None)
    if isinstance(value, str):
        day = len(value) == _DATE_CHARS
        start = getattr(component.get("DTSTART"), "dt", None)
        if start is not None and isinstance(start, datetime) == day:
            component.pop("DTSTART")  # RFC 5545: both are days, or both are times
        component.add(
            "DUE", date.fromisoformat(value) if day else datetime.fromisoformat(value).astimezone(UTC)
        )


def _note(one: Decision, why: str) -> Finding:
    return Finding(Kind.NOT_WRITTEN, "", f"“{shown(one.title, 100)}” {why}")


def _has_changed(one: Decision, name: str, now: Values) -> bool:
    """Whether the account has a new value that is not the person's."""
    return now.get(name) not in (one.before[name], one.wanted[name])


def _component(whole: Any, kind: str, id: str) -> Any | None:
    """What the object says of the item alone."""
    match components(whole, kind, id):
        case []:
            uid, _, place = id.rpartition("#")
            return exception(whole, uid, place) if kind == "VEVENT" else None
        case [one] if not any(name in one for name in _RECURRING):
            return one
        case _:
            return None


def _plain(data: bytes | str) -> bytes:
    """What it says, however the server folds and orders its lines, and without the DTSTAMP that the library
    adds where there is none. Errors: ValueError."""
    whole: Any = Calendar.from_ical(data)
    for part in whole.walk():
        part.pop("DTSTAMP", None)
    said: bytes = whole.to_ical(sorted=True)
    return said
