"""What people decided on the board, into the account: to-dos done, renamed or moved, invitations answered.

A field is written if a person decided it and the account still says what the board has as the source's value.
If both have changed, the account's word counts, and a remark says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urljoin

from caldav.lib.error import DAVError
from icalendar import Calendar
from icalendar.prop import vCalAddress

from collectors.actions.mine import Me
from collectors.caldav.known import Known
from collectors.ics.item import sound_uid
from collectors.texts import shown
from collectors.types import Finding, Kind

_TO_DO, _EVENT = ("title", "due_date", "status"), ("answer",)
_STATES = {"open": "NEEDS-ACTION", "done": "COMPLETED"}
_ANSWERS = {"accepted": "ACCEPTED", "tentative": "TENTATIVE", "declined": "DECLINED"}
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
    me: Me
    written: int = 0
    _now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def write(self, items: Mapping[str, Sequence[Values]]) -> Iterator[Finding]:
        """Remarks on what could not be written. Errors: those of the library."""
        for section, fields, kind in (("priorities", _TO_DO, "VTODO"), ("calendar", _EVENT, "VEVENT")):
            for one in decisions(items.get(section, ()), self.source, fields):
                yield from self._decide(one, self.known.item(section, one.id), kind)

    def _decide(self, one: Decision, now: Values | None, kind: str) -> Iterator[Finding]:
        if now is None:
            return  # it is gone, and so will the item be
        changed = [name for name in one.wanted if now.get(name) != one.before[name]]
        lost = [name for name in changed if now.get(name) != one.wanted[name]]
        for name in lost:
            self.known.set_note(f"lost {one.id} {name}", repr(one.wanted[name]))
        if lost:
            yield _note(one, f"its {', '.join(lost)} changed here and in the account: what is there counts")
        wanted = {
            name: value
            for name, value in one.wanted.items()
            if name not in changed and self.known.note(f"lost {one.id} {name}") != repr(value)
        }
        if wanted and (why := self._put(one, wanted, kind)):
            yield _note(one, f"it was not written to the account: {why}")

    def _put(self, one: Decision, wanted: Values, kind: str) -> str:
        """Why it was not written, "" if it was."""
        found = self._found(one, kind)
        if found is None:
            return "it recurs, or is in an object with others"
        url, data = found
        response = self.client.request(url)
        tag = str(response.headers.get("ETag") or response.headers.get("etag") or "")
        if response.status != 200 or not tag:
            return "the server gives no ETag for it" if response.status == 200 else "it is not there any more"
        whole: Any = Calendar.from_ical(response.raw)
        component = next(iter(_those_of(whole, kind, one.id)), None)
        if component is None or _plain(response.raw) != _plain(data):
            return "it changed in the account a moment ago; what is there is read first"
        if why := self._change(component, wanted):
            return why
        headers = {"If-Match": tag, "Content-Type": "text/calendar; charset=utf-8"}
        try:
            status = self.client.request(url, "PUT", whole.to_ical().decode(), headers).status
        except DAVError as error:
            return f"the server refuses it ({type(error).__name__})"
        if status == 412:
            return "it changed in the account a moment ago, and what is there counts"
        if status not in (200, 201, 204):
            return f"the server refuses it ({status})"
        self.written += 1
        return ""

    def _found(self, one: Decision, kind: str) -> tuple[str, bytes] | None:
        """The address and the data of the object that has it, alone and once."""
        for place, data in self.known.objects_of(lambda uid: sound_uid(uid) == one.id):
            url = urljoin(place.calendar, place.url)
            try:
                parts = _those_of(Calendar.from_ical(data), kind, one.id)
            except (ValueError, KeyError):
                continue
            if parts:
                alone = len(parts) == 1 and "RRULE" not in parts[0] and "RDATE" not in parts[0]
                return (url, data) if alone else None
        return None

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
                    return f"the account has no word for {value!r}"
                case "answer":
                    if value not in _ANSWERS or not self._answer(component, _ANSWERS[str(value)]):
                        return "the person the board is for is not among those invited (--me)"
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
                if self.me.is_meant(f"{one.params.get('CN', '')} <{address}>"):
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
    return Finding(Kind.SKIPPED, shown(one.title, 100), why, spares=one.id)


def _those_of(whole: Any, kind: str, id: str) -> list[Any]:
    return [part for part in whole.walk(kind) if sound_uid(str(part.get("UID", ""))) == id]


def _plain(data: bytes | str) -> bytes:
    """What it says, however the server folds and orders its lines, and without the DTSTAMP that the library
    adds where there is none. Errors: ValueError."""
    whole: Any = Calendar.from_ical(data)
    for part in whole.walk():
        part.pop("DTSTAMP", None)
    said: bytes = whole.to_ical(sorted=True)
    return said
