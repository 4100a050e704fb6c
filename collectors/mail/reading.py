"""All the mail at the given paths, as records: each message once, and all that was seen accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from collectors.accounts import Accounts
from collectors.actions.recent import LOOK, Actions
from collectors.folders import Unreadable
from collectors.mail.correspondence import Correspondence
from collectors.mail.deleted import why_gone
from collectors.mail.mbox import Letter
from collectors.mail.message import Message
from collectors.mail.places import Place, Search
from collectors.remarks import Remarks
from collectors.texts import counted
from collectors.types import Ask, Finding, Found, Kind, Mode, Progress

LATE_MAX = timedelta(days=1)
"""How much older than the last run a message may be dated and still count as new."""
_AGAIN = "it is here twice, and the first copy was used"
_ANOTHER = "another message has the same Message-ID, and both are kept"
_UNDATED = ""  # what an older message says is not looked at


def read_mail(
    given: Sequence[Path], ask: Ask, actions: Actions = LOOK, *, deleted: bool = False
) -> Iterator[Found]:
    """The records, what is to be done by them, the people, and what there is to say; a quick run yields only
    messages that are not older than the last run. Those that were thrown away come only if `deleted`."""
    since = ask.since - LATE_MAX if ask.mode is Mode.QUICK and ask.since is not None else None
    accounts = Accounts("file", "message", "part")
    search = Search(accounts["file"])
    found: dict[tuple[Path, object], Place] = {}
    for path in given:
        for one in search.places(path):
            if isinstance(one, Finding):
                yield one
            elif (key := (one.path, one.messages)) in found:
                accounts["file"].leave("given twice", 1 if one.messages is None else len(one.messages))
            else:
                found[key] = one
    total_bytes = sum(place.size_bytes for place in found.values())
    correspondence = Correspondence(ask, actions)
    reading = _Reading(accounts, since, deleted, total_bytes, correspondence)
    for place in found.values():
        yield from reading.read(place)
    yield from correspondence.told(whole=since is None and reading.met_any)
    yield from accounts


@dataclass
class _Reading:
    """One run; `met` holds what the messages say that are out, by their ids."""

    accounts: Accounts
    since: datetime | None
    deleted: bool
    total_bytes: int
    correspondence: Correspondence
    done_bytes: int = 0
    percent: int = -1
    met: dict[str, str] = field(default_factory=dict)

    @property
    def met_any(self) -> bool:
        """Whether there is any mail at all: a folder that is empty may be one that is not mounted."""
        return bool(self.met)

    def read(self, place: Place) -> Iterator[Found]:
        messages, files = self.accounts["message"], self.accounts["file"]
        remarks, before = Remarks(place.name, messages), messages.seen
        yield Progress(max(self.percent, 0), 100, place.name)
        try:
            for one in place.letters(files):
                if isinstance(one, Finding):
                    where = one.where if place.messages is not None else f"{place.name}, {one.where}"
                    yield Finding(one.kind, where, one.why)
                    continue
                messages.see()
                with remarks.guard(one.where):
                    yield from self._take(one, place.name, remarks)
                yield from self._progress(one, f"{place.name}: {counted(messages.seen - before, 'message')}")
        except Unreadable as error:
            files.leave(error.kind)
            yield error.finding(place.name)
        except OSError as error:
            files.leave(Kind.SKIPPED)
            read = counted(messages.seen - before, "message")
            why = f"reading stopped after {read} ({error.strerror or error})"
            yield Finding(Kind.SKIPPED, place.name, why)
        yield from remarks.findings()

    def _take(self, letter: Letter, folder: str, remarks: Remarks) -> Iterator[Found]:
        message = Message(letter)
        account = self.accounts["message"]
        gone = why_gone(message.headers, letter.flags, folder)
        if gone and not self.deleted:
            account.leave(f"{gone} (--deleted takes them)")
            if message.id not in self.met:
                self.correspondence.without(message.id)
            return
        is_old = self.since is not None and message.at < self.since
        if is_old and not self.correspondence.is_held(message.id):
            account.leave("older than the last run")
            if message.id:
                self.met.setdefault(message.id, _UNDATED)
            return
        taken = message.taken(folder, gone)
        record = taken.record
        known = self.met.get(record.id)
        is_another = known is not None and known != taken.says
        if is_another:
            record = taken.another
        if record.id in self.met:
            account.leave("here twice")
            remarks.add(Kind.NOTE, letter.where, _AGAIN)
            return
        self.met[record.id] = taken.says
        for why in (*taken.remarks, *([_ANOTHER] if is_another else [])):
            remarks.add(Kind.NOTE, letter.where, why)
        account.take()
        self.accounts["part"].add(taken.parts)
        yield record
        self.correspondence.read(message, record)

    def _progress(self, letter: Letter, doing: str) -> Iterator[Found]:
        self.done_bytes += letter.size_bytes
        percent = min(100, 100 * self.done_bytes // max(1, self.total_bytes))
        if percent > self.percent:
            self.percent = percent
            yield Progress(percent, 100, doing)
