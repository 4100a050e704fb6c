"""Bytes of an iCalendar file into items of the board: pure, and nothing is left out without a finding.

The steps: cut the text into components (ical_text), parse each by itself (calendar_event), gather those with
one UID, expand them in the window (recurrence), and say each occurrence in the board's words (calendar_item).
"""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import tzinfo
from zoneinfo import ZoneInfo

from icalendar import Timezone
from icalendar.timezone import tzp

from collectors.ics.event import Component, parse, said
from collectors.ics.item import Item, item, item_id
from collectors.ics.recurrence import CAP, Placed, Window, occurrences
from collectors.ics.text import Block, CalendarText, UnreadableCalendar, cut
from collectors.texts import shown
from collectors.types import Finding, Kind

OCCURRENCES_MAX, TEXT_MAX = 20_000, 2**25
Guard = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Found:
    """An item with what decides between two of the same id."""

    item: Item
    version: tuple[int, str]


@dataclass
class Reading:
    """What a file gave: `events` counts the VEVENTs, `cancelled` the occurrences that will not take place."""

    found: list[Found] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    cancelled: int = 0
    text_length: int = 0


def read_calendar(data: bytes, window: Window, guard: Guard = nullcontext) -> Reading:
    """The occurrences in the window of all events in the file.

    `guard` is entered around the expansion of each event; what it raises is that event's fault.
    Errors: UnreadableCalendar when nothing in the file can be trusted.
    """
    reading = Reading()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the libraries' guesses about time zones; ours are findings
        calendars, remarks = cut(data)
        reading.findings += [Finding(Kind.NOTE, "", remark) for remark in remarks]
        for calendar in calendars:
            _read_one(calendar, window, guard, reading)
    return reading


def merge(readings: Iterable[Reading]) -> tuple[list[Item], list[Finding]]:
    """The items of several readings as one source's, sorted by start; of two with one id the newer version,
    the one read first where neither is newer."""
    chosen: dict[str, Found] = {}
    twice: Counter[str] = Counter()
    for found in (found for reading in readings for found in reading.found):
        rival = chosen.setdefault(found.item["id"], found)
        if rival is not found:
            twice[found.item["title"]] += 1
            if found.version > rival.version:
                chosen[found.item["id"]] = found
    items = sorted((found.item for found in chosen.values()), key=lambda item: (item["start"], item["id"]))
    why = "came more than once with the same id; the newest version is taken, and left out were"
    return items, [Finding(Kind.NOTE, shown(title), f"{why} {times}") for title, times in twice.items()]


def _read_one(calendar: CalendarText, window: Window, guard: Guard, reading: Reading) -> None:
    if calendar.properties.get("CALSCALE", "GREGORIAN").upper() != "GREGORIAN":
        raise UnreadableCalendar("its calendar scale is not Gregorian")
    tzp.use_zoneinfo()  # forgets the time zones that another calendar defined under the same names
    for block in calendar.zones:
        _read_zone(block, reading.findings)
    zone = _calendar_zone(calendar, reading.findings)
    groups: dict[str, list[Component]] = defaultdict(list)
    for block in calendar.events:
        reading.events += 1
        component, findings = parse(block, f"event {reading.events} (line {block.line_no})", zone)
        reading.findings += findings
        if component is not None:
            groups[component.uid].append(component)
    cancelled = calendar.properties.get("METHOD", "").upper() == "CANCEL"
    for group in groups.values():
        _expand(group, window, guard, reading, cancelled)


def _read_zone(block: Block, findings: list[Finding]) -> None:
    try:
        Timezone.from_ical(block.text())  # the library remembers it by its TZID
    except Exception as error:  # noqa: BLE001 - the parsers raise anything for values that they cannot use
        where = f"time zone (line {block.line_no})"
        findings.append(Finding(Kind.NOTE, where, f"cannot be read: {said(error)}"))


def _calendar_zone(calendar: CalendarText, findings: list[Finding]) -> tzinfo | None:
    """X-WR-TIMEZONE, which Google and Apple write."""
    name = calendar.properties.get("X-WR-TIMEZONE")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        findings.append(
            Finding(Kind.NOTE, "", f"its time zone {shown(name)} is not known and was left aside")
        )
        return None


def _expand(group: list[Component], window: Window, guard: Guard, reading: Reading, cancelled: bool) -> None:
    """Adds the occurrences of the components with one UID."""
    if _is_shared(group):
        why = f"shares its UID with another event ({group[1].where}); each is taken"
        reading.findings.append(Finding(Kind.NOTE, group[0].where, why))
        for component in group:
            _place([component], True, window, guard, reading, cancelled)
    else:
        latest = _latest(group, reading.findings)
        recurs = any(component.recurs for component in latest)
        _place(latest, recurs, window, guard, reading, cancelled)


def _is_shared(group: list[Component]) -> bool:
    """Whether a program gave one UID to different events: at different times, and none newer than another."""
    return (
        not any(component.recurs for component in group)
        and len({component.version for component in group}) == 1
        and len({str(component.start) for component in group}) == len(group) > 1
    )


def _latest(group: list[Component], findings: list[Finding]) -> list[Component]:
    """Of several versions of an event or exception the newest; the first in the file where none is newer."""
    chosen: dict[object, Component] = {}
    for component in group:
        rival = chosen.setdefault(component.recurrence_id, component)
        if rival is not component:
            newer, older = (component, rival) if component.version > rival.version else (rival, component)
            chosen[component.recurrence_id] = newer
            superseded = older.version != newer.version or older.event == newer.event
            why = f"is another version of {newer.where}, which is taken"
            findings.append(Finding(Kind.NOTE if superseded else Kind.LEFT_OUT, older.where, why))
    return list(chosen.values())


def _place(
    group: list[Component], recurs: bool, window: Window, guard: Guard, reading: Reading, cancelled: bool
) -> None:
    where = group[0].where
    try:
        with guard():
            placed, was_cut = occurrences([component.event for component in group], window)
    except Exception as error:  # noqa: BLE001 - the library raises anything for values that it cannot use
        reading.findings.append(Finding(Kind.SKIPPED, where, said(error)))
        return
    if was_cut:
        why = f"it recurs more than {CAP:,} times in the window; the {CAP:,} that come next are taken"
        reading.findings.append(Finding(Kind.LEFT_OUT, where, why))
    by_event = {id(component.event): component for component in group}
    for one in placed:
        if cancelled or str(one.component.get("STATUS", "")).upper() == "CANCELLED":
            reading.cancelled += 1
        else:
            _add(one, by_event[id(one.component)], recurs, window, reading)


def _add(one: Placed, component: Component, recurs: bool, window: Window, reading: Reading) -> None:
    if len(reading.found) >= OCCURRENCES_MAX:
        raise UnreadableCalendar(f"it has more than {OCCURRENCES_MAX:,} occurrences in the window")
    if reading.text_length > TEXT_MAX:
        raise UnreadableCalendar(f"its occurrences have more than {TEXT_MAX:,} characters of text")
    try:
        its_id = item_id(component.uid, one.original if recurs else None, window.tz)
        its_item, cut_fields = item(one, its_id, window.tz)
    except (ValueError, OverflowError) as error:
        when = f"{component.where}, {one.start}" if recurs else component.where
        reading.findings.append(Finding(Kind.SKIPPED, when, said(error)))
        return
    reading.found.append(Found(its_item, component.version))
    reading.text_length += sum(map(len, (its_item["description"] or "", *its_item["attendees"])))
    if cut_fields:
        why = f"its {', '.join(cut_fields)} had to be cut"
        reading.findings.append(Finding(Kind.NOTE, component.where, why))
