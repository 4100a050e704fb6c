"""What people decided on the board, into the account: to-dos done, renamed or moved, invitations answered.

A field is written if a person decided it and the account still says what the board has as the source's value.
If both have changed, the account's word counts, and a remark says so for a day.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

from caldav.lib.error import DAVError, RateLimitError
from icalendar import Calendar
from icalendar.prop import vCalAddress

from collectors.caldav.deciding import ANSWERS, FIELDS, STATES, Decided, Fate, Values, decided
from collectors.caldav.known import Known
from collectors.caldav.occurrence import changes_only, components, exception
from collectors.ics.item import sound_uid
from collectors.ics.keeping import Days, Settled
from collectors.texts import shown
from collectors.types import Finding, Kind

_WORDS = {"title": "title", "due_date": "due date", "status": "state", "answer": "answer"}
_RECURRING = ("RRULE", "RDATE", "RECURRENCE-ID")
_LOST, _WRITTEN = "lost decisions", "written decisions"
_SAID_FOR_S = 86_400.0  # so that whoever looks once a day reads it
_DATE_CHARS = 10
_STAYS = "was changed in the calendar meanwhile: the calendar's version stays"
_AGAIN = "was changed in the calendar a moment ago: that is read first"


@dataclass
class Writer:
    """Of one run. `changed` counts the objects that were changed in the account.

    Noted down are the decisions that were lost, for as long as people are told, and those that were written:
    before they are, with the version (ETag) that they replace, so that a run that is killed right then
    writes none a second time.
    """

    client: Any
    known: Known
    days: Days
    changed: int = 0
    _now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    _seen: Sequence[Decided] = ()
    _lost_now: set[str] = field(default_factory=set)
    _sent_now: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._lost: dict[str, Any] = json.loads(self.known.note(_LOST) or "{}")
        self._written: dict[str, Any] = json.loads(self.known.note(_WRITTEN) or "{}")

    def write(self, items: Mapping[str, Sequence[Values]], source: str) -> Iterator[Finding]:
        """Remarks on what could not be written. Errors: those of the library."""
        found = decided(items, source)
        # Of what is gone in the account, the item goes too.
        self._seen = [one for one in found if self.known.item(one.section, one.id) is not None]
        there = {one.key(name): said for one in self._seen for name, said in one.said.items()}
        self._written = {
            key: row for key, row in self._written.items() if there.get(key, self) == row["said"]
        }
        for one in self._seen:
            if why := self._decide(one):
                yield _note(one.title, why)
        yield from self._remarks()
        self._note_down()

    def settled(self) -> Settled:
        """What the board need not keep as people's any more, once what was written was read again."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self._seen:
            if (now := self.known.item(one.section, one.id)) is None:
                continue
            for name in one.wanted:
                fate = self._fate(one, name, now)
                if fate is Fate.LOST and one.key(name) not in self._sent_now:
                    self._lose(one, name)
                is_over = fate is not Fate.WRITE or one.key(name) in self._lost_now
                if is_over and (values := one.settled(name, now.get(name))):
                    found.setdefault((one.section, one.id), {}).update(values)
        self._note_down()
        return found

    def _fate(self, one: Decided, name: str, now: Values) -> Fate:
        written = self._written.get(one.key(name), {"value": one.said[name]})["value"]
        return one.fate(name, now.get(name), written)

    def _decide(self, one: Decided) -> str:
        """Why some of it is not written, "" if nothing stands against it."""
        now, wanted = self.known.item(one.section, one.id) or {}, dict[str, Any]()
        for name, value in one.wanted.items():
            fate = self._fate(one, name, now)
            if fate is Fate.LOST:
                self._lose(one, name)
            elif fate is Fate.WRITE:
                wanted[name] = value
        odd = "" if wanted.get("status", "open") in STATES else wanted.pop("status")
        why = self._put(one, wanted) if wanted else ""
        return why or (f"is not written to the calendar: a to-do there cannot be {odd}" if odd else "")

    def _lose(self, one: Decided, name: str) -> None:
        """The account's word counts, of which people are told for a while."""
        words = "title" if name == "title" else f"{_WORDS[name]} {one.wanted[name] or 'none'}"
        row = {"until_s": time.time() + _SAID_FOR_S, "title": one.title, "words": words}
        self._lost[one.key(name)] = row
        self._lost_now.add(one.key(name))

    def _remarks(self) -> Iterator[Finding]:
        now_s, words = time.time(), dict[tuple[str, str], list[str]]()
        for key, row in [*self._lost.items()]:
            if now_s < row["until_s"] <= now_s + _SAID_FOR_S:
                words.setdefault((key.rpartition(" ")[0], row["title"]), []).append(row["words"])
            else:
                del self._lost[key]
        for (_, title), lost in words.items():
            yield _note(title, f"{_STAYS} ({', '.join(sorted(lost))})")

    def _note_down(self) -> None:
        self.known.set_note(_LOST, json.dumps(self._lost))
        self.known.set_note(_WRITTEN, json.dumps(self._written))

    def _put(self, one: Decided, wanted: dict[str, Any]) -> str:
        """Why it was not written, "" if it was."""
        kind, _ = FIELDS[one.section]
        found = next(self._found(one, kind), None)
        if found is None:
            return "is not written to the calendar: it recurs, or is there more than once"
        url, data = found
        response = self.client.request(url)
        tag = str(response.headers.get("ETag") or response.headers.get("etag") or "")
        if response.status != HTTPStatus.OK:
            return "is not in the calendar any more"
        if not tag:
            return "is not written to the calendar: its server does not tell versions apart (ETag)"
        if _plain(response.raw) != _plain(data):
            return _AGAIN
        for name in [name for name in wanted if self._was_put_back(one, name, tag)]:
            del wanted[name]
            self._lose(one, name)
        if not wanted:
            return ""
        whole: Any = Calendar.from_ical(response.raw)
        component: Any = _component(whole, kind, one.id)
        if why := self._change(component, wanted):
            return why
        changed = whole.to_ical()
        if "RECURRENCE-ID" in component and not asyncio.run(
            changes_only(one.id, wanted.get("answer"), data, changed, self.days)
        ):
            return "is not written to the calendar: it cannot be changed without the other occurrences"
        before = {key: self._written.get(key) for key in map(one.key, wanted)}
        self._written |= {
            one.key(name): {"value": value, "over": tag, "said": one.said[name]}
            for name, value in wanted.items()
        }
        self._note_down()
        if why := self._sent(url, changed, tag):
            self._written = {key: before.get(key, row) for key, row in self._written.items()}
            self._written = {key: row for key, row in self._written.items() if row}
            return why
        for key in map(one.key, wanted):
            self._sent_now.add(key)
            self._lost.pop(key, None)  # whoever decides again knows of it
        return ""

    def _was_put_back(self, one: Decided, name: str, tag: str) -> bool:
        """Whether just this was written, and the account has a newer version without it."""
        row = self._written.get(one.key(name))
        return row is not None and row["value"] == one.wanted[name] and row["over"] != tag

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
            return _AGAIN
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
            return f"is not written to the calendar: its server refuses that ({status})"
        self.changed += 1
        return ""

    def _found(self, one: Decided, kind: str) -> Iterator[tuple[str, bytes]]:
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
                case "status":
                    self._set_status(component, str(value))
                case "answer":
                    if value not in ANSWERS or not self._answer(component, ANSWERS[str(value)]):
                        return "is not answered in the calendar: nobody of those invited is you (--me)"
        sequence = component.get("SEQUENCE", 0)
        if "answer" not in wanted:  # that is the organiser's to count
            _set(component, "SEQUENCE", int(sequence) + 1)
        for stamp in ("LAST-MODIFIED", "DTSTAMP"):
            _set(component, stamp, self._now)
        return ""

    def _set_status(self, component: Any, value: str) -> None:
        _set(component, "STATUS", STATES[value])
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


def _note(title: str, why: str) -> Finding:
    return Finding(Kind.NOT_WRITTEN, "", f"“{shown(title, 100)}” {why}")


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
