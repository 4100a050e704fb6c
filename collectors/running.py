"""One run of a job: puts what its function yields on the board."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adjutant_client import Client, Refused, Stage, Unreachable
from collectors.accounts import Account
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
from collectors.iteration import Failed, found
from collectors.progress import Bar
from collectors.report import Report
from collectors.spool import Spool, SpoolError
from collectors.texts import counted, one_line, shown
from collectors.types import (
    Ask,
    Checkpoint,
    Collect,
    Finding,
    Found,
    Gone,
    Item,
    Kind,
    Mode,
    NoneLeft,
    Progress,
    last_run,
)
from collectors.unsaid import SECTIONS
from models.base import format_instant
from models.batch import BATCH_ITEMS_MAX

Changes = Callable[[], AbstractAsyncContextManager[asyncio.Event]]
SECTION_BYTES_MAX = 64 << 20  # the server's bound for a batch (multipart.BATCH_SIZE_MAX)
GONE_AT_ONCE = 1_000  # ids in one message
_LAST_WORD_S = 1.0  # for "cancelled" to reach the board when the program is stopped
_READ_PERCENT = 90  # of the bar for reading, the rest for sending
_FIRST_YEAR = 2026  # of this program
_ELSEWHERE = (
    "nothing of what {0} has on the board is here, and the address has a different secret since its last run:"
    " if this is something else, give it a name of its own, such as --source {1}; if not, --source {0}"
)
_BESIDE = (RECORDS, "people", "proposals")
"""Sections that a source fills besides its main one: earlier servers do not accept them, and an empty
one is not a fault."""
_READ_IN_VAIN = "they were read, but are not stored anywhere"


@dataclass(frozen=True)
class Job:
    """A collector's job, and its source.

    `sections` are those that the source owns whole: items that a full run no longer yields are removed.
    `watch` names the files and folders whose changes are worth a run; `every_s` is how often a watched job is
    to run again although none has changed.
    `origin` is a mark of where it reads from, secrets and all, if the source's name leaves those out; then
    `formerly` are names that it may have had before. `from_texts` wants to know what the board has by
    the word of which text (Ask.held), `counts_records` how many records it has (Ask.records). `changes` tells
    of changes where no file does. `check` tries an account: says what is there, or raises what a run does.
    `writes` are sections of which it writes elsewhere what people decided (Ask.items).
    """

    source: str
    collect: Collect
    sections: tuple[str, ...] = ()
    watch: tuple[Path, ...] = ()
    every_s: float | None = None
    origin: str = ""
    formerly: tuple[str, ...] = ()
    from_texts: bool = False
    counts_records: bool = False
    changes: Changes | None = None
    check: Callable[[], str] | None = None
    writes: tuple[str, ...] = ()

    def presence(self, terms: Terms) -> dict[str, Any]:
        """The data of `source:hello`."""
        said: dict[str, Any] = {"ttl_s": terms.ttl_s}
        said |= {"cadence_s": max(1, round(terms.every_s))} if terms.every_s else {}
        said |= {"formerly": list(self.formerly)} if self.formerly else {}
        return said | ({"modes": [mode.value for mode in Mode]} if terms.serves else {})

    def mark(self, begun: str) -> str:
        """The mark that a good run leaves for the next one (types.last_run)."""
        return f"{begun} {self.origin}".rstrip()

    def is_from_elsewhere(self, mark: str | None) -> bool:
        """Whether the run that left this mark read from another origin."""
        origin = (mark or "").partition(" ")[2]
        return bool(origin and self.origin) and origin != self.origin


@dataclass(frozen=True)
class Terms:
    """How to run a job: to which server, how patiently, and what may be removed from the board.

    `spool` is the folder for what could not be sent, None for none; `serves` says that the connection stays
    and that the server may ask for runs.
    """

    url: str
    token: str | None = None
    mode: Mode = Mode.FULL
    wait_s: float = 10.0
    spool: Path | None = None
    allow_empty: bool = False
    ttl_s: int = 25 * 3_600
    every_s: float | None = None
    serves: bool = False


def open_delivery(job: Job, terms: Terms, say: Callable[[str], None]) -> Delivery:
    """The delivery, with a spool if there can be one; otherwise `say` is called."""
    client = Client(terms.url, client=job.source, source=job.source, token=terms.token, within_s=terms.wait_s)
    spool = None
    if terms.spool is not None:
        try:
            spool = Spool(terms.spool, terms.url, job.source)
        except SpoolError as error:
            say(f"{error}; what cannot be sent will not be kept")
    return Delivery(client, spool)


async def run_once(job: Job, terms: Terms, say: Callable[[str], None] = lambda _: None) -> Report:
    """One run over a connection of its own; `say` gets messages that do not belong in the report."""
    delivery = open_delivery(job, terms, say)
    async with delivery.client:
        return await Run(job, terms, delivery).carry_out(Ask(terms.mode))


@dataclass
class Run:
    """One run, from hello to finish; can be run once."""

    job: Job
    terms: Terms
    delivery: Delivery
    report: Report = field(init=False)

    def __post_init__(self) -> None:
        self.report = Report(self.job.source)
        self._mode = Mode.FULL
        self._percent = 0
        self._owned: dict[str, list[Payload]] = {section: [] for section in self.job.sections}
        self._owned_bytes = 0
        self._piles: dict[str, Pile] = {}
        self._none_left: set[str] = set()
        self._gone: dict[str, dict[str, None]] = {}
        self._unmet: dict[str, dict[str, None]] = {}

    async def carry_out(self, ask: Ask, number: int | None = None) -> Report:
        """Runs it, under the given number or one that it asks for; returns the report.

        Failures are in the report; only a cancellation is raised.
        """
        self._mode = ask.mode
        begun = format_instant(datetime.now(UTC).replace(microsecond=0))
        try:
            await self._begin_and_collect(ask, number)
        except asyncio.CancelledError:
            with suppress(TimeoutError, Refused):
                async with asyncio.timeout(_LAST_WORD_S):
                    if self.delivery.client.link.stage is Stage.CONNECTED:
                        await self.delivery.finish(self.report.counts, "stopped")
            raise
        except Refused as refusal:
            self._refused(refusal)
        except Failed as failure:
            self.report.failed = shown(str(failure), 500)
        except (Unreachable, SpoolError) as error:
            self.report.away = str(error)
        await self._finish(begun)
        return self.report

    async def _begin_and_collect(self, ask: Ask, number: int | None) -> None:
        if number is None:
            await self.delivery.hello(self.job.presence(self.terms))
        else:
            self.delivery.take_up(number)
        _check_clock()
        since = last_run(self.delivery.mark) or ask.since
        held = await self._held()
        await self.delivery.tell(0, f"{ask.mode} run")
        await send_kept(self.delivery, self.report)
        records = await self.delivery.count_records() if self.job.counts_records else None
        ask = Ask(ask.mode, since, self.job.source, self.delivery.me, held, records, await self._items())
        with Bar(self.job.source) as bar:
            async for one in found(self.job.collect, ask):
                await self._take(one, bar)
            self.report.check()
            await self._send_rest(bar)

    async def _held(self) -> dict[str, list[tuple[str, str]]]:
        """The source's items on the board, by the text in their evidence."""
        held: dict[str, list[tuple[str, str]]] = {}
        for section in SECTIONS if self.job.from_texts else ():
            try:
                items = await self.delivery.on_board(section)
            except Refused:  # by an older server, or because of the token's role
                continue
            for item in items:
                owner, _, own = item["id"].partition("/")
                if owner == self.job.source and item.get("evidence"):
                    held.setdefault(item["evidence"]["file"], []).append((section, own))
        return held

    async def _items(self) -> dict[str, list[Payload]]:
        """The source's items of the sections of which it writes."""
        begin = f"{self.job.source}/"
        return {
            section: [one for one in await self.delivery.on_board(section) if one["id"].startswith(begin)]
            for section in self.job.writes
        }

    async def _take(self, one: Found, bar: Bar) -> None:
        match one:
            case Finding():
                self.report.remark(one)
            case Account():
                self.report.accounts[one.unit].add(one)
            case Gone():
                into = self._unmet if one.unmet else self._gone
                into.setdefault(one.section, {}).update(dict.fromkeys(one.ids))
            case Checkpoint():
                await self._send_piles()
                await self._send_gone(self._gone)
                self._gone = {}
                one.keep(self.delivery.held)
            case NoneLeft():
                self._none_left.add(one.section)
            case Progress():
                bar.show(one)
                if one.total:
                    percent = _READ_PERCENT * min(one.done, one.total) // one.total
                    self._percent = max(self._percent, percent)
                await self.delivery.tell(self._percent, one_line(one.doing))
            case _:
                await self._take_item(one)

    async def _take_item(self, one: Item) -> None:
        section, item = section_of(one), stated(one)
        self.report.read(section, one)
        if section in self._owned:
            self._owned[section].append(item)
            self._owned_bytes += encoded_bytes(item)
            if len(self._owned[section]) > BATCH_ITEMS_MAX or self._owned_bytes > SECTION_BYTES_MAX:
                most = f"{BATCH_ITEMS_MAX:,} items or {SECTION_BYTES_MAX >> 20} MiB"
                raise Failed(f"this is more than the board can hold, which is {most}")
        elif full := self._piles.setdefault(section, Pile()).add(item):
            await self._send(section, adding(section, full))

    async def _send_rest(self, bar: Bar) -> None:
        await self._send_piles()
        await self._send_gone(self._gone)
        await self._send_gone(self._unmet if self.report.complete else {})
        for section, items in self._owned.items():
            bar.show(Progress(0, None, f"sending {section}"))
            await self.delivery.tell(_READ_PERCENT, f"sending {section}")
            if section not in _BESIDE and self.job.is_from_elsewhere(self.delivery.mark):
                await self._check_origin(section, items)
            if why := self._why_not(section):
                self.report.left |= {} if section in _BESIDE else {section: why}
            elif items or self._mode is Mode.FULL:
                await self._send(section, self._replacing(section, items))

    async def _send_piles(self) -> None:
        for section, pile in self._piles.items():
            if rest := pile.take():
                await self._send(section, adding(section, rest))

    async def _send_gone(self, gone: dict[str, dict[str, None]]) -> None:
        for section, ids in gone.items():
            every = list(ids)
            for start in range(0, len(every), GONE_AT_ONCE):
                await self._send(section, dropping(section, every[start : start + GONE_AT_ONCE]))

    async def _check_origin(self, section: str, items: Sequence[Payload]) -> None:
        """The secret of an address was renewed, or it is another thing: then it has none of the old items.

        Errors: Failed.
        """
        source, items_now = self.job.source, {_thing(item["id"]) for item in items}
        on_board = (item["id"].partition("/") for item in await self.delivery.on_board(section))
        known = {_thing(own) for owner, _, own in on_board if owner == source}
        if known and items_now and known.isdisjoint(items_now):
            raise Failed(_ELSEWHERE.format(source, self.job.formerly[0]))

    def _why_not(self, section: str) -> str:
        """Why the section stays as it is; empty if it does not, or if that does not matter."""
        if self._owned[section] or self._mode is Mode.QUICK:
            return ""
        if not self.report.complete:
            return "not everything could be read, so the old ones stay"
        if section not in self._none_left and not self.terms.allow_empty:
            return "nothing was found, so the old ones stay (--allow-empty removes them)"
        return ""

    def _replacing(self, section: str, items: Sequence[Payload]) -> Batch:
        complete = self.report.complete and self._mode is Mode.FULL
        may_be_empty = complete and (section in self._none_left or self.terms.allow_empty)
        spare = self.report.spared
        return replacing(section, items, complete=complete, allow_empty=may_be_empty, spare=spare)

    async def _send(self, section: str, batch: Batch) -> None:
        """Adds a remark if the server does not accept such items, which are then ignored."""
        if section in self.report.untaken:
            return
        try:
            self._answered(section, await self.delivery.send(batch))
        except Refused as refusal:
            if refusal.code != "unknown_event" or section not in _BESIDE:
                raise
            self.report.untaken.add(section)
            self.report.note(f"this server takes no {section} yet: {_READ_IN_VAIN}")

    def _answered(self, section: str, ack: dict[str, Any] | None) -> None:
        if ack is not None:
            self.report.answered(section, ack)

    def _refused(self, refusal: Refused) -> None:
        if refusal.code == "source_fenced":
            self.report.fenced = True
            self.report.failed = f"a newer run of {self.job.source} has begun, or this one was cancelled"
        else:
            self.report.refused = one_line(str(refusal))

    async def _finish(self, begun: str) -> None:
        report, delivery = self.report, self.delivery
        if not report.fenced and not report.away:
            # The mark is the begin of the run: what changed while it ran is new to the next one, and so is
            # what this one missed.
            mark = self.job.mark(begun) if report.settled else None
            try:
                await delivery.finish(report.counts, one_line(report.error), mark, one_line(report.message))
            except Refused as refusal:
                self._refused(refusal)
        report.away = report.away or delivery.away
        with suppress(SpoolError):
            report.kept = delivery.spool.items() if delivery.spool is not None else 0


def _check_clock() -> None:
    """A machine may start in 1970, when no event would be in the wanted days. Errors: Failed."""
    now = datetime.now(UTC)
    if now.year < _FIRST_YEAR:
        raise Failed(f"this machine's clock says {now:%Y-%m-%d}, which is impossible: set it and run again")


def _thing(id: str) -> str:
    """The id of the series that the id is an occurrence of (decision 35)."""
    return id.partition("#")[0]


async def send_kept(delivery: Delivery, report: Report) -> None:
    """Sends what an earlier run could not send, before anything new; adds that to the report.

    Errors: Refused, Unreachable, SpoolError.
    """
    sent = 0
    async for batch, refusal in delivery.send_kept():
        if refusal is None:
            sent += batch.items
        else:
            why = f"{counted(batch.items, 'item')} kept by an earlier run, now refused: {refusal}"
            report.remark(Finding(Kind.LEFT_OUT, "", one_line(why)))
    if sent:
        report.note(f"{counted(sent, 'item')} kept by an earlier run, now sent")
    if delivery.spool is not None:
        for said in delivery.spool.said:
            report.remark(Finding(Kind.LEFT_OUT, "", said))
        delivery.spool.said.clear()
