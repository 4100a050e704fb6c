"""Calendars that the tests write themselves."""

from datetime import UTC, datetime

from collectors.ics.file import Reading, read_calendar
from collectors.ics.item import Item
from collectors.ics.recurrence import Window
from collectors.types import Kind

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
WINDOW = Window.around(NOW, 7, 60, UTC)


def calendar(*components: str, properties: str = "") -> bytes:
    """A file of VEVENTs (each given by its lines) and of components that begin with BEGIN themselves."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *properties.split("\n")]
    for component in components:
        inner = component.strip("\n").split("\n")
        whole = inner[0].startswith("BEGIN:")
        lines += inner if whole else ["BEGIN:VEVENT", *inner, "END:VEVENT"]
    return "\r\n".join([line for line in [*lines, "END:VCALENDAR"] if line]).encode() + b"\r\n"


def event(uid: str = "one", start: str = "20260312T100000Z", *more: str) -> str:
    return "\n".join([f"UID:{uid}", f"DTSTART:{start}", f"SUMMARY:Title of {uid}", *more])


def read(*components: str, properties: str = "", window: Window = WINDOW) -> Reading:
    return read_calendar(calendar(*components, properties=properties), window)


def items(*components: str, properties: str = "", window: Window = WINDOW) -> list[Item]:
    """The items of a calendar in which nothing is wrong."""
    reading = read(*components, properties=properties, window=window)
    assert reading.findings == []
    return sorted((found.item for found in reading.found), key=lambda item: item["start"])


def whys(reading: Reading, kind: Kind) -> list[str]:
    return [f"{finding.where}: {finding.why}" for finding in reading.findings if finding.kind is kind]
