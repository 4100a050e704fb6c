"""What a run found, sent section by section: added as it comes, replaced as a whole, or only what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from adjutant_client import Refused
from collectors.batches import (
    RECORDS,
    Batch,
    Payload,
    Pile,
    adding,
    dropping,
    encoded_bytes,
    replacing,
    section_of,
    stated,
)
from collectors.delivery import Delivery
from collectors.iteration import Failed
from collectors.progress import Bar
from collectors.report import Report
from collectors.types import Gone, Item, Progress, Rest
from models.batch import BATCH_ITEMS_MAX

SECTION_BYTES_MAX = 64 << 20  # the server's bound for a batch (multipart.BATCH_SIZE_MAX)
GONE_AT_ONCE = 1_000  # ids in one message
READ_PERCENT = 90  # of the bar for reading, the rest for sending
BESIDE = (RECORDS, "people", "proposals")
"""Sections that a source fills besides its main one: earlier servers do not accept them, and an empty
one is not a fault."""
_READ_IN_VAIN = "they were read, but are not stored anywhere"
_ELSEWHERE = (
    "nothing of what {0} has on the board is here, and the address has a different secret since its last run:"
    " if this is something else, give it a name of its own, such as --source {1}; if not, --source {0}"
)


@dataclass
class Sending:
    """Of one run. `sections` are those that the source owns whole; `is_full` says that the run brings all of
    them. `moved_from` is a name that the source had, if it reads from another origin than the last run did;
    it is only asked when something is sent."""

    delivery: Delivery
    report: Report
    sections: Sequence[str]
    is_full: bool
    allow_empty: bool
    moved_from: Callable[[], str]
    _owned: dict[str, list[Payload]] = field(init=False)
    _owned_bytes: int = 0
    _piles: dict[str, Pile] = field(default_factory=dict)
    _none_left: set[str] = field(default_factory=set)
    _rest: set[str] = field(default_factory=set)
    _gone: dict[str, dict[str, None]] = field(default_factory=dict)
    _unmet: dict[str, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._owned = {section: [] for section in self.sections}

    async def take(self, one: Item) -> None:
        """Errors: Failed, if it is more than the board holds."""
        section, item = section_of(one), stated(one)
        self.report.read(section, type(one))
        if section in self._owned:
            self._owned[section].append(item)
            self._owned_bytes += encoded_bytes(item)
            if len(self._owned[section]) > BATCH_ITEMS_MAX or self._owned_bytes > SECTION_BYTES_MAX:
                most = f"{BATCH_ITEMS_MAX:,} items or {SECTION_BYTES_MAX >> 20} MiB"
                raise Failed(f"this is more than the board can hold, which is {most}")
        elif full := self._piles.setdefault(section, Pile()).add(item):
            await self._send(section, adding(section, full))

    def take_gone(self, one: Gone) -> None:
        into = self._unmet if one.unmet else self._gone
        into.setdefault(one.section, {}).update(dict.fromkeys(one.ids))

    def none_left(self, section: str) -> None:
        self._none_left.add(section)

    def rest(self, one: Rest) -> None:
        """These are on the board already, and are counted as if they had been sent."""
        self._rest.add(one.kind.section)
        if one.count:
            self.report.read(one.kind.section, one.kind, one.count)
            self.report.answered(one.kind.section, {"unchanged": one.count})

    async def checkpoint(self) -> None:
        """Sends all that is not owned whole, and what is certainly gone."""
        await self._send_piles()
        await self._send_gone(self._gone)
        self._gone = {}

    async def end(self, bar: Bar) -> None:
        """Sends the rest, once all was found. Errors: Failed."""
        await self._send_piles()
        await self._send_gone(self._gone)
        await self._send_gone(self._unmet if self.report.complete else {})
        for section, items in self._owned.items():
            bar.show(Progress(0, None, f"sending {section}"))
            await self.delivery.tell(READ_PERCENT, f"sending {section}")
            if section in self._rest:
                await self._send_changed(section, items)
                continue
            if section not in BESIDE and (former := self.moved_from()):
                await self._check_origin(section, items, former)
            if why := self._why_not(section):
                self.report.left |= {} if section in BESIDE else {section: why}
            elif items or self.is_full:
                await self._send(section, self._replacing(section, items))

    async def _send_changed(self, section: str, items: Iterable[Payload]) -> None:
        pile = Pile()
        for item in items:
            if full := pile.add(item):
                await self._send(section, adding(section, full))
        if last := pile.take():
            await self._send(section, adding(section, last))

    async def _send_piles(self) -> None:
        """People first, by whose names the rest is understood."""
        for section, pile in sorted(self._piles.items(), key=lambda one: one[0] != "people"):
            if rest := pile.take():
                await self._send(section, adding(section, rest))

    async def _send_gone(self, gone: dict[str, dict[str, None]]) -> None:
        for section, ids in gone.items():
            every = list(ids)
            for start in range(0, len(every), GONE_AT_ONCE):
                await self._send(section, dropping(section, every[start : start + GONE_AT_ONCE]))

    async def _check_origin(self, section: str, items: Sequence[Payload], former: str) -> None:
        """The secret of an address was renewed, or it is another thing: then it has none of the old items.

        Errors: Failed.
        """
        source, items_now = self.report.source, {_thing(item["id"]) for item in items}
        on_board = (item["id"].partition("/") for item in await self.delivery.on_board(section))
        known = {_thing(own) for owner, _, own in on_board if owner == source}
        if known and items_now and known.isdisjoint(items_now):
            raise Failed(_ELSEWHERE.format(source, former))

    def _why_not(self, section: str) -> str:
        """Why the section stays as it is; empty if it does not, or if that does not matter."""
        if self._owned[section] or not self.is_full:
            return ""
        if not self.report.complete:
            return "not everything could be read, so the old ones stay"
        if section not in self._none_left and not self.allow_empty:
            return "nothing was found, so the old ones stay (--allow-empty removes them)"
        return ""

    def _replacing(self, section: str, items: Sequence[Payload]) -> Batch:
        complete = self.report.complete and self.is_full
        may_be_empty = complete and (section in self._none_left or self.allow_empty)
        spare = self.report.spared
        return replacing(section, items, complete=complete, allow_empty=may_be_empty, spare=spare)

    async def _send(self, section: str, batch: Batch) -> None:
        """Adds a remark if the server does not accept such items, which are then ignored."""
        if section in self.report.untaken:
            return
        try:
            if (ack := await self.delivery.send(batch)) is not None:
                self.report.answered(section, ack)
        except Refused as refusal:
            if refusal.code != "unknown_event" or section not in BESIDE:
                raise
            self.report.untaken.add(section)
            self.report.note(f"this server takes no {section} yet: {_READ_IN_VAIN}")


def _thing(id: str) -> str:
    """The id of the series that the id is an occurrence of (decision 35)."""
    return id.partition("#")[0]
