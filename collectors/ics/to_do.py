"""The to-dos of calendars (VTODO) into items of the `priorities` section: pure.

A to-do is known by its UID, whatever else of it changes. What is done is told for as long as events are, what
is cancelled is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypedDict

from icalendar import Event

from collectors.accounts import SKIPPED, Account
from collectors.ics import details
from collectors.ics.component import Component, Setting
from collectors.ics.event import NAMELESS, properties, said
from collectors.ics.item import (
    DESCRIPTION_MAX,
    NO_TITLE,
    TITLE_MAX,
    description,
    first,
    hashed,
    rfc3339,
    sound_uid,
    web_url,
)
from collectors.ics.lasting import Lasting
from collectors.ics.moments import Moment, instant, is_day
from collectors.ics.recurrence import Window
from collectors.ics.text import Block, UnreadableCalendar
from collectors.ics.times import NAMES, Times, read_due, read_instant
from collectors.ics.versions import OLDER
from collectors.remarks import why_not
from collectors.texts import fitted, one_line, shown
from collectors.types import Finding, Kind
from models.links import without_meetings
from models.priorities import GivenPriority

TO_DOS_MAX = 5_000  # nobody works through more
DONE, CANCELLED, SINGLE = "done before these days", "cancelled", "single occurrences of a to-do that recurs"
_TIMES = NAMES | {"DUE", "COMPLETED"}
_DONE, _OPEN = ("COMPLETED",), ("NEEDS-ACTION", "IN-PROCESS")


class ToDo(TypedDict):
    """An item as `priorities:put` takes it, and whether its owner wants it to be seen."""

    id: str
    title: str
    description: str | None
    urgency: str
    due_date: str | None
    status: str
    url: str | None
    private: bool


@dataclass
class ToDos:
    """Gathers the to-dos of one source; `account` and `findings` say what became of them, `lasting` for how
    long."""

    window: Window
    findings: list[Finding]
    account: Account
    lasting: Lasting
    _by_uid: dict[str, list[Component]] = field(default_factory=dict)
    _blocks: dict[int, Block] = field(default_factory=dict)

    def add(self, block: Block, where: str, setting: Setting) -> None:
        """Takes in one; a damaged one is named, and spared on the board."""
        self.account.see()
        uid = block.value("UID")
        where = f"{where} {shown(uid)}" if uid else where
        try:
            event, odd = properties(block, where, _TIMES)
            component = Component(event, uid or f"{NAMELESS}#{_known_by(event)}", where, setting, Times())
            _ = component.version  # of no use when that cannot be told
        except Exception as error:  # noqa: BLE001 - the parsers raise anything for values that they cannot use
            self._skip(where, said(error), uid or NAMELESS)
            return
        self.findings += odd
        if block.value("RECURRENCE-ID"):
            self.account.leave(SINGLE)
            return
        self._by_uid.setdefault(component.uid, []).append(component)
        self._blocks[id(component)] = block

    def read(self) -> list[ToDo]:
        """Those that count. Errors: UnreadableCalendar when they are more than the board takes."""
        found: list[ToDo] = []
        for versions in self._by_uid.values():
            newest = max(versions, key=lambda one: (*one.version, one.cancelled))
            self.account.leave(OLDER, len(versions) - 1)
            found += self._read(newest)
            if len(found) > TO_DOS_MAX:
                raise UnreadableCalendar(f"there are more than {TO_DOS_MAX:,} to-dos")
        return found

    def _read(self, component: Component) -> Sequence[ToDo]:
        block, setting = self._blocks[id(component)], component.setting
        if component.cancelled:
            self.account.leave(CANCELLED)
            return []
        done_at = read_instant("COMPLETED", block.lines, setting.zones, setting.local)
        is_done = _is_done(component.event, done_at)
        if is_done and (done_at or _changed_at(component.event)) < self.window.start.astimezone(UTC):
            self.account.leave(DONE)
            return []
        if is_done:
            self.lasting.for_today()
        due, lost = read_due(block.lines, setting.zones, setting.local)
        self.findings += [
            Finding(Kind.NOTE, component.where, f"{why}, and it has no due date") for why in lost
        ]
        try:
            to_do = _to_do(component, None if due is None else due.moment, is_done=is_done)
            _given(to_do)
        except (ValueError, OverflowError) as error:
            self._skip(component.where, why_not(error), component.uid)
            return []
        self.account.take()
        return [to_do]

    def _skip(self, where: str, why: str, uid: str) -> None:
        self.findings.append(Finding(Kind.SKIPPED, where, why, spares=sound_uid(uid)))
        self.account.leave(SKIPPED)


def told(
    to_dos: Iterable[ToDo], account: Account, *, private: bool = True
) -> Iterator[GivenPriority | Account]:
    """The items, with or without the `private` ones, and what became of all."""
    for to_do in to_dos:
        if to_do["private"] and not private:
            account.give_back("private")
        else:
            yield _given(to_do)
    if account.seen:
        yield account


def _given(to_do: ToDo) -> GivenPriority:
    """Errors: ValueError."""
    return GivenPriority.model_validate({name: value for name, value in to_do.items() if name != "private"})


def _to_do(component: Component, due: Moment | None, *, is_done: bool) -> ToDo:
    """Errors: ValueError, OverflowError for a due date that the board does not take."""
    event = component.event
    title = one_line(first(event, "SUMMARY")) or one_line(first(event, "DESCRIPTION"))
    text = without_meetings(description(event))
    when = None
    if due is not None:
        when = due.isoformat() if is_day(due) else rfc3339(instant(due, component.setting.local))
    return {
        "id": sound_uid(component.uid),
        "title": fitted(without_meetings(title) or NO_TITLE, TITLE_MAX),
        "description": fitted(text, DESCRIPTION_MAX) or None,
        "urgency": _urgency(event),
        "due_date": when,
        "status": "done" if is_done else "open",
        "url": web_url(event),
        "private": details.is_private(event),
    }


def _urgency(event: Event) -> str:
    """RFC 5545, 3.8.1.9: 1 to 4 are high, 5 is medium, 6 to 9 are low, and 0 says nothing."""
    found = re.fullmatch(r"\s*([1-9])\s*", first(event, "PRIORITY"))
    number = int(found[1]) if found else 5
    return "high" if number < 5 else "medium" if number == 5 else "low"


def _is_done(event: Event, done_at: datetime | None) -> bool:
    stated = first(event, "STATUS").strip().upper()
    if stated in (*_DONE, *_OPEN):
        return stated in _DONE
    return done_at is not None or first(event, "PERCENT-COMPLETE").strip() == "100"


def _changed_at(event: Event) -> datetime:
    """When it was last changed; long ago where nothing says so."""
    for name in ("LAST-MODIFIED", "DTSTAMP"):
        moment = getattr(event.get(name), "dt", None)
        if isinstance(moment, datetime):
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.min.replace(tzinfo=UTC) + timedelta(days=1)


def _known_by(event: Event) -> str:
    """A to-do without a UID is known by its title; all else may change."""
    return hashed(first(event, "SUMMARY") or first(event, "DESCRIPTION"))
