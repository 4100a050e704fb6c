"""Calendars that the tests write themselves."""

from datetime import UTC, datetime

from collectors.accounts import Account
from collectors.ics.file import Octets, Reading, read_calendars
from collectors.ics.item import Item
from collectors.ics.recurrence import Window
from collectors.types import Kind

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
WINDOW = Window.around(NOW, 7, 60, UTC)
# As Outlook defines it; the library's own zones do not know what to do with a time that the clocks pass over.
OUTLOOK_ZONE = """\
BEGIN:VTIMEZONE
TZID:W. Europe
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""
# At +03:30, under the name that it is given.
OWN_ZONE = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:20250101T000000
TZOFFSETFROM:+0330
TZOFFSETTO:+0330
END:STANDARD
END:VTIMEZONE"""


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
    return read_octets(calendar(*components, properties=properties), window=window)


def read_octets(*files: bytes, window: Window = WINDOW, charset: str | None = None) -> Reading:
    """The files of one call, called 1.ics and so on."""
    named = [Octets(f"{number}.ics", data, charset) for number, data in enumerate(files, 1)]
    reading = read_calendars(named, window)
    assert reading.occurrences.taken == len(reading.items)
    assert fates(reading.files).keys() <= {"taken", "skipped"}
    return reading


def fates(account: Account) -> dict[str, int]:
    """What became of how many; the numbers add up."""
    found = {"taken": account.taken, **account.left}
    assert sum(found.values()) == account.seen
    return {fate: count for fate, count in found.items() if count}


def items(*components: str, properties: str = "", window: Window = WINDOW) -> list[Item]:
    """The items of a calendar in which nothing is wrong."""
    reading = read(*components, properties=properties, window=window)
    assert reading.findings == []
    return reading.items


def ids(reading: Reading) -> list[str]:
    """Of what takes place."""
    return [item["id"] for item in reading.items if item["status"] != "cancelled"]


def off(reading: Reading) -> list[str]:
    """Of what is shown as cancelled."""
    return [item["id"] for item in reading.items if item["status"] == "cancelled"]


def whys(reading: Reading, kind: Kind) -> list[str]:
    return [f"{finding.where}: {finding.why}" for finding in reading.findings if finding.kind is kind]
