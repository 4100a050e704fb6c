"""`python -m collectors.ics FILE_OR_URL...`: the events of calendars, on the board.

A run fetches the bytes, reads them (each calendar in a process of its own), and yields all occurrences as
one source's. Whatever cannot be read keeps its old events on the board.
"""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from collectors import program
from collectors.ics.confined import read_confined
from collectors.ics.file import Reading, merge
from collectors.ics.item import Item
from collectors.ics.options import Wanted, add_arguments, wanted
from collectors.ics.recurrence import Window
from collectors.ics.source import CalendarSource, Unavailable
from collectors.ics.text import UnreadableCalendar
from collectors.program import Job
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Kind, Progress
from models.calendar import GivenEvent

HELP = """\
Brings the events of iCalendar files and web calendars to the board.

All files of one call are one source: events that none of them has any more leave the board. They stay when
something could not be read, so that a broken calendar never empties the board."""
_READ_AGAIN_S = 15 * 60.0  # with --watch: web calendars change, and new days come


def main(arguments: Sequence[str] | None = None) -> int:
    return program.main("collectors.ics", HELP, add_arguments, job, arguments)


def job(given: Namespace) -> Job:
    """The reading of all the calendars."""
    want = wanted(given)

    async def collect(_: Ask) -> AsyncIterator[Found]:
        async for one in read(want):
            yield one

    paths = tuple(source.path for source in want.sources if source.path is not None)
    return Job(want.source, collect, ("calendar",), paths, _READ_AGAIN_S)


async def read(want: Wanted) -> AsyncIterator[Found]:
    """All occurrences within the wanted days, sorted by start, and what could not be taken."""
    window = Window.around(datetime.now(UTC), want.days_back, want.days_ahead, ZoneInfo(want.tz))
    at_once = asyncio.Semaphore(os.cpu_count() or 1)
    reads = [asyncio.ensure_future(_read(one, window, want.tz, at_once)) for one in want.sources]
    readings: list[Reading] = []
    try:
        for done, source in enumerate(want.sources):
            name = shown(source.shown)
            yield Progress(done, len(reads), f"reading {name}")
            outcome = await reads[done]
            if isinstance(outcome, Reading):
                readings.append(outcome)
                for finding in outcome.findings:
                    yield Finding(finding.kind, ": ".join(filter(None, (name, finding.where))), finding.why)
            else:
                yield Finding(Kind.SKIPPED, name, outcome)
        yield Progress(len(reads), len(reads))
    finally:
        for one in reads:
            one.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
    for found in _together(readings, window, want.tz):
        yield found


async def _read(source: CalendarSource, window: Window, tz: str, at_once: asyncio.Semaphore) -> Reading | str:
    """What the calendar gives, or why it gives nothing."""
    async with at_once:
        try:
            return await read_confined(await source.read(), window, tz)
        except (Unavailable, UnreadableCalendar) as fault:
            return str(fault)


def _together(readings: Sequence[Reading], window: Window, tz: str) -> Iterator[Found]:
    items, doubles = merge(readings)
    yield from doubles
    yield Finding(Kind.NOTE, "", _scope(readings, len(items), window, tz))
    for item in items:
        yield _given(item)


def _scope(readings: Sequence[Reading], occurrences: int, window: Window, tz: str) -> str:
    events, cancelled = (sum(getattr(one, name) for one in readings) for name in ("events", "cancelled"))
    read = f"{counted(len(readings), 'calendar')} with {counted(events, 'event')}"
    came_to = counted(occurrences, "occurrence") + (f", {cancelled} cancelled" if cancelled else "")
    days = f"{window.start:%Y-%m-%d} to {window.end - timedelta(days=1):%Y-%m-%d} ({tz})"
    return f"{read}: {came_to}, from {days}"


def _given(item: Item) -> Found:
    try:
        return GivenEvent.model_validate(item)
    except ValidationError as error:
        fault = error.errors()[0]
        return Finding(Kind.SKIPPED, shown(item["title"]), f"{fault['loc']}: {fault['msg']}")


if __name__ == "__main__":
    sys.exit(main())
