"""`python -m collectors.ics FILE_OR_URL...`: the events and to-dos of calendars, on the board.

A run fetches the bytes, reads them (in a process of its own), and yields all occurrences as one source's.
Whatever cannot be read keeps its old events on the board.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import sys
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from collectors.accounts import SKIPPED, Account
from collectors.actions.mine import Me
from collectors.ics.confined import read_confined
from collectors.ics.fetch import Unavailable
from collectors.ics.file import Octets, Reading
from collectors.ics.item import answer_of, only_busy
from collectors.ics.options import Private, Wanted, add_arguments, wanted
from collectors.ics.recurrence import Window
from collectors.ics.text import UnreadableCalendar
from collectors.ics.to_do import told
from collectors.people.met import Met
from collectors.program import Job, Program
from collectors.texts import counted, shown
from collectors.types import Ask, Finding, Finished, Found, Kind, NoneLeft, Progress, Rest
from models.batch import GivenItem
from models.calendar import GivenEvent
from models.people import GivenPerson
from models.priorities import GivenPriority

HELP = """\
Reads the events and to-dos of iCalendar files and web calendars onto the board.

All files of one call are one source: what is in none of them any more is removed. What could not be
read stays as it was, so that a broken calendar never empties the board."""
_KINDS: tuple[type[GivenItem], ...] = (GivenEvent, GivenPriority, GivenPerson)
_READ_AGAIN_S = 15 * 60.0  # with --watch: web calendars change, and new days come


def main(arguments: Sequence[str] | None = None) -> int:
    return PROGRAM.main(arguments)


def job(given: Namespace) -> Job:
    """The job that reads all the calendars."""
    want, before = wanted(given), Before()

    async def collect(ask: Ask) -> AsyncIterator[Found]:
        async for one in read(want, (*given.me, *ask.me), before, ask.left):
            yield one

    paths = tuple(source.path for source in want.sources if source.path is not None)
    sections, origin = ("calendar", "priorities", "people"), want.origin
    check = partial(_check, want)
    return Job(want.source, collect, sections, paths, _READ_AGAIN_S, origin, want.formerly, check=check)


PROGRAM = Program("collectors.ics", HELP, add_arguments, job)


def _check(want: Wanted) -> str:
    """What is there, in words. Errors: Unavailable."""
    found = []
    for source in want.sources:
        try:
            found.append(asyncio.run(source.read(allow_private=want.allow_private)))
        except Unavailable as fault:
            raise Unavailable(f"{shown(source.shown)}: {fault}") from None
    if not all(b"BEGIN:VCALENDAR" in one.data for one in found):
        raise Unavailable("there is an answer, but it is not a calendar: take the address that ends in .ics")
    return counted(sum(one.data.count(b"BEGIN:VEVENT") for one in found), "event")


@dataclass
class Before:
    """What the last good run read, and which mark it left on the board: the same calendars need not be read
    again before `until_s`, nor sent."""

    read: str = ""
    left: str = ""
    until_s: float = 0.0
    said: list[Finding | Account | Rest] = field(default_factory=list)

    def is_as_good(self, read: str, left: str) -> bool:
        """Whether the board has what is in these calendars."""
        return bool(left) and (read, left) == (self.read, self.left) and time.time() < self.until_s

    def keep(
        self, read: str, until_s: float, said: list[Finding | Account | Rest], left: str, _: bool
    ) -> None:
        """For the next run, once the board has all of it."""
        self.read, self.left, self.until_s, self.said = read, left, until_s, said


async def read(
    want: Wanted, me: Sequence[str] = (), before: Before | None = None, left: str = ""
) -> AsyncIterator[Found]:
    """All occurrences within the requested days, sorted by start, and findings about the rest; only the
    findings, if the board has all of it since the run `before`, which left the mark `left` there."""
    before = before or Before()
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
    mark = _mark(files, window, me) if len(files) == len(want.sources) else ""
    if mark and before.is_as_good(mark, left):
        for one in before.said:
            yield one
        yield Finished(partial(before.keep, mark, before.until_s, before.said))
        return
    yield Progress(steps - 1, steps, f"reading {counted(len(files), 'calendar')}")
    try:
        reading = await read_confined(files, window, want.tz) if files else Reading()
    except UnreadableCalendar as fault:
        reading = Reading(findings=[Finding(Kind.SKIPPED, "", str(fault), len(files))])
        unread.leave(SKIPPED, len(files))
    yield Progress(steps, steps)
    unread.see(unread.left.total())
    reading.files.add(unread)
    said, counts = list[Finding | Account | Rest](), dict.fromkeys(_KINDS, 0)
    for found in _told(reading, window, want, Me(me)):
        if isinstance(found, GivenItem):
            counts[type(found)] += 1
        elif isinstance(found, Finding | Account):
            said.append(found)
        yield found
    if mark:
        until_s = math.inf if reading.until_s is None else reading.until_s
        rests = [Rest(kind, count) for kind, count in counts.items()]
        yield Finished(partial(before.keep, mark, until_s, [*said, *rests]))


def _mark(files: Sequence[Octets], window: Window, me: Sequence[str]) -> str:
    """Of the calendars and the days, and of whose they are."""
    mark = hashlib.sha256(repr((window.start, window.end, me)).encode())
    for file in files:
        mark.update(repr((file.name, len(file.data), file.charset, file.remark)).encode())
        mark.update(file.data)
    return mark.hexdigest()


def _told(reading: Reading, window: Window, want: Wanted, me: Me) -> Iterator[Found]:
    yield from reading.findings
    yield Finding(Kind.NOTE, "", _scope(window, want.tz))
    met = Met()
    for item in reading.items:
        for person in item["attendees"]:
            met.meet(person)
        answer = answer_of(item, me.is_meant)
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
