"""One run of a job: puts what its function yields on the board."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adjutant_client import Client, Refused, Stage, Unreachable
from collectors.accounts import Account
from collectors.batches import Payload
from collectors.delivery import Delivery
from collectors.iteration import Failed, found
from collectors.progress import Bar
from collectors.report import Report
from collectors.sending import READ_PERCENT, Sending
from collectors.spool import Spool, SpoolError, place_of
from collectors.texts import counted, one_line, shown
from collectors.types import (
    Ask,
    Checkpoint,
    Collect,
    Finding,
    Finished,
    Found,
    Gone,
    Kind,
    Mode,
    NoneLeft,
    Progress,
    Rest,
    last_run,
)
from collectors.unsaid import SECTIONS
from models.base import format_instant

Changes = Callable[[], AbstractAsyncContextManager[asyncio.Event]]
_LAST_WORD_S = 1.0  # for "cancelled" to reach the board when the program is stopped
_FIRST_YEAR = 2026  # of this program


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
    `renewed` gives what is to be kept in place of the secret, once it was tried; "" if that stays.
    `writes` are sections of which it writes elsewhere what people decided (Ask.items). `step_s` is how long
    `collect`, a plain generator, may take for one thing.
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
    renewed: Callable[[], str] = str
    step_s: float | None = None

    def presence(self, terms: Terms) -> dict[str, Any]:
        """The data of `source:hello`."""
        said: dict[str, Any] = {"ttl_s": terms.ttl_s}
        said |= {"cadence_s": max(1, round(terms.every_s))} if terms.every_s else {}
        said |= {"formerly": list(self.formerly)} if self.formerly else {}
        said |= {"writes": list(self.writes)} if self.writes else {}
        return said | ({"modes": [mode.value for mode in Mode]} if terms.serves else {})

    def mark(self, begun: str, name: str = "") -> str:
        """The mark that a good run leaves for the next one (types.last_run); with `name`, no other run's."""
        return f"{begun or '-'}{f'~{name}' if name else ''} {self.origin}".rstrip()

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
    board: str | None = None


def open_delivery(job: Job, terms: Terms, say: Callable[[str], None]) -> Delivery:
    """The delivery, with a spool if there can be one; otherwise `say` is called."""
    client = Client(
        terms.url,
        client=job.source,
        source=job.source,
        token=terms.token,
        within_s=terms.wait_s,
        board=terms.board,
    )
    spool = None
    if terms.spool is not None:
        try:
            spool = Spool(terms.spool, place_of(terms.url, terms.board), job.source)
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
        self._sending = Sending(
            self.delivery, self.report, self.job.sections, True, self.terms.allow_empty, self._moved_from
        )
        self._percent = 0
        self._since: datetime | None = None
        self._last: Finished | None = None

    async def carry_out(self, ask: Ask, number: int | None = None) -> Report:
        """Runs it, under the given number or one that it asks for; returns the report.

        Failures are in the report; only a cancellation is raised.
        """
        self._sending.is_full = ask.mode is Mode.FULL
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
        await self.delivery.tell(0, f"{ask.mode} run")
        await send_kept(self.delivery, self.report)
        held = await self._held()  # with what was kept until now: it may say what no text says any more
        records = await self.delivery.count_records() if self.job.counts_records else None
        left = "" if self.delivery.away else self.delivery.mark or ""
        items = await self._items()
        ask = Ask(ask.mode, since, self.job.source, self.delivery.me, held, records, items, left)
        self._since = since
        with Bar(self.job.source) as bar:
            async for one in found(self.job.collect, ask, self.job.step_s):
                await self._take(one, bar)
            self.report.check()
            await self._sending.end(bar)

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
                self._sending.take_gone(one)
            case Checkpoint():
                await self._sending.checkpoint()
                one.keep(self.delivery.held)
            case NoneLeft():
                self._sending.none_left(one.section)
            case Rest():
                self._sending.rest(one)
            case Finished():
                self._last = one
            case Progress():
                bar.show(one)
                if one.total:
                    percent = READ_PERCENT * min(one.done, one.total) // one.total
                    self._percent = max(self._percent, percent)
                await self.delivery.tell(self._percent, one_line(one.doing))
            case _:
                await self._sending.take(one)

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
            try:
                await delivery.finish(
                    report.counts, one_line(report.error), self._mark(begun), one_line(report.message)
                )
            except Refused as refusal:
                self._refused(refusal)
            else:
                self._keep()
        report.away = report.away or delivery.away
        with suppress(SpoolError):
            report.kept = delivery.spool.items() if delivery.spool is not None else 0

    def _mark(self, begun: str) -> str | None:
        """A run that is Finished leaves one of its own in any case, by which the next knows what is there."""
        if self._last is None:
            return self.job.mark(begun) if self.report.settled else None
        before = "" if self._since is None else format_instant(self._since)
        return self.job.mark(begun if self.report.settled else before, secrets.token_hex(4))

    def _keep(self) -> None:
        """Lets the collector note down that the board has all of it, if it has."""
        report = self.report
        if self._last is not None and report.all_taken and not self.delivery.away and not report.error:
            self._last.keep(self.delivery.mark or "", report.complete)

    def _moved_from(self) -> str:
        """The name that the source had, if it reads from another origin now; "" if not."""
        return (
            (*self.job.formerly, self.job.source)[0] if self.job.is_from_elsewhere(self.delivery.mark) else ""
        )


def _check_clock() -> None:
    """A machine may start in 1970, when no event would be in the wanted days. Errors: Failed."""
    now = datetime.now(UTC)
    if now.year < _FIRST_YEAR:
        raise Failed(f"this machine's clock says {now:%Y-%m-%d}, which is impossible: set it and run again")


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
