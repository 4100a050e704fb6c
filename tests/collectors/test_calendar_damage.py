"""One wrong octet anywhere in a calendar costs no more than the event that it is in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.ics.file import Reading
from collectors.types import Kind
from models.calendar import GivenEvent
from tests.collectors.calendars import OUTLOOK_ZONE, calendar, event, fates, read_octets
from tests.examples import examples

ALARM = "BEGIN:VALARM\nTRIGGER:-PT15M\nACTION:DISPLAY\nDESCRIPTION:Soon\nEND:VALARM"
WHOLE = calendar(
    OUTLOOK_ZONE,
    "UID:whole-day\nDTSTART;VALUE=DATE:20260312\nDTEND;VALUE=DATE:20260314\nSUMMARY:Größe · 東京",
    event("alarmed", "20260312T100000Z", "DURATION:PT45M", ALARM, "LOCATION:here"),
    "UID:series\nDTSTART;TZID=W. Europe:20260310T090000\nDTEND;TZID=W. Europe:20260310T100000\n"
    "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=W. Europe:20260317T090000,20260324T090000\nSUMMARY:Weekly",
    "UID:series\nRECURRENCE-ID;TZID=W. Europe:20260331T090000\nDTSTART;TZID=W. Europe:20260331T140000\n"
    "SUMMARY:Moved",
    "BEGIN:VTODO\nUID:todo\nSUMMARY:not mine\nEND:VTODO",
    event("off", "20260315T100000Z", "STATUS:CANCELLED"),
    "DTSTART:20260316T100000\nSUMMARY:without a uid\nATTENDEE;CN=Ana:mailto:ana@example.org",
    event("last", "20260317T100000Z", "DESCRIPTION:one\\ntwo\\, and\n three"),
    properties="METHOD:PUBLISH\nCALSCALE:GREGORIAN\nX-WR-TIMEZONE:Europe/Berlin",
)
NOTABLE = st.sampled_from([*b"\x00\t\n\r :;=,/-TZ0", 0xE9, 0xFF])


def uids(reading: Reading) -> dict[str, set[tuple[str, str]]]:
    """What there is of each UID."""
    found: dict[str, set[tuple[str, str]]] = {}
    for item in reading.items:
        found.setdefault(item["id"].partition("#")[0], set()).add((item["id"], item["title"]))
    return found


BEFORE = uids(read_octets(WHOLE))


def check(data: bytes) -> Reading:
    """Reads it; the numbers add up, and the server takes every item."""
    reading = read_octets(data)
    for account in (reading.files, reading.events, reading.occurrences, reading.tasks):
        fates(account)
    for item in reading.items:
        GivenEvent.model_validate(item)
    return reading


def around(data: bytes, at: int) -> bool:
    """Whether that octet is in an event, or in what separates it from the next one."""
    return any(
        one.start() <= at < one.end()
        for one in re.finditer(rb"BEGIN:VEVENT.*?END:VEVENT\s*", data, re.DOTALL)
    )


@examples(40)
@given(at=st.integers(0, len(WHOLE) - 1), octet=st.integers(0, 255) | NOTABLE)
def test_one_wrong_octet_costs_at_most_one_event(at: int, octet: int) -> None:
    reading = check(WHOLE[:at] + bytes([octet]) + WHOLE[at + 1 :])
    after = uids(reading)
    assert len(BEFORE.keys() - after.keys()) <= 1
    if around(WHOLE, at):
        assert sum(not found <= after.get(uid, set()) for uid, found in BEFORE.items()) <= 1
    assert reading.events.seen >= 7


@examples(20)
@given(at=st.integers(0, len(WHOLE)), dropped=st.integers(1, 400))
def test_a_piece_that_is_missing_costs_what_it_touches_and_is_told(at: int, dropped: int) -> None:
    reading = check(WHOLE[:at] + WHOLE[at + dropped :])
    cut_off = at + dropped >= len(WHOLE) and at < WHOLE.rindex(b"CALENDAR")  # `END:V` can end nothing else
    assert not cut_off or any(one.kind is Kind.SKIPPED and not one.spares for one in reading.findings)


MOMENTS = st.sampled_from(
    [
        *("20260312", "20260312T100000", "20260312T100000Z", "20260329T023000", "20261025T023000"),
        *("99991231T235959Z", "00010101", "20260312T240000Z", "20260312T1000", "soon", ""),
        *("20260312T100000Z/PT1H", "20260312T100000/20260311T100000", "20260312,20260313T100000Z"),
    ]
)
ZONES = st.sampled_from(
    [
        *("", "", ";TZID=Europe/Berlin", ";TZID=W. Europe", ";TZID=Nowhere", ";TZID=Pacific/Apia", ";TZID="),
        *(";VALUE=DATE", ";RANGE=THISANDFUTURE", ';X-A=1;TZID="Eu'),
    ]
)
RULES = st.sampled_from(
    [
        *(
            "FREQ=DAILY",
            "FREQ=DAILY;COUNT=3",
            "FREQ=YEARLY;BYDAY=+53MO",
            "FREQ=HOURLY;INTERVAL=7",
            "",
            "FREQ=X",
        ),
        *("FREQ=DAILY;UNTIL=20260320", "FREQ=DAILY;UNTIL=x", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;BYHOUR=25"),
    ]
)
LENGTHS = st.sampled_from(["PT1H", "P1D", "-PT15M", "P", "P99999999D", "PT999999999999H", "P1DT2H", ""])
WORDS = st.sampled_from(["x", "\\n", "", "TRUE", "CANCELLED", "-5", "9" * 30, "1e400", "mailto:", "http://x"])
DATES = ["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE", "DTSTAMP", "LAST-MODIFIED"]
TEXTS = ["SUMMARY", "STATUS", "SEQUENCE", "URL", "ATTENDEE", "UID", "X-MICROSOFT-CDO-ALLDAYEVENT", "GEO"]
LINES = st.one_of(
    st.builds("{}{}:{}".format, st.sampled_from(DATES), ZONES, MOMENTS),
    st.builds("{}:{}".format, st.sampled_from(TEXTS), WORDS),
    RULES.map("RRULE:{}".format),
    LENGTHS.map("DURATION:{}".format),
    st.sampled_from([":", ";", "x", "BEGIN:VALARM", "END:VALARM", "END:X", " y"]),
)
METHODS = st.sampled_from(["", "METHOD:CANCEL", "METHOD:ADD", "METHOD:REPLY", "X-WR-TIMEZONE:Europe/Berlin"])


@examples(40)
@given(events=st.lists(st.lists(LINES, max_size=8), min_size=1, max_size=3), method=METHODS)
def test_no_lines_of_an_event_raise_and_the_numbers_add_up(events: list[list[str]], method: str) -> None:
    told = ("\n".join(["UID:one", "DTSTART:20260312T100000Z", *lines]) for lines in events)
    check(calendar(OUTLOOK_ZONE, *told, properties=method))


FOLDER = Path(__file__).parents[3] / "shared" / "data" / "calendar" / "ical-net"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real calendars is not here")
@examples(20)
@given(chosen=st.data())
def test_no_damage_of_a_real_calendar_raises(chosen: st.DataObject) -> None:
    path = chosen.draw(
        st.sampled_from(sorted(FOLDER.rglob("*.ics"))).filter(lambda path: path.stat().st_size < 9_000)
    )
    data = path.read_bytes()
    at = chosen.draw(st.integers(0, max(0, len(data) - 1)))
    check(data[:at] + bytes([chosen.draw(NOTABLE)]) + data[at + 1 :])
