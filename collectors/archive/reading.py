"""The old system's archive into records and events, a line at a time: nothing is left out without a finding.

The steps: find the files of each source and day, stream their lines (`lines`), and make of each an
event (`event`) or a record (`record`), by what its fields are called (`fields`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path

from collectors.accounts import SKIPPED, Account, Accounts
from collectors.actions.recent import LOOK, Actions
from collectors.archive.event import (
    CALENDAR,
    EVENTS_MAX,
    Agenda,
    Window,
    event,
    event_id,
    is_called_off,
    is_event,
)
from collectors.archive.fields import Line, id_of, why_gone
from collectors.archive.lines import LINE_BYTES_MAX, read_lines
from collectors.archive.record import own_record, record
from collectors.archive.talk import ArchivedTalk
from collectors.folders import Unreadable, called, place, walk
from collectors.identity import Twins
from collectors.remarks import Remarks, Unusable, why_not
from collectors.sanitize import NothingSaid, parsed
from collectors.texts import counted
from collectors.types import Ask, Finding, Found, Kind, NoneLeft, Progress
from models.base import format_instant
from models.records import GivenRecord
from models.sources import Mode

SUFFIXES = (".jsonl", ".jsonl.gz")
TWINS_MAX = 1_000_000  # ids remembered, some 100 MB


@dataclass(frozen=True, order=True)
class ArchiveFile:
    """A file of one day of one source; `where` names it for people."""

    folder: str
    day: str
    where: str
    path: Path


def read_archive(
    root: Path, ask: Ask, window: Window, zone: tzinfo, actions: Actions = LOOK
) -> Iterator[Found]:
    """All records, day by day, then what is to be done by them, and the events in the window.

    Errors: Unreadable, when there is no archive; the message is a sentence.
    """
    accounts = Accounts("file", "line", "event")
    try:
        files, findings = archive_files(root, accounts["file"])
    except Unreadable as error:
        raise Unreadable(f"{called(root)}: {error}") from None
    yield from findings
    if not files:
        raise Unreadable(f"{called(root)}: it has no archive in it, such as slack/2024-05-31/messages.jsonl")
    first = _first_day(ask)
    wanted = [file for file in files if file.day >= first]
    accounts["file"].leave("older than the last run", len(files) - len(wanted))
    talk = ArchivedTalk(ask, actions, zone)
    yield from _Reading(wanted, window, zone, accounts, talk).found()
    yield from accounts


def archive_files(root: Path, account: Account) -> tuple[list[ArchiveFile], list[Finding]]:
    """The files, by source and day, and what is not read. Errors: Unreadable."""
    files: list[ArchiveFile] = []
    findings: list[Finding] = []
    misplaced: dict[str, int] = {}
    for one in walk(root, SUFFIXES, account):
        if isinstance(one, Finding):
            findings.append(one)
            continue
        where = place(one, root)
        parts = where.split("/")
        if len(parts) == 3 and _is_day(parts[1]):
            files.append(ArchiveFile(parts[0], parts[1], where, one))
        else:
            above = where.rpartition("/")[0] or "."
            misplaced[above] = misplaced.get(above, 0) + 1
            account.leave(Kind.LEFT_OUT)
    why = "it is not a folder <source>/<YYYY-MM-DD>, so its files are not read"
    findings += [
        Finding(Kind.LEFT_OUT, f"{folder} ({counted(count, 'file')})", why, count)
        for folder, count in misplaced.items()
    ]
    return sorted(files), findings


class _Reading:
    """One run over the files of an archive."""

    def __init__(
        self,
        files: list[ArchiveFile],
        window: Window,
        zone: tzinfo,
        accounts: Accounts,
        talk: ArchivedTalk,
    ) -> None:
        self._files, self._zone, self._talk = files, zone, talk
        self._read, self._lines = accounts["file"], accounts["line"]
        self._agenda = Agenda(window, accounts["event"])
        self._numbers = _Numbers()
        self._unread: dict[str, Finding] = {}
        self._tomorrow = format_instant(datetime.now(UTC) + timedelta(days=1))

    def found(self) -> Iterator[Found]:
        """All that the files give."""
        for number, file in enumerate(self._files):
            yield Progress(number, len(self._files), file.where)
            yield from self._file(file)
        yield Progress(len(self._files), len(self._files))
        yield from self._talk.told()
        yield from self._calendar()

    def _file(self, file: ArchiveFile) -> Iterator[Found]:
        self._numbers.turn_to(file.folder, file.day)
        remarks = Remarks(file.where, self._lines)
        try:
            for number, text in read_lines(file.path):
                self._lines.see()
                with remarks.guard(part := f"line {number:,}"):
                    yield from self._line(file, text, part, remarks)
        except Unreadable as error:
            self._read.leave(error.kind)
            yield error.finding(file.where)
        else:
            self._read.take()
        yield from remarks.findings()

    def _line(
        self, file: ArchiveFile, text: bytes | None, part: str, remarks: Remarks
    ) -> Iterator[GivenRecord]:
        """The record of a line, if it is one; an event goes into the agenda. Errors: Unusable."""
        line, odd = _object(text)
        if is_event(line, file.folder, self._zone):
            try:
                planned, whys = event(line, file.folder, self._zone)
            except Unusable as fault:
                self._hold_unread(line, file, part, fault)
                return
            self._told_again(planned.id)
            notes = [(why, "differ somewhat from their lines") for why in whys]
            self._agenda.add(file.day, planned, is_called_off(line))
            found = None
        elif why := why_gone(line):
            self._lines.leave(why)
            self._talk.without(own_record(line, file.folder))
            return
        else:
            try:
                found, notes = record(line, file.folder, file.day, self._zone, self._numbers.number)
            except NothingSaid:
                self._lines.leave("without text")
                self._talk.without(own_record(line, file.folder))
                return
        for why, like in (*([(odd, "are in another encoding")] if odd else []), *notes):
            remarks.add(Kind.NOTE, part, why, like)
        self._lines.take()
        if found is not None:
            if found.at > self._tomorrow:
                remarks.add(Kind.NOTE, part, f"its time, {found.at}, is in the future", "are in the future")
            yield found
            self._talk.read(line, found)

    def _hold_unread(self, line: Line, file: ArchiveFile, part: str, fault: Unusable) -> None:
        """An event that cannot be read spares what the board has of it, unless a later line tells of it.

        Errors: Unusable, when it does not say which event it is.
        """
        own = id_of(line)
        if not own:
            raise fault
        id = event_id(file.folder, own)
        self._told_again(id)
        why = why_not(fault)
        self._unread[id] = Finding(Kind.SKIPPED, f"{file.where}, {part}", why, spares=id)

    def _told_again(self, id: str) -> None:
        if self._unread.pop(id, None) is not None:
            self._lines.leave("repeated later")

    def _calendar(self) -> Iterator[Found]:
        """The events. None in the window, out of a calendar that has some, is for sure."""
        self._lines.leave(SKIPPED, len(self._unread))
        yield from self._unread.values()
        there, agenda = False, self._agenda
        for one in agenda.events():
            there = True
            yield one
        if agenda.too_many:
            most = f"the {EVENTS_MAX:,} that fit (--days-ahead takes fewer)"
            yield Finding(Kind.LEFT_OUT, "", f"{agenda.too_many:,} events are over the limit: {most}")
        has_folder = any(file.folder.lower() == CALENDAR for file in self._files)
        if not there and agenda.seen and has_folder:
            yield NoneLeft(CALENDAR)


def _object(text: bytes | None) -> tuple[dict[str, object], str]:
    """The object of a line, and what was odd about its encoding. Errors: Unusable."""
    if text is None:
        raise Unusable(f"it is longer than {LINE_BYTES_MAX // 2**20} MiB")
    value, odd = parsed(text)
    if not isinstance(value, dict):
        raise Unusable("it is not a JSON object")
    return value, odd


class _Numbers:
    """Numbers the twins of one source and day; what it remembers is bounded."""

    def __init__(self) -> None:
        self._of = ("", "")
        self._twins, self._count = Twins(), 0

    def turn_to(self, folder: str, day: str) -> None:
        """What comes next is of this source and day; its files come one after the other."""
        if self._of != (folder, day):
            self._of, self._twins, self._count = (folder, day), Twins(), 0

    def number(self, id: str) -> str:
        """The id for this one. Past a million lines without ids the same words count as the same record."""
        if self._count >= TWINS_MAX:
            self._twins, self._count = Twins(), 0
        self._count += 1
        return self._twins.number(id)


def _first_day(ask: Ask) -> str:
    """The first day that is looked into: "" for all."""
    if ask.mode is not Mode.QUICK or ask.since is None:
        return ""
    return (ask.since.astimezone(UTC).date() - timedelta(days=1)).isoformat()


def _is_day(name: str) -> bool:
    try:
        return len(name) == 10 and bool(date.fromisoformat(name))
    except ValueError:
        return False
