"""Parses the lines of one VEVENT into a component: pure.

`times` parses its times, the library everything else; the library keeps broken and repeated values as they
are. What decides the event's times must be valid; everything else is used as far as possible.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, cast

from icalendar import Event
from icalendar.prop import vBroken, vDDDTypes
from recurring_ical_events import BadRuleStringFormat

from collectors.ics.component import Component, Setting, settle
from collectors.ics.item import hashed, sound_uid
from collectors.ics.text import Block
from collectors.ics.times import NAMES, Times, name_of, read_times
from collectors.texts import counted, shown
from collectors.types import Finding, Kind

NAMELESS = "nameless"
_ONCE = ("UID", "SEQUENCE", "STATUS", "DTSTAMP", "LAST-MODIFIED")
_VERSION = ("SEQUENCE", "LAST-MODIFIED", "DTSTAMP")
_LINE_FAULT = "Content line could not be parsed into parts: "


def parse(block: Block, where: str, setting: Setting) -> tuple[Component | None, list[Finding]]:
    """The event of a block unless it is of no use, and what is odd about it.

    What is of no use may be on the board all the same: its finding names the items that it spares.
    """
    uid = block.value("UID")
    where = f"{where} {shown(uid)}" if uid else where
    findings: list[Finding] = []
    try:
        event, odd = properties(block, where)
        findings += odd
        stated = read_times(
            (line for line in block.lines if name_of(line) in NAMES), setting.zones, setting.local
        )
        component = _component(event, where, setting, stated)
        findings += _settled(component)
    except Exception as error:  # noqa: BLE001 - the parsers raise anything for values that they cannot use
        spared = sound_uid(uid) if uid else NAMELESS
        return None, [*findings, Finding(Kind.SKIPPED, where, said(error), spares=spared)]
    return component, findings


def properties(block: Block, where: str, times: Collection[str] = NAMES) -> tuple[Event, list[Finding]]:
    """What a component says besides its times, and what is odd about it.

    Errors: ValueError for one that is damaged.
    """
    if block.damage:
        raise ValueError(block.damage)
    event, faulty = _texts([line for line in block.lines if name_of(line) not in times])
    return event, list(_oddities(event, faulty, where))


def said(error: Exception) -> str:
    """The error, as a clause for people."""
    detail = shown(str(error)) or "nothing more is known"
    match error:
        case BadRuleStringFormat():
            return f"its recurrence rule cannot be read: {shown(str(error.rule))}"
        case OverflowError():
            return f"one of its times is out of range ({detail})"
        case AttributeError() | KeyError() | TypeError():
            return f"one of its values cannot be used ({detail})"
        case _:
            return detail


_NOTHING_SAID = re.compile(r"X-[^=]*=.*|RSCALE=GREGORIAN|SKIP=OMIT|COUNT=\d{8,}", re.IGNORECASE)


def _texts(lines: Sequence[str]) -> tuple[Event, list[str]]:
    """All but the times, and the lines at which the library gives up."""
    try:
        return _read(lines), []
    except Exception:  # noqa: BLE001 - one line at a time shows which it is
        good = [line for line in lines if _can_read(line)]
        return _read(good), [line for line in lines if line not in good]


def _read(lines: Iterable[str]) -> Event:
    whole = ["BEGIN:VEVENT", *map(_plain_rule, lines), "END:VEVENT", ""]
    event = cast("Event", Event.from_ical("\r\n".join(whole)))
    for name in _ONCE:
        if values := _values(event, name):
            event[name] = values[0]
    for name in _VERSION:
        if isinstance(event.get(name), vBroken):
            del event[name]
    return event


def _plain_rule(line: str) -> str:
    """A rule without what says nothing: blanks, extensions of programs, the calendar that is meant anyway, a
    number of times that nobody lives to see."""
    if line[:5].upper() != "RRULE":
        return line
    name, _, rule = line.partition(":")
    parts = [
        part for part in re.sub(r"\s", "", rule).split(";") if part and not _NOTHING_SAID.fullmatch(part)
    ]
    return f"{name}:{';'.join(parts)}"


def _can_read(line: str) -> bool:
    try:
        _read([line])
    except Exception:  # noqa: BLE001 - whatever it is, the line is of no use
        return False
    return True


def _component(event: Event, where: str, setting: Setting, stated: Times) -> Component:
    """Errors: ValueError."""
    for rule in _values(event, "RRULE"):
        if isinstance(rule, vBroken):
            raise ValueError(f"its RRULE cannot be read: {shown(str(rule))}")
    uid = next((str(value) for value in _values(event, "UID") if value.strip()), "")
    if uid:
        return Component(event, uid, where, setting, stated)
    known = _known_by(event, stated)
    # What an event without a UID is called begins with one word, so that all of them can be spared.
    return Component(event, f"{NAMELESS}#{known}", where, setting, stated, f"{NAMELESS}-{known}")


def _known_by(event: Event, stated: Times) -> str:
    """An event without a UID is identified by title, place, start and rule; the rest may change."""
    title = "SUMMARY" if "SUMMARY" in event else "DESCRIPTION"
    parts = [value.to_ical() for name in (title, "LOCATION") for value in _values(event, name)]
    if stated.start is not None:
        moment: Any = stated.start.moment
        parts.append(vDDDTypes(moment.replace(tzinfo=None) if stated.start.floating else moment).to_ical())
    parts += [value.to_ical() for value in _values(event, "RRULE")]
    return hashed(repr(parts))


def _settled(component: Component) -> Iterator[Finding]:
    """Errors: ValueError."""
    for mended in settle(component):
        yield Finding(Kind.NOTE, component.where, mended)
    for name, why in component.stated.lost:
        # An end that cannot be read leaves the event where it is; of the others a date is missing.
        kind = Kind.LEFT_OUT if name in ("RDATE", "EXDATE") else Kind.NOTE
        yield Finding(kind, component.where, why)
    _ = component.version  # of no use when that cannot be told


def _oddities(event: Event, faulty: list[str], where: str) -> Iterator[Finding]:
    """Findings about what the library skipped."""
    lines = [why.removeprefix(_LINE_FAULT) for name, why in event.errors if name is None] + faulty
    if lines:
        yield Finding(
            Kind.NOTE, where, f"{counted(len(lines), 'line')} of it cannot be read: {shown(lines[0])}"
        )
    if "EXRULE" in event:
        yield Finding(Kind.NOTE, where, "its EXRULE is ignored: RFC 5545 no longer has it")


def _values(event: Event, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]
