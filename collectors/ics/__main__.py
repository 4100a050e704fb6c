"""`python -m collectors.ics FILE_OR_URL...`: the events and to-dos of calendars, on the board.

A run fetches the bytes, reads them (in a process of its own), and yields all occurrences as one source's.
Whatever cannot be read keeps its old events on the board.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from collectors.accounts import SKIPPED, Account
from collectors.actions.mine import NOBODY, Me
from collectors.ics.confined import read_confined
from collectors.ics.fetch import Unavailable
from collectors.ics.file import Octets, Reading
from collectors.ics.item import only_busy
from collectors.ics.options import Private, Wanted, add_arguments, wanted
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar
from collectors.ics.to_do import told
from collectors.people.met import Met
from collectors.program import Job, Program
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.calendar import GivenEvent

HELP = """\
Reads the events and to-dos of iCalendar files and web calendars onto the board.

All files of one call are one source: what is in none of them any more is removed. What could not be
read stays as it was, so that a broken calendar never empties the board."""
_READ_AGAIN_S = 15 * 60.0  # with --watch: web calendars change, and new days come


def main(arguments: Sequence[str] | None = None) -> int:
    return PROGRAM.main(arguments)


def job(given: Namespace) -> Job:
    """The job that reads all the calendars."""
    want = wanted(given)

    async def collect(ask: Ask) -> AsyncIterator[Found]:
        async for one in read(want, Me((*given.me, *ask.me))):
            yield one

    paths = tuple(source.path for source in want.sources if source.path is not None)
    sections, origin = ("calendar", "priorities", "people"), want.origin
    check = partial(_check, want)
    return Job(want.source, collect, sections, paths, _READ_AGAIN_S, origin, want.formerly, check=check)


PROGRAM = Program("collectors.ics", HELP, add_arguments, job)


def _check(want: Wanted) -> str:
    """What is there, in words. Errors: Unavailable."""
    found = [asyncio.run(one.read(allow_private=want.allow_private)) for one in want.sources]
    if not all(b"BEGIN:VCALENDAR" in one.data for one in found):
        raise Unavailable("there is an answer, but it is not a calendar: take the address that ends in .ics")
    return counted(sum(one.data.count(b"BEGIN:VEVENT") for one in found), "event")


async def read(want: Wanted, me: Me = NOBODY) -> AsyncIterator[Found]:
    """All occurrences within the requested days, sorted by start, and findings about the rest."""
    window = Window.around(datetime.now(UTC), want.days_back, want.days_ahead, ZoneInfo(want.tz))
    files, unread = list[Octets](), Account("file")
    steps = len(want.sources) + 1
    reads = (source.read(allow_private=want.allow_private) for source in want.sources)
    fetches = [asyncio.ensure_future(one) for one in reads]
    try:
        for done, source in enumerate(want.sources):
            yield Progress(done, steps, f"fetching {shown(source.shown)}")
            try:
                files.append(await fetches[done])
            except Unavailable as fault:
                yield Finding(Kind.SKIPPED, shown(source.shown), str(fault))
                unread.leave(SKIPPED)
    finally:
        for fetch in fetches:
            fetch.cancel()
        await asyncio.gather(*fetches, return_exceptions=True)
    yield Progress(steps - 1, steps, f"reading {counted(len(files), 'calendar')}")
    try:
        reading = await read_confined(files, window, want.tz) if files else Reading()
    except UnreadableCalendar as fault:
        reading = Reading(findings=[Finding(Kind.SKIPPED, "", str(fault), len(files))])
        unread.leave(SKIPPED, len(files))
    yield Progress(steps, steps)
    unread.see(unread.left.total())
    reading.files.add(unread)
    for found in _told(reading, window, want, me):
        yield found


def _told(reading: Reading, window: Window, want: Wanted, me: Me) -> Iterator[Found]:
    yield from reading.findings
    yield Finding(Kind.NOTE, "", _scope(window, want.tz))
    met = Met()
    for item in reading.items:
        for person in item["attendees"]:
            met.meet(person)
        answer = reading.answer_to(item, me.is_meant)
        if item["private"] and want.private is Private.HIDE:
            reading.occurrences.give_back("private")
            continue
        shown_item = only_busy(item) if item["private"] and want.private is Private.BUSY else item
        yield GivenEvent.model_validate(shown_item | {"answer": answer})
    yield from met.people()
    yield from told(reading.to_dos, reading.tasks, private=want.private is Private.SHOW)
    yield from (reading.files, reading.events, reading.occurrences)
    if reading.events.seen or reading.tasks.seen:
        yield NoneLeft("calendar")  # what was read has something, if nothing in these days
        yield NoneLeft("priorities")


def _scope(window: Window, tz: str) -> str:
    return f"the events from {window.start:%Y-%m-%d} to {window.end - timedelta(days=1):%Y-%m-%d} ({tz})"


if __name__ == "__main__":
    sys.exit(main())
