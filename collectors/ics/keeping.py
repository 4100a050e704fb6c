"""Reads what is new of kept objects, and tells the board what has changed since it was last told.

The steps of a run: objects come and go (`Kept.change`), `read` brings what they give up to date, `tell`
yields it: all of it, or only what the board does not have as it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from collectors.accounts import Account
from collectors.actions.mine import Me
from collectors.batches import stated
from collectors.ics.confined import read_parts
from collectors.ics.file import Octets, Reading
from collectors.ics.item import answer_of
from collectors.ics.kept import Kept, Said
from collectors.ics.recurrence import Window
from collectors.ics.to_do import told
from collectors.people.met import Met
from collectors.texts import counted
from collectors.types import Ask, Finding, Finished, Found, Gone, Kind, NoneLeft, Progress, Rest
from models.batch import GivenItem
from models.calendar import GivenEvent
from models.people import GivenPerson
from models.priorities import GivenPriority

OBJECTS_AT_ONCE, BYTES_AT_ONCE = 1_000, 8 << 20
"""Of one reading process: some seconds of work, which is all that is lost if the run is killed."""
LASTS_S = 7 * 86_400.0
"""All is read again after a week: the system's rules of time zones are renewed without a word."""
_KINDS: tuple[type[GivenItem], ...] = (GivenEvent, GivenPriority, GivenPerson)
_LIBRARIES = ("icalendar", "recurring-ical-events", "python-dateutil", "tzdata", "pydantic")
_ACCOUNTS = ("events", "occurrences", "tasks")
_ROOT = Path(__file__).parents[1]
Settled = Mapping[tuple[str, str], Mapping[str, Any]]
"""By section and id: fields that people decided and that are the source's again (GivenItem.settled)."""


@dataclass
class Days:
    """Which days are read, and whose."""

    tz: str
    back: int
    ahead: int
    me: Me
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def window(self) -> Window:
        return Window.around(self.now, self.back, self.ahead, ZoneInfo(self.tz))

    def context(self, me: Sequence[str]) -> str:
        """What a reading depends on besides the objects and the time."""
        words = json.dumps([self.tz, self.back, self.ahead, *sorted(me), _reader()])
        return hashlib.sha256(words.encode()).hexdigest()


@cache
def _reader() -> str:
    """Which reader this is: the code and the libraries of which it is made."""
    mark = hashlib.sha256()
    for folder in (_ROOT / "ics", _ROOT, _ROOT / "mail", _ROOT.parent / "models"):
        for path in sorted(folder.glob("*.py")):
            mark.update(path.read_bytes())
    for name in _LIBRARIES:
        try:
            mark.update(version(name).encode())
        except PackageNotFoundError:  # tzdata, where the system has its own
            mark.update(b"none")
    return mark.hexdigest()


def read(
    kept: Kept, days: Days, me: Sequence[str], name_of: Callable[[str], str], *, only_notes: bool = False
) -> Iterator[Progress]:
    """Reads what is new or has to be read again; `name_of` a calendar's address gives its name for people.
    With `only_notes`, what cannot be read is none of the items that the board may have."""
    kept.begin_reading(days.context(me), days.now.timestamp())
    total, window = kept.unread_count(), days.window()
    while units := kept.unread(OBJECTS_AT_ONCE, BYTES_AT_ONCE):
        yield Progress(total - kept.unread_count(), total, f"reading {counted(total, 'object')}")
        parts = [[Octets(name_of(place.calendar), data, "utf-8") for place, data in unit] for unit in units]
        readings = asyncio.run(read_parts(parts, window, days.tz))
        kept.store(
            ([place for place, _ in unit], _said(reading, days, only_notes))
            for unit, reading in zip(units, readings, strict=True)
        )


