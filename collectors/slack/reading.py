"""A Slack export into records, one day of one channel at a time: nothing is left out without a finding.

The steps: find the files (`export` over `zip`), learn the names, then each day's messages, each by
itself (`message` over `text`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson

from collectors.folders import Unreadable, called, decode
from collectors.identity import Twins
from collectors.remarks import Remarks
from collectors.sanitize import NothingSaid
from collectors.slack.export import CHANNEL_LISTS, USER_LISTS, DayFile, Export, Layout, layout, open_export
from collectors.slack.message import Channel, is_system, record
from collectors.slack.text import Names
from collectors.texts import one_line
from collectors.types import Ask, Finding, Found, Kind, Progress
from models.base import format_instant
from models.records import MAX_TEXT, GivenRecord
from models.sources import Mode

FILE_BYTES_MAX = 2**26
_BOM = b"\xef\xbb\xbf"
_BETWEEN = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Wanted:
    """What a person asked for: names or ids of channels (none: all), and the first day."""

    channels: frozenset[str] = frozenset()
    since: date | None = None


def read_export(path: Path, ask: Ask, wanted: Wanted) -> Iterator[Found]:
    """The messages of the export, channel by channel and day by day.

    Errors: Unreadable, when it is no export; the message is a sentence.
    """
    try:
        export = open_export(path)
        with closing(export):
            yield from export.findings
            yield from _Reading(export, layout(export.names()), ask, wanted).found()
    except Unreadable as error:
        raise Unreadable(f"{called(path)}: {error}") from None


class _Reading:
    """One run over an export."""

    def __init__(self, export: Export, files: Layout, ask: Ask, wanted: Wanted) -> None:
        self._export, self._files, self._wanted = export, files, wanted
        self._first_day = _first_day(ask, wanted)
        self._findings: list[Finding] = []
        self._silent = 0
        self._names, self._channels = self._lists()

    def found(self) -> Iterator[Found]:
        """All that the export gives."""
        yield from self._findings
        days = [day for day in self._files.days if self._is_wanted(day)]
        for number, day in enumerate(days):
            yield Progress(number, len(days), f"{self._channel(day.folder).title} {day.day}")
            yield from self._day(day)
        yield Progress(len(days), len(days))
        yield from self._remarks()

    def _day(self, day: DayFile) -> Iterator[Found]:
        try:
            messages, broken = array(self._export.read(day.name, FILE_BYTES_MAX))
        except Unreadable as error:
            yield Finding(Kind.SKIPPED, day.name, str(error))
            return
        remarks = Remarks(day.name)
        yield from self._records(messages, self._channel(day.folder), remarks)
        yield from remarks.findings()
        if broken:
            yield Finding(Kind.SKIPPED, day.name, broken)

    def _records(
        self, messages: Iterable[object], channel: Channel, remarks: Remarks
    ) -> Iterator[GivenRecord]:
        twins, said = Twins(), set()
        tomorrow = format_instant(datetime.now(UTC) + timedelta(days=1))
        for number, message in enumerate(messages, 1):
            part = f"message {number}"
            if not isinstance(message, dict):
                remarks.add(Kind.SKIPPED, part, "it is no message (a JSON object)")
                continue
            try:
                if is_system(message):
                    continue
                found, cut = record(message, channel, self._names)
            except NothingSaid:
                self._silent += 1
                continue
            except ValueError as error:
                remarks.add(Kind.SKIPPED, part, str(error))
                continue
            if self._wanted.since and found.at[:10] < self._wanted.since.isoformat():
                continue
            own = (found.id, found.text, str(message.get("user")))
            if own in said:
                remarks.add(Kind.NOTE, part, "it is in the file twice, and is taken once", "are there twice")
                continue
            said.add(own)
            if cut:
                remarks.add(Kind.NOTE, part, f"its text was cut to {MAX_TEXT:,} characters", "were cut")
            if found.at > tomorrow:
                remarks.add(Kind.NOTE, part, f"its time, {found.at}, is yet to come", "are yet to come")
            id = twins.number(found.id)
            yield found if id == found.id else found.model_copy(update={"id": id})

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
        """What there is to say of the export as a whole."""
        if self._silent:
            yield Finding(Kind.NOTE, "", f"{self._silent:,} messages hold no words, and are not taken")
        if self._files.other:
            more = f" and {len(self._files.other) - 1:,} more" if self._files.other[1:] else ""
            yield Finding(
                Kind.NOTE, f"{self._files.other[0]}{more}", "no day of a channel, so it is not read"
            )
        known = {name for channel in self._channels.values() for name in (channel.name, channel.id)}
        for name in sorted(self._wanted.channels - known - set(self._channels)):
            yield Finding(Kind.SKIPPED, f"#{name}", "there is no such channel in the export")

    def _lists(self) -> tuple[Names, dict[str, Channel]]:
        """The names of people, and the channels by the names of their folders."""
        users: dict[str, str] = {}
        bots: set[str] = set()
        for user in (one for name in USER_LISTS for one in self._list(name)):
            id = str(user.get("id"))
            users[id] = _person(user) or id
            if user.get("is_bot"):
                bots.add(id)
        channels: dict[str, Channel] = {}
        for name in CHANNEL_LISTS:
            for entry in self._list(name):
                channel = _listed(entry, users, direct=name in ("mpims.json", "dms.json"))
                if channel is not None:
                    channels |= {channel.id: channel, channel.name: channel}
        by_id = {channel.id: channel.title.removeprefix("#") for channel in channels.values()}
        return Names(users, by_id, frozenset(bots)), channels

    def _list(self, plain_name: str) -> Iterator[dict[str, object]]:
        """The objects of one of the lists; one that is missing or broken costs names, and no message."""
        name = self._files.lists.get(plain_name)
        if name is None:
            if plain_name in ("channels.json", "users.json"):
                why = "it is not there, so ids stand in place of names"
                self._findings.append(Finding(Kind.NOTE, plain_name, why))
            return
        try:
            entries, broken = array(self._export.read(name, FILE_BYTES_MAX))
        except Unreadable as error:
            entries, broken = [], str(error)
        if broken:
            why = f"{broken}; ids stand in place of the names that are missing"
            self._findings.append(Finding(Kind.NOTE, name, why))
        yield from (entry for entry in entries if isinstance(entry, dict))


def array(data: bytes) -> tuple[list[object], str]:
    """The values of a JSON array, as far as it can be read, and what is wrong with it, or "".

    Errors: Unreadable, when nothing of it can be read.
    """
    try:
        values = orjson.loads(data.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return _as_far_as_it_goes(data)
    if not isinstance(values, list):
        raise Unreadable("it is no list of messages")
    return values, ""


def _as_far_as_it_goes(data: bytes) -> tuple[list[object], str]:
    """For what is cut, is no UTF-8, or holds half a surrogate pair: slower, and more patient."""
    if not data.strip():
        raise Unreadable("it is empty")
    try:
        text, _ = decode(data)
    except Unreadable as error:
        raise Unreadable(str(error)) from None
    start = _BETWEEN.match(text)
    at = start.end() if start else 0
    if text[at : at + 1] != "[":
        raise Unreadable("it is no list of messages")
    decoder, values = json.JSONDecoder(strict=False), list[object]()
    at += 1
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text[at : at + 1] == "]":
            return values, ""
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            where = "cut" if at >= len(text.rstrip()) else "cut or broken"
            return values, f"it is {where} at character {at + 1:,}; {len(values):,} before that were read"
        values.append(value)


def _first_day(ask: Ask, wanted: Wanted) -> date | None:
    """Days before are not looked into. A file's day is by the export's clock, which may differ from UTC."""
    days = [wanted.since] if wanted.since else []
    if ask.mode is Mode.QUICK and ask.since is not None:
        days.append(ask.since.astimezone(UTC).date())
    return max(days) - timedelta(days=1) if days else None


def _person(user: dict[str, object]) -> str:
    """How people call a user: the name that is shown, the full name, or the account's."""
    profile = user.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    names = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name"))
    return next((one_line(name) for name in names if isinstance(name, str) and name.strip()), "")


def _listed(entry: dict[str, object], users: dict[str, str], direct: bool) -> Channel | None:
    """A channel of a list; direct messages go by who is in them."""
    id, name, members = entry.get("id"), entry.get("name"), entry.get("members")
    if not isinstance(id, str) or not id:
        return None
    folder = name if isinstance(name, str) and name else id
    if direct and isinstance(members, list):
        title = ", ".join("@" + users.get(str(member), str(member)) for member in members[:20])
    else:
        title = f"#{folder}"
    return Channel(id, folder, one_line(title) or folder)
