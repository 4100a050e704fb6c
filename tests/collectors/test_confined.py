"""Reading in a process of its own says the same, and survives what a file can do to it."""

import pytest

from collectors.ics.confined import read_confined
from collectors.ics.file import read_calendar
from collectors.ics.text import UnreadableCalendar
from collectors.types import Kind
from tests.collectors.calendars import WINDOW, calendar, event, whys


async def test_the_answer_is_the_same_as_without() -> None:
    data = calendar(event("a"), "UID:bad", event("b", "20260310T080000Z", "RRULE:FREQ=DAILY"))
    assert await read_confined(data, WINDOW, "UTC") == read_calendar(data, WINDOW)


async def test_a_file_that_is_no_calendar_is_refused_with_the_same_reason() -> None:
    with pytest.raises(UnreadableCalendar, match=r"^it is no calendar: there is no BEGIN:VCALENDAR in it$"):
        await read_confined(b"<html>", WINDOW, "UTC")


async def test_an_event_that_cannot_be_expanded_does_not_hold_up_the_others() -> None:
    never = event("never", "20260310T100000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    reading = await read_confined(calendar(never, event("good")), WINDOW, "UTC")
    assert [found.item["id"] for found in reading.found] == ["good"]
    assert len(whys(reading, Kind.SKIPPED)) == 1


async def test_many_dense_rules_are_refused_as_a_whole() -> None:
    dense = (event(str(n), "20260101T000000Z", "RRULE:FREQ=MINUTELY") for n in range(11))
    with pytest.raises(UnreadableCalendar, match="more than 20,000 occurrences"):
        await read_confined(calendar(*dense), WINDOW, "UTC")


async def test_components_nested_without_end_do_no_harm() -> None:
    deep = b"BEGIN:X\r\n" * 50_000 + b"END:X\r\n" * 50_000
    data = calendar(event("a")).replace(b"BEGIN:VEVENT", deep + b"BEGIN:VEVENT")
    assert len((await read_confined(data, WINDOW, "UTC")).found) == 1
