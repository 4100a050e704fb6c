"""Reading in a process of its own says the same, and survives what a file can do to it."""

import pytest

from collectors.ics import confined
from collectors.ics.confined import read_confined
from collectors.ics.file import Octets, read_calendars
from collectors.ics.text import UnreadableCalendar
from collectors.types import Kind
from tests.collectors.calendars import WINDOW, calendar, event, ids, whys


async def test_the_answer_is_the_same_as_without() -> None:
    data = calendar(event("a"), "UID:bad", event("b", "20260310T080000Z", "RRULE:FREQ=DAILY"))
    files = [Octets("a.ics", data), Octets("b.ics", calendar(event("c\xe9")), "utf-8"), Octets("c.ics", b"")]
    assert await read_confined(files, WINDOW, "UTC") == read_calendars(files, WINDOW)


async def test_an_event_that_cannot_be_expanded_does_not_hold_up_the_others() -> None:
    never = event("never", "20260310T100000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    reading = await read_confined([Octets("a", calendar(never, event("good")))], WINDOW, "UTC")
    assert ids(reading) == ["good"]
    assert len(whys(reading, Kind.SKIPPED)) == 1


async def test_many_dense_rules_are_refused_as_a_whole() -> None:
    dense = (event(str(n), "20260101T000000Z", "RRULE:FREQ=MINUTELY") for n in range(26))
    with pytest.raises(UnreadableCalendar, match="more than 50,000 occurrences"):
        await read_confined([Octets("a", calendar(*dense))], WINDOW, "UTC")


async def test_components_nested_without_end_do_no_harm() -> None:
    deep = b"BEGIN:X\r\n" * 50_000 + b"END:X\r\n" * 50_000
    data = calendar(event("a")).replace(b"BEGIN:VEVENT", deep + b"BEGIN:VEVENT")
    assert ids(await read_confined([Octets("a", data)], WINDOW, "UTC")) == ["a"]


async def test_a_file_that_is_too_much_costs_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "CPU_S", 3)
    endless = event("never", "20260310T100000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    many = calendar(*(endless.replace("never", f"never {number}") for number in range(20)))
    files = [Octets("bad.ics", many), Octets("good.ics", calendar(event("good")))]
    reading = await read_confined(files, WINDOW, "UTC")
    assert ids(reading) == ["good"]
    assert whys(reading, Kind.SKIPPED)[0].startswith("bad.ics: it takes more than")