def tell(
    kept: Kept,
    ask: Ask,
    days: Days,
    *,
    missing: bool,
    kinds: Sequence[type[GivenItem]] = _KINDS,
    settled: Settled = MappingProxyType({}),
) -> Iterator[Found]:
    """What the board is to be told of these kinds; `missing` says that there may be objects that could not be
    fetched."""
    remarks = [Finding(**one | {"kind": Kind(one["kind"])}) for one in kept.remarks()]
    yield from remarks
    unread = any(one.kind is Kind.SKIPPED and not one.spares for one in remarks)
    kept.end_reading(is_all=not missing and not unread)
    today = f"{days.window().start:%Y-%m-%d}"
    # Once a day the board is told all of it, so that no fault lasts.
    whole = not ask.left or (kept.note("left"), kept.note("day")) != (ask.left, today)
    people = list(_people(kept)) if GivenPerson in kinds else []
    mark = hashlib.sha256(repr(people).encode()).hexdigest()
    same_people = not whole and kept.note("people") == mark
    if not same_people:
        kept.set_note("people", "")
    name = kept.begin_sending(whole=whole)
    for kind in kinds:
        if kind is not GivenPerson:
            yield from _changes(kept, kind, settled, whole=whole)
    if not same_people:
        yield from people
    elif people:
        yield Rest(GivenPerson, sum(isinstance(one, GivenPerson) for one in people))
    yield from _accounts(kept)
    yield Finished(partial(_keep, kept.path, name, today, mark))


def _keep(path: Path, name: str, day: str, people: str, left: str, complete: bool) -> None:
    kept = Kept(path)  # the run has ended, and closed its own
    try:
        kept.keep_sent(name, {"left": left, "day": day, "people": people}, gone=complete)
    finally:
        kept.close()


def _changes(kept: Kept, kind: type[GivenItem], settled: Settled, *, whole: bool) -> Iterator[Found]:
    section, number = kind.section, 0
    also = {id: values for (where, id), values in settled.items() if where == section}
    for item in kept.items(section, unsent=not whole):
        number += 1
        values = also.pop(item["id"], None)
        yield kind.model_validate(item | ({"settled": values} if values else {}))
    for id, values in also.items():  # the board has the rest as it is
        if (known := kept.item(section, id)) is not None:
            number += 1
            yield kind.model_validate(known | {"settled": values})
    if whole:
        yield NoneLeft(section)
        return
    if gone := kept.gone(section):
        yield Gone(section, tuple(gone), unmet=True)
    yield Rest(kind, kept.count(section) - number)


def _people(kept: Kept) -> Iterator[GivenPerson | Finding | NoneLeft]:
    met = Met()
    for written, times in kept.totals("met").items():
        met.meet(written, times)
    yield from met.people()


def _accounts(kept: Kept) -> Iterator[Account]:
    accounts = {name: getattr(Reading(), name) for name in _ACCOUNTS}
    for what, number in kept.totals("counts").items():
        name, _, fate = what.partition(" ")
        account: Account = accounts[name]
        if fate == "seen":
            account.see(number)
        elif fate == "taken":
            account.take(number)
        else:
            account.leave(fate.removeprefix("left "), number)
    yield from (one for one in accounts.values() if one.seen)


def _said(reading: Reading, days: Days, only_notes: bool) -> Said:
    lasts_s = days.now.timestamp() + LASTS_S
    said = Said(lasts_s if reading.until_s is None else min(lasts_s, reading.until_s))
    for item in reading.items:
        said.met.update(item["attendees"])
        answer = answer_of(item, days.me.is_meant)
        event = GivenEvent.model_validate(item | {"answer": answer})
        said.items.append((event.section, event.id, stated(event)))
    for to_do in told(reading.to_dos, reading.tasks):
        if isinstance(to_do, GivenPriority):
            said.items.append((to_do.section, to_do.id, stated(to_do)))
    for name in _ACCOUNTS:
        account: Account = getattr(reading, name)
        said.counts.update({f"{name} seen": account.seen, f"{name} taken": account.taken})
        said.counts.update({f"{name} left {why}": number for why, number in account.left.items()})
    said.counts = Counter({what: number for what, number in said.counts.items() if number})
    said.remarks = [asdict(one) for one in reading.findings]
    if only_notes:
        said.remarks = [one | {"kind": Kind.NOTE, "spares": ""} for one in said.remarks]
        return said
    said.spared = {one.spares for one in reading.findings if one.kind is Kind.SKIPPED and one.spares}
    return said
