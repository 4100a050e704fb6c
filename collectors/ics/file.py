"""The calendars of one source, octets to items of the board: pure, and nothing is left out without a word.

The steps: cut each file into components (text), gather those with one UID from all of them, parse them
(event), choose those that count (versions), expand them in the window (recurrence), and say each occurrence
in the board's words (item, ids).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import count

from collectors.accounts import SKIPPED, Account
from collectors.ics.component import Component, Setting
from collectors.ics.event import parse, said
from collectors.ics.ids import former_ids, item_id
from collectors.ics.item import Item, item, sound_uid
from collectors.ics.lasting import Lasting
from collectors.ics.moments import instant
from collectors.ics.recurrence import CAP, Placed, Window, occurrences
from collectors.ics.text import Block, CalendarText, UnreadableCalendar, cut
from collectors.ics.times import is_outside
from collectors.ics.to_do import ToDo, ToDos
from collectors.ics.versions import InForce, in_force, is_shared
from collectors.ics.zones import Zones
from collectors.remarks import why_not
from collectors.texts import counted, shown
from collectors.types import Finding, Kind
from models.calendar import GivenEvent

OCCURRENCES_MAX, TEXT_MAX = 50_000, 2**25  # the server's bounds for one source and one batch
OUTSIDE, CANCELLED, ANSWERS, TWICE = (
    "outside these days",
    "cancelled",
    "answers to invitations",
    "with the id of another",
)
Guard = Callable[[], AbstractContextManager[object]]

_TAKEN = "taken"
_ANSWERING = ("REPLY", "REFRESH", "COUNTER", "DECLINECOUNTER")


@dataclass(frozen=True)
class Octets:
    """A calendar as received: its name for people, the declared charset, a remark on the fetch."""

    name: str
    data: bytes
    charset: str | None = None
    remark: str = ""


@dataclass
class Reading:
    """What the calendars gave, and what became of files, VEVENTs and their occurrences in the window. Read
    again before `until_s` (seconds since 1970; None: ever), the same calendars would give the same, days that
    have passed aside."""

    items: list[Item] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    files: Account = field(default_factory=lambda: Account("file"))
    events: Account = field(default_factory=lambda: Account("event"))
    occurrences: Account = field(default_factory=lambda: Account("occurrence"))
    to_dos: list[ToDo] = field(default_factory=list)
    tasks: Account = field(default_factory=lambda: Account("to-do"))
    until_s: float | None = None


@dataclass(frozen=True)
class _Event:
    """An unparsed VEVENT, its place, and what is needed to parse it."""

    block: Block
    where: str
    setting: Setting


def read_calendars(files: Sequence[Octets], window: Window, guard: Guard = nullcontext) -> Reading:
    """The occurrences in the window of all events in the files, as one source's.

    `guard` is entered around what may take long for an event; what it raises is that event's fault.
    Errors: UnreadableCalendar when they hold more than the board takes.
    """
    reading = _Reader(window, guard)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' guesses about time zones; ours are findings
        for file in files:
            reading.open(file)
        return reading.read()


class _Reader:
    def __init__(self, window: Window, guard: Guard) -> None:
        self._window, self._guard = window, guard
        self._found = Reading()
        self._lasting = Lasting(window)
        self._to_dos = ToDos(window, self._found.findings, self._found.tasks, self._lasting)
        self._settings: list[tuple[str, Setting]] = []
        self._by_uid: dict[str, list[_Event]] = {}
        self._items: dict[str, Item] = {}
        self._text_length = 0

    def open(self, file: Octets) -> None:
        """Cuts the file into events, and groups them by UID."""
        self._found.files.see()
        try:
            found = cut(file.data, file.charset)
        except UnreadableCalendar as fault:
            self._remark(Kind.SKIPPED, file.name, str(fault))
            self._found.files.leave(SKIPPED)
            return
        self._found.files.take()
        for remark in filter(None, (file.remark, *found.remarks)):
            self._remark(Kind.NOTE, file.name, remark)
        if found.missing:
            self._remark(Kind.SKIPPED, file.name, f"{found.missing}; what is intact is used")
        numbers = count(1)
        for calendar in found.calendars:
            self._open_calendar(file.name, calendar, numbers)

    def read(self) -> Reading:
        """Processes everything that was gathered."""
        for events in self._by_uid.values():
            self._read_uid(events)
        for name, setting in self._settings:
            for remark in setting.zones.remarks():
                self._remark(Kind.NOTE, name, remark)
        self._found.to_dos = self._to_dos.read()
        self._found.until_s = self._lasting.until_s
        self._found.items = sorted(self._items.values(), key=lambda one: (one["start"], one["id"]))
        return self._found

    def _open_calendar(self, name: str, calendar: CalendarText, numbers: Iterator[int]) -> None:
        self._found.events.see(len(calendar.events))
        scale = calendar.properties.get("CALSCALE", "GREGORIAN")
        if scale.upper() != "GREGORIAN":  # the only one that RFC 5545 has
            self._remark(Kind.NOTE, name, f"its CALSCALE is {shown(scale)}; it is read as Gregorian")
        for other, number in calendar.others.items():
            self._remark(
                Kind.NOTE, name, f"{counted(number, other)} in it, ignored: only events and to-dos are read"
            )
        setting = self._setting(name, calendar)
        if setting.method in _ANSWERING:
            self._found.events.leave(ANSWERS, len(calendar.events))
            self._found.tasks.see(len(calendar.to_dos))
            self._found.tasks.leave(ANSWERS, len(calendar.to_dos))
            return
        for number, block in enumerate(calendar.to_dos, 1):
            with self._guard():
                self._to_dos.add(block, f"{name}: to-do {number} (line {block.line_no})", setting)
        for block in calendar.events:
            number = next(numbers)
            where = f"{name}: event {number} (line {block.line_no})"
            uid = block.value("UID") or f"\0{len(self._by_uid)}"  # one of its own
            self._by_uid.setdefault(uid, []).append(_Event(block, where, setting))

    def _setting(self, name: str, calendar: CalendarText) -> Setting:
        own = None
        zones = Zones(calendar.zones)
        if zone := calendar.properties.get("X-WR-TIMEZONE"):  # which Google and Apple write
            own = zones.find(zone)
        method = calendar.properties.get("METHOD", "").upper()
        setting = Setting(len(self._settings), zones, own or self._window.tz, own, method)
        self._settings.append((name, setting))
        return setting

    def _read_uid(self, events: Sequence[_Event]) -> None:
        """Adds the occurrences of the events with one UID."""
        days = self._window.start.date(), self._window.end.date()
        if all(not event.block.damage and is_outside(event.block.lines, *days) for event in events):
            self._found.events.leave(OUTSIDE, len(events))
            for event in events:
                self._lasting.glance(event.block.lines)
            return
        group = [component for component in map(self._parse, events) if component is not None]
        if is_shared(group):
            why = f"shares its UID with another event ({group[1].where}); both are kept"
            self._remark(Kind.NOTE, group[0].where, why)
            for component in group:
                self._expand(in_force([component]), alone=False)
        elif group:
            try:
                force = in_force(group)
            except (ValueError, OverflowError) as error:
                self._skip(group, error)
                return
            for _, why in force.aside:
                self._found.events.leave(why)
            self._found.findings += force.findings
            self._expand(force, alone=not any(component.recurs for component in force.components))

    def _parse(self, event: _Event) -> Component | None:
        with self._guard():
            component, findings = parse(event.block, event.where, event.setting)
        self._found.findings += findings
        if component is None:
            self._found.events.leave(SKIPPED)
            self._lasting.for_today()
        return component

    def _skip(self, components: Sequence[Component], error: Exception) -> None:
        """Skips all events of one UID."""
        self._lasting.for_today()
        where, spared = components[0].where, sound_uid(components[0].uid)
        self._found.findings.append(Finding(Kind.SKIPPED, where, said(error), spares=spared))
        self._found.events.leave(SKIPPED, len(components))

    def _expand(self, force: InForce, *, alone: bool) -> None:
        components = [component for component in force.components if component.is_placed]
        fates: dict[int, set[str]] = {id(component): set() for component in force.components}
        for component in force.components:
            if not component.is_placed:
                fates[id(component)].add(CANCELLED)
        try:
            with self._guard():
                placed, was_cut = occurrences(components, self._window) if components else ([], False)
        except Exception as error:  # noqa: BLE001 - the library raises anything for values that it cannot use
            self._skip(force.components, error)
            return
        self._lasting.placed(components, was_cut=was_cut)
        if was_cut:
            why = f"it recurs more than {CAP:,} times in the window; the next {CAP:,} are kept"
            self._remark(Kind.LEFT_OUT, components[0].where, why)
        for one in placed:
            fate = self._fate(one, alone, off=force.is_off(one.component))
            self._found.occurrences.see()
            self._book(self._found.occurrences, fate)
            fates[id(one.component)].add(fate)
        for met in fates.values():
            ranked = (_TAKEN, SKIPPED, TWICE, CANCELLED)
            self._book(self._found.events, next((fate for fate in ranked if fate in met), OUTSIDE))

    def _book(self, account: Account, fate: str) -> None:
        if fate == _TAKEN:
            account.take()
        else:
            account.leave(fate)

    def _fate(self, one: Placed, alone: bool, *, off: bool) -> str:
        """Adds the occurrence, or counts why not: a cancelled one is shown until its time has passed."""
        if off:
            end = instant(one.end, self._window.tz)
            if end <= self._window.now:
                return CANCELLED
            self._lasting.until(end)
        return self._add(one, alone, off)

    def _add(self, one: Placed, alone: bool, off: bool) -> str:
        if len(self._items) >= OCCURRENCES_MAX:
            raise UnreadableCalendar(f"there are more than {OCCURRENCES_MAX:,} occurrences in these days")
        if self._text_length > TEXT_MAX:
            raise UnreadableCalendar(f"the occurrences have more than {TEXT_MAX:,} characters of text")
        component = one.component
        try:
            its_id = item_id(one, alone=alone)
            its_item, cut_fields = item(one, its_id, former_ids(one, alone=alone), self._window.tz, off=off)
            GivenEvent.model_validate(its_item)
        except (ValueError, OverflowError) as error:
            when = component.where if alone else f"{component.where}, {one.start}"
            spared = sound_uid(component.uid)
            self._found.findings.append(Finding(Kind.SKIPPED, when, why_not(error), spares=spared))
            return SKIPPED
        if its_id in self._items:
            self._remark(Kind.NOTE, component.where, "its id is that of another event, which is kept")
            return TWICE
        self._items[its_id] = its_item
        people = (*its_item["attendees"], *(one["attendee"] for one in its_item["answers"]))
        self._text_length += sum(map(len, (its_item["description"] or "", *people)))
        if cut_fields:
            self._remark(Kind.NOTE, component.where, f"its {', '.join(cut_fields)} had to be cut")
        return _TAKEN

    def _remark(self, kind: Kind, where: str, why: str) -> None:
        self._found.findings.append(Finding(kind, where, why))
