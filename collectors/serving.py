"""A collector that keeps running: when the server asks, at an interval, and when files change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from adjutant_client import Refused, Stage, Unreachable
from collectors.delivery import Delivery
from collectors.report import Report
from collectors.running import Job, Run, Terms, open_delivery, send_kept
from collectors.spool import SpoolError
from collectors.types import Ask, last_run
from collectors.watching import next_change
from models.sources import Collect

Tell = Callable[[Report], None]
Say = Callable[[str], None]
_FATAL = ("unauthorized", "forbidden")
_AGAIN_S = 1.0  # between attempts to say hello, and while the server is away


async def serve(job: Job, terms: Terms, tell: Tell, say: Say = lambda _: None) -> None:
    """Runs whenever the server asks, until cancelled; `tell` gets the report of each run.

    With `terms.every_s` also at once and at every interval. Errors: Refused, when it may not connect.
    """
    await _stay(_Stay(job, terms, open_delivery(job, terms, say), tell, say), None)


async def watch(job: Job, terms: Terms, tell: Tell, say: Say = lambda _: None) -> None:
    """As `serve`, and also at once and whenever one of the job's files changes."""
    async with job.changes() if job.changes is not None else next_change(job.watch) as changed:
        await _stay(_Stay(job, terms, open_delivery(job, terms, say), tell, say), changed)


async def _stay(stay: _Stay, changed: asyncio.Event | None) -> None:
    async with stay.delivery.client:
        await stay.go_on(changed)


@dataclass
class _Stay:
    """`asked` is the run that the server wants and that has not started; `lost` is set when the
    connection on which the source said hello is gone."""

    job: Job
    terms: Terms
    delivery: Delivery
    tell: Tell
    say: Say
    asked: Collect | None = None
    runs: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    async def go_on(self, changed: asyncio.Event | None) -> None:
        """Until it is cancelled. Errors: Refused."""
        loop = asyncio.get_running_loop()
        self.delivery.client.on_request("source:collect", self._on_collect)
        self.lost.set()
        due_at_s = loop.time() if changed is not None or self.terms.every_s else None
        while True:
            if self.lost.is_set() and not await self._be_present():
                await asyncio.sleep(_AGAIN_S)
            elif asked := self._taken():
                await self._run(Ask(asked.mode, last_run(asked.since)), asked.run)
            elif _is_due(due_at_s, loop.time()) or (changed is not None and changed.is_set()):
                if changed is not None:
                    changed.clear()
                began_s = loop.time()
                report = await self._run(Ask(self.terms.mode))
                due_at_s = due_again(began_s, loop.time(), self.terms.every_s, away=report.away)
            else:
                await _first_of(due_at_s, self.woken, self.lost, changed)

    async def _be_present(self) -> bool:
        """Connects, however long it takes; says hello, and sends what was kept. Whether that worked."""
        self.asked = None  # a new hello cancels earlier calls
        self.lost = await self._reach()
        report = Report(self.job.source)
        try:
            await self.delivery.hello(self.job.presence(self.terms))
            await send_kept(self.delivery, report)
        except (Unreachable, SpoolError) as error:
            report.away = str(error)
        except Refused as refusal:
            if refusal.code in _FATAL:
                raise
            report.refused = str(refusal)
        if any(report.found.values()) or report.refused:
            self.tell(report)
        return not self.lost.is_set()

    async def _reach(self) -> asyncio.Event:
        """Waits for a connection; returns the event that is set when it is lost. Errors: Refused."""
        client, told = self.delivery.client, False
        async with aclosing(client.changes()) as changes:
            async for link in changes:
                if link.stage is Stage.CONNECTED:
                    break
                if link.stage is Stage.OFFLINE and not told:
                    self.say(f"{client.url}: {link.why}; trying again until the server is there")
                    told = True
        return (await client.connected()).lost

    async def _run(self, ask: Ask, number: int | None = None) -> Report:
        self.runs = True
        try:
            report = await Run(self.job, self.terms, self.delivery).carry_out(ask, number)
        finally:
            self.runs = False
        self.tell(report)
        return report

    def _taken(self) -> Collect | None:
        asked, self.asked = self.asked, None
        self.woken.clear()
        return asked

    async def _on_collect(self, payload: Any = None) -> dict[str, Any]:
        try:
            asked = Collect.model_validate(payload)
        except ValidationError:
            return _refusal("bad_request", "This is not a collect request: it needs a run and a mode.")
        if self.runs or self.asked is not None:
            return _refusal("busy", f"A run of {self.job.source} is already in progress.")
        self.asked = asked
        self.woken.set()
        return {"ok": True}


def _refusal(code: str, message: str) -> dict[str, Any]:
    return {"ok": False, "error": {"code": code, "message": message}}


def due_again(began_s: float, now_s: float, every_s: float | None, *, away: str) -> float | None:
    """When the next run begins: an interval after this one began, and a while after it has ended."""
    if away:
        return now_s + _AGAIN_S
    return None if every_s is None else max(began_s + every_s, now_s + min(_AGAIN_S, every_s))


def _is_due(due_at_s: float | None, now_s: float) -> bool:
    return due_at_s is not None and due_at_s <= now_s


async def _first_of(due_at_s: float | None, *events: asyncio.Event | None) -> None:
    """Waits until one of the events is set, or the time is up."""
    waits = [asyncio.ensure_future(event.wait()) for event in events if event is not None]
    within_s = None if due_at_s is None else max(0.0, due_at_s - asyncio.get_running_loop().time())
    try:
        await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
