"""One VEVENT, parsed and made fit to be expanded: pure.

The parser keeps broken values and repeated ones as they are, and every reader after it trips over them.
Here what decides when an event is must be sound, and what is only read is taken as far as it goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, cast

from icalendar import Event
from icalendar.prop import vBroken
from recurring_ical_events import BadRuleStringFormat

from collectors.ics.item import hashed, in_utc
from collectors.ics.text import Block
from collectors.texts import shown
from collectors.types import Finding, Kind

_NEEDED = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE")
_ONE_AT_MOST = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "UID", "SEQUENCE", "STATUS")
_MOMENTS = ("DTSTART", "DTEND", "RECURRENCE-ID")
_VERSION = ("SEQUENCE", "LAST-MODIFIED", "DTSTAMP")
_LINE_FAULT = "Content line could not be parsed into parts: "


@dataclass(frozen=True)
class Component:
    """A sound VEVENT, and how people would find it in the file."""

    event: Event
    uid: str
    where: str

    @property
    def version(self) -> tuple[int, str]:
        """The higher one is the newer: SEQUENCE, then when it was changed."""
        sequence: Any = self.event.get("SEQUENCE", 0)
        changed = self.event.get("LAST-MODIFIED") or self.event.get("DTSTAMP")
        moment = getattr(changed, "dt", None)
        return sequence, in_utc(moment, UTC).isoformat() if isinstance(moment, date) else ""

    @property
    def start(self) -> date:
        value: Any = self.event["DTSTART"]
        start: date = value.dt
        return start

    @property
    def recurrence_id(self) -> date | None:
        value: Any = self.event.get("RECURRENCE-ID")
        return value.dt if value is not None else None

    @property
    def recurs(self) -> bool:
        """Whether it stands for other occurrences than its own, or for one of another event's."""
        return any(self.event.get(name) for name in ("RRULE", "RDATE", "RECURRENCE-ID"))


def parse(block: Block, where: str, zone: tzinfo | None) -> tuple[Component | None, list[Finding]]:
    """The event of a block unless it is of no use, and what is odd about it."""
    findings: list[Finding] = []
    try:
        event = cast("Event", Event.from_ical(block.text()))
        given = [value for value in _values(event, "UID") if value.strip()]
        where = f"{where} {shown(given[0])}" if given else where
        findings += _oddities(event, where)
        _make_sound(event)
        uid = str(given[0]) if given else _uid_of_nameless(event)
        if zone:
            _put_in_zone(event, zone)
        component = Component(event, uid, where)
        _ = component.version
    except Exception as error:  # noqa: BLE001 - the parsers raise anything for values that they cannot use
        return None, [*findings, Finding(Kind.SKIPPED, where, said(error))]
    return component, findings


def said(error: Exception) -> str:
    """The error as a clause for people."""
    detail = shown(str(error)) or type(error).__name__
    match error:
        case BadRuleStringFormat():
            return f"its recurrence rule cannot be read: {shown(str(error.rule))}"
        case OverflowError():
            return f"one of its times is out of range ({detail})"
        case AttributeError() | KeyError() | TypeError():
            return f"one of its values cannot be used ({detail})"
        case _:
            return detail


def _make_sound(event: Event) -> None:
    """Errors: ValueError when it is not clear when the event is."""
    for name in _ONE_AT_MOST:
        values = _values(event, name)
        if len(values) > 1 and name in _NEEDED and any(value != values[0] for value in values):
            raise ValueError(f"it has more than one {name}")
        if values:
            event[name] = values[0]
    for name in _NEEDED:
        _check(event, name)
    for name in _VERSION:
        if isinstance(event.get(name), vBroken | list):
            del event[name]
    if "DTSTART" not in event:
        raise ValueError("it has no DTSTART")


def _check(event: Event, name: str) -> None:
    values = _values(event, name)
    broken = [value for value in values if isinstance(value, vBroken)]
    if broken and any(value.strip() for value in broken):
        raise ValueError(f"its {name} cannot be read: {shown(broken[0])}")
    if broken:
        # `EXDATE:` with nothing behind it is common, and says nothing.
        event[name] = [value for value in values if value not in broken]
        if not event[name]:
            del event[name]
    if name in _MOMENTS and not all(isinstance(value.dt, date) for value in _values(event, name)):
        raise ValueError(f"its {name} is no date")


def _put_in_zone(event: Event, zone: tzinfo) -> None:
    """Times in UTC or without a zone are by that zone's clock, so that rules keep to its summer time."""
    for name in (*_MOMENTS, "RDATE", "EXDATE"):
        for value in _values(event, name):
            for one in getattr(value, "dts", [value]):
                one.dt = _in_zone(one.dt, zone)


def _in_zone(moment: Any, zone: tzinfo) -> Any:
    if isinstance(moment, tuple):  # a period: start and end, or start and duration
        return tuple(_in_zone(part, zone) for part in moment)
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    return moment.astimezone(zone) if moment.tzname() == "UTC" else moment


def _values(event: Event, name: str) -> list[Any]:
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _uid_of_nameless(event: Event) -> str:
    """An event without UID is known by its title, place, start and rule; all else may change."""
    title = "SUMMARY" if "SUMMARY" in event else "DESCRIPTION"
    known_by = (title, "LOCATION", "DTSTART", "RRULE")
    parts = [value.to_ical() for name in known_by for value in _values(event, name)]
    return f"nameless-{hashed(repr(parts))}"


def _oddities(event: Event, where: str) -> Iterator[Finding]:
    """What the parser passed over; faults of the values that are needed show by themselves."""
    lines = [why for name, why in event.errors if name is None]
    if lines:
        first = shown(lines[0].removeprefix(_LINE_FAULT))
        yield Finding(Kind.NOTE, where, f"{len(lines)} of its lines cannot be read: {first}")
    values = [value for name in _MOMENTS for value in _values(event, name) if not isinstance(value, vBroken)]
    floating = [value for value in values if isinstance(value.dt, datetime) and value.dt.tzinfo is None]
    for zone in sorted({str(value.params["TZID"]) for value in floating if value.params.get("TZID")}):
        yield Finding(
            Kind.NOTE, where, f"its time zone {shown(zone)} is not known; its times are taken without one"
        )
