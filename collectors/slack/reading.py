"""A Slack export into records, one day of one channel at a time: nothing is left out without a finding.

The steps: find the files (`export` over `zip`), learn the names, then each day's messages, each by
itself (`message` over `text`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from collectors.accounts import Accounts
from collectors.actions.recent import LOOK, Actions
from collectors.folders import Unreadable, called
from collectors.identity import Twins
from collectors.remarks import Remarks, Unusable
from collectors.sanitize import NothingSaid
from collectors.slack.array import array
from collectors.slack.conversation import Conversation
from collectors.slack.export import CHANNEL_LISTS, USER_LISTS, DayFile, Export, Layout, layout, open_export
from collectors.slack.marks import Names
from collectors.slack.message import Channel, is_system, record
from collectors.slack.people import Entry, People
from collectors.types import Ask, Finding, Found, Kind, Progress
from models.base import format_instant
from models.records import MAX_TEXT, GivenRecord
from models.sources import Mode

FILE_BYTES_MAX = 2**26  # a day of the busiest channel has a few MB


@dataclass(frozen=True)
class Wanted:
    """What a person asked for: names or ids of channels (none: all), and the first day."""

    channels: frozenset[str] = frozenset()
    since: date | None = None


def read_export(path: Path, ask: Ask, wanted: Wanted, actions: Actions = LOOK) -> Iterator[Found]:
    """The messages of the export, channel by channel and day by day; what is to be done by them, and who is
    who.

    Errors: Unreadable, when it is not an export; the message is a sentence.
    """
    accounts = Accounts("file", "message")
    talk = Conversation(ask, actions)
    try:
        export = open_export(path, accounts["file"])
        with closing(export):
            yield from export.findings
            yield from _Reading(export, layout(export.names()), ask, wanted, accounts, talk).found()
    except Unreadable as error:
        raise Unreadable(f"{called(path)}: {error}") from None
    yield from accounts


class _Reading:
    """One run over an export."""

    def __init__(
        self,
        export: Export,
        files: Layout,
        ask: Ask,
        wanted: Wanted,
        accounts: Accounts,
        talk: Conversation,
    ) -> None:
        self._export, self._files, self._wanted, self._talk = export, files, wanted, talk
        self._file, self._message = accounts["file"], accounts["message"]
        self._first_day = _first_day(ask, wanted)
        self._names, self._channels = Names(), dict[str, Channel]()

    def found(self) -> Iterator[Found]:
        """Everything in the export."""
        people = People()
        lists = yield from self._lists(people)
        yield Progress(0, None, "names")
        for day in self._files.days:
            people.meet(self._bytes_of(day))
        self._names, self._channels = people.names(lists)
        self._talk.begin(people.listed, self._names)
        days = [day for day in self._files.days if self._is_wanted(day)]
        self._file.leave("not asked for", len(self._files.days) - len(days))
        self._file.leave("part of an export, without messages", len(self._files.also))
        self._file.leave("not part of an export", len(self._files.other))
        for number, day in enumerate(days):
            yield Progress(number, len(days), f"{self._channel(day.folder).title} {day.day}")
            yield from self._day(day)
        yield Progress(len(days), len(days))
        yield from self._talk.told()
        yield from self._remarks()

    def _bytes_of(self, day: DayFile) -> bytes:
        try:
            return self._export.read(day.name, FILE_BYTES_MAX)
        except Unreadable:
            return b""  # said when its messages are read

    def _day(self, day: DayFile) -> Iterator[Found]:
        try:
            messages, broken = array(self._export.read(day.name, FILE_BYTES_MAX))
        except Unreadable as error:
            self._file.leave(Kind.SKIPPED)
            self._talk.cannot_read(self._channel(day.folder))
            yield Finding(Kind.SKIPPED, day.name, str(error))
            return
        self._file.take()
        remarks = Remarks(day.name, self._message)
        yield from self._records(messages, self._channel(day.folder), remarks)
        if broken:
            self._talk.cannot_read(self._channel(day.folder))
        yield from remarks.findings()
        yield from (Finding(Kind.SKIPPED, day.name, why) for why in broken)

    def _records(self, messages: Sequence[object], channel: Channel, remarks: Remarks) -> Iterator[Found]:
        twins, said = Twins(), set[tuple[str, str, str]]()
        self._message.see(len(messages))
        for number, message in enumerate(messages, 1):
            part = f"message {number}"
            with remarks.guard(part):
                if not isinstance(message, dict):
                    raise Unusable("it is not a message (a JSON object)")
                if is_system(message):
                    self._talk.silent(message, channel)
                    self._message.leave("by Slack itself (joins, pins and the like)")
                    continue
                try:
                    found, cut = record(message, channel, self._names)
                except NothingSaid:
                    self._talk.silent(message, channel)
                    self._message.leave("without text")
                    continue
                if self._wanted.since and found.at[:10] < self._wanted.since.isoformat():
                    self._message.leave("before --since")
                    continue
                own = (found.id, found.text, str(message.get("user")))
                if own in said:
                    self._message.leave("listed twice")
                    why = "it is in the file twice, and is used once"
                    remarks.add(Kind.NOTE, part, why)
                    continue
                said.add(own)
                self._remark(found, cut, part, remarks)
                id = twins.number(found.id)
                self._message.take()
                taken = found if id == found.id else found.model_copy(update={"id": id})
                yield taken
                self._talk.read(message, taken, channel)

    def _remark(self, found: GivenRecord, cut: bool, part: str, remarks: Remarks) -> None:
        if cut:
            remarks.add(Kind.NOTE, part, f"its text was cut to {MAX_TEXT:,} characters")
        if found.at > format_instant(datetime.now(UTC) + timedelta(days=1)):
            remarks.add(Kind.NOTE, part, f"its time, {found.at}, is in the future", "are in the future")

    def _channel(self, folder: str) -> Channel:
        if folder not in self._channels:
            self._channels[folder] = Channel.unlisted(folder)
        return self._channels[folder]

    def _is_wanted(self, day: DayFile) -> bool:
        if self._first_day and day.day < self._first_day:
            return False
        channel = self._channel(day.folder)
        return not self._wanted.channels or bool(
            self._wanted.channels & {channel.name, channel.id, day.folder}
        )

    def _remarks(self) -> Iterator[Finding]:
        """Findings about the export as a whole."""
        if self._files.other:
            more = f" and {len(self._files.other) - 1:,} more" if self._files.other[1:] else ""
            why = "it is not a day of a channel, so it is skipped"
            yield Finding(Kind.NOTE, f"{self._files.other[0]}{more}", why, len(self._files.other))
        known = {name for channel in self._channels.values() for name in (channel.name, channel.id)}
        for name in sorted(self._wanted.channels - known - set(self._channels)):
            yield Finding(Kind.SKIPPED, f"#{name}", "there is no such channel in the export")

    def _lists(self, people: People) -> Generator[Finding, None, dict[str, list[Entry]]]:
        """The lists of channels by their names; those of users are `people`'s."""
        for name in USER_LISTS:
            entries = yield from self._list(name)
            for user in entries:
                people.add(user)
        lists = {}
        for name in CHANNEL_LISTS:
            lists[name] = yield from self._list(name)
        return lists

    def _list(self, plain_name: str) -> Generator[Finding, None, list[Entry]]:
        """The objects of one of the lists; one that is missing or broken costs names, and no message."""
        name = self._files.lists.get(plain_name)
        if name is None:
            if plain_name in ("channels.json", "users.json"):
                why = "it does not exist, so ids are shown instead of names"
                yield Finding(Kind.NOTE, plain_name, why)
            return []
        try:
            entries, broken = array(self._export.read(name, FILE_BYTES_MAX))
            self._file.take()
        except Unreadable as error:
            entries, broken = [], [str(error)]
            self._file.leave("of names, which cannot be read")
        for why in broken:
            yield Finding(Kind.NOTE, name, f"{why}; ids are shown instead of the missing names")
        return [entry for entry in entries if isinstance(entry, dict)]


def _first_day(ask: Ask, wanted: Wanted) -> date | None:
    """Days before are not looked into. A file's day is by the export's clock, which may differ from UTC."""
    days = [wanted.since] if wanted.since else []
    if ask.mode is Mode.QUICK and ask.since is not None:
        days.append(ask.since.astimezone(UTC).date())
    return max(days) - timedelta(days=1) if days else None
