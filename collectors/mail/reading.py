"""All the mail at the given paths, as records: each message once, and what is odd counted by its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from collectors.folders import Unreadable
from collectors.mail.mbox import Letter
from collectors.mail.message import Unusable, record
from collectors.mail.places import Place, places
from collectors.texts import counted
from collectors.types import Ask, Finding, Found, Kind, Mode, Progress

LATE_MAX = timedelta(days=1)
"""How much older than the last run a message may be dated and still count as new."""
_TOLD_IN_ALL = 100
_AGAIN = "it is here a second time, and the first was taken"


def read_mail(given: Sequence[Path], ask: Ask) -> Iterator[Found]:
    """The records, and what there is to say; a quick run yields only messages that are not older than
    the last run."""
    since = ask.since - LATE_MAX if ask.mode is Mode.QUICK and ask.since is not None else None
    found: list[Place] = []
    for path in given:
        for one in places(path):
            if isinstance(one, Finding):
                yield one
            elif all(one.path != other.path for other in found):
                found.append(one)
    reading = _Reading(since, sum(place.size_bytes for place in found))
    for place in found:
        yield from reading.read(place)


@dataclass
class _Reading:
    """One run; `met` holds the ids of the messages that are out."""

    since: datetime | None
    total_bytes: int
    done_bytes: int = 0
    percent: int = -1
    met: set[str] = field(default_factory=set)

    def read(self, place: Place) -> Iterator[Found]:
        remarks = Remarks(place.name)
        messages = 0
        yield Progress(max(self.percent, 0), 100, place.name)
        try:
            for one in place.letters():
                if isinstance(one, Finding):
                    yield one
                    continue
                messages += 1
                yield from self._take(one, place.name, remarks)
                yield from self._progress(one, f"{place.name}: {counted(messages, 'message')}")
        except Unreadable as error:
            yield error.finding(place.name)
        except OSError as error:
            why = f"reading stopped after {counted(messages, 'message')} ({error.strerror or error})"
            yield Finding(Kind.SKIPPED, place.name, why)
        yield from remarks.findings()

    def _take(self, letter: Letter, folder: str, remarks: Remarks) -> Iterator[Found]:
        try:
            taken = record(letter, folder, self.since)
        except Unusable as error:
            remarks.add(Kind.SKIPPED, letter.where, str(error))
            return
        if taken is None:
            return
        given, whys = taken
        if given.id in self.met:
            remarks.add(Kind.NOTE, letter.where, _AGAIN)
            return
        self.met.add(given.id)
        for why in whys:
            remarks.add(Kind.NOTE, letter.where, why)
        yield given

    def _progress(self, letter: Letter, doing: str) -> Iterator[Found]:
        self.done_bytes += letter.size_bytes
        percent = min(100, 100 * self.done_bytes // max(1, self.total_bytes))
        if percent > self.percent:
            self.percent = percent
            yield Progress(percent, 100, doing)


class Remarks:
    """What is odd about the messages of one place: one finding for each reason, of however many messages."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._met: dict[tuple[Kind, str], tuple[str, int]] = {}

    def add(self, kind: Kind, where: str, why: str) -> None:
        """`where` in the place the message is."""
        first, count = self._met.get((kind, why), (where, 0))
        if count or len(self._met) < _TOLD_IN_ALL:
            self._met[kind, why] = first, count + 1

    def findings(self) -> Iterator[Finding]:
        """What to report of the place, by reason."""
        for (kind, why), (first, count) in self._met.items():
            others = f" (and so with {counted(count - 1, 'other message')} here)" if count > 1 else ""
            yield Finding(kind, f"{self._place}, {first}", why + others)
