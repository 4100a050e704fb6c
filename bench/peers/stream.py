"""Changes from one sender, at a fixed pace or as fast as they are acked, and when each reaches everybody."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

from bench.client import Client, LoadError
from bench.peers.peer import Change

ALL_WITHIN_S = 20.0  # of the last change, then it is a loss
MARK = re.compile(rb"#\d{6}")


class Audience:
    """Clients that record each patch's latency. Nothing is decoded: a patch's bytes are the same for all, so
    its mark is searched once."""

    def __init__(self) -> None:
        self.latencies_s: list[float] = []
        self.patch_bytes = 0
        self._sent_at: dict[bytes, float] = {}
        self._known: dict[bytes, float] = {}
        self._last = b""
        self._waiting: asyncio.Event | None = None
        self._missing = 0

    def begin(self) -> None:
        """Forgets earlier patches."""
        self.latencies_s, self.patch_bytes = [], 0
        self._sent_at.clear()
        self._known.clear()

    def expect(self, mark: str, recipients: int) -> asyncio.Event:
        """Set when the patch with this mark, the last one, has reached that many."""
        self._last, self._missing, self._waiting = mark.encode(), recipients, asyncio.Event()
        if not recipients:
            self._waiting.set()
        return self._waiting

    def sent(self, mark: str) -> None:
        """Notes that a change is about to be written."""
        self._sent_at[mark.encode()] = time.perf_counter()

    def hear(self, head: bytes, size: int) -> None:
        """Notes that a patch has arrived at one of them."""
        now = time.perf_counter()
        sent_at = self._known.get(head)
        if sent_at is None:
            sent_at = self._meet(head, size)
        if sent_at is None:
            return
        self.latencies_s.append(now - sent_at)
        if self._missing and self._last in head:
            self._missing -= 1
            if not self._missing and self._waiting is not None:
                self._waiting.set()

    def _meet(self, head: bytes, size: int) -> float | None:
        """When it was sent; None for one that is late, from before the beginning."""
        found = MARK.search(head)
        sent_at = None if found is None else self._sent_at.get(found[0])
        if sent_at is not None:
            self._known[head] = sent_at
            self.patch_bytes = max(self.patch_bytes, size)
        return sent_at


class Sender:
    """One client that makes changes, each with a mark of its own; at most `in_flight` wait for their acks."""

    def __init__(self, client: Client, change: Change, audience: Audience, in_flight: int) -> None:
        self.client = client
        self.acked = 0
        self._change = change
        self._audience = audience
        self._number = 0
        self._room = asyncio.Semaphore(in_flight)
        self._in_flight = in_flight
        self._failure: BaseException | None = None

    @property
    def mark(self) -> str:
        """Of the newest change."""
        return _mark(self._number)

    async def send(self, changes: int, size: int, recipients: int, per_s: float | None) -> None:
        """Makes this many changes; returns when everybody has the last one and all are acked."""
        self._audience.begin()
        all_there = self._audience.expect(_mark(self._number + changes), recipients)
        began = time.perf_counter()
        for number in range(changes):
            if per_s is not None:
                await asyncio.sleep(max(0.0, began + number / per_s - time.perf_counter()))
            await self.one(size)
        try:
            async with asyncio.timeout(ALL_WITHIN_S):
                await all_there.wait()
                await self.all_acked()
        except TimeoutError:
            raise LoadError(f"not everybody had the last change after {ALL_WITHIN_S:.0f} s") from None

    async def keep_on(self, size: int, per_s: float) -> None:
        """Makes this many changes a second, or as many as are acked, until cancelled."""
        self._audience.begin()
        began, done = time.perf_counter(), 0
        while True:
            due = (time.perf_counter() - began) * per_s
            while done < due:
                await self.one(size)
                done += 1
            await asyncio.sleep(0.001)

    async def one(self, size: int) -> None:
        """Makes a change as soon as there is room for it."""
        await self._room.acquire()
        self._number += 1
        event, payload = self._change(self.mark, size)
        self._audience.sent(self.mark)
        self.client.request(event, payload).add_done_callback(self._take_ack)

    async def all_acked(self) -> None:
        """Returns when no ack is missing."""
        for _ in range(self._in_flight):
            await self._room.acquire()
        for _ in range(self._in_flight):
            self._room.release()
        if self._failure is not None:
            raise self._failure

    def _take_ack(self, ack: asyncio.Future[Any]) -> None:
        self._failure = ack.exception() or self._failure
        self.acked += 1
        self._room.release()


def _mark(number: int) -> str:
    return f"#{number:06d}"
