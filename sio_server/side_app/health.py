"""Whether the server can serve: measured, not assumed."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sio_server.log.base import LogError

LAG_LIMIT_S = 1.0  # people notice delays above this
LAG_EVERY_S = 0.5  # each check wakes the process; a delay of LAG_LIMIT_S plus this is never missed
WORST_OF_S = 10.0  # a monitor that polls every ten seconds misses no delay
FREE_LIMIT_BYTES = 64 << 20  # the largest batch still fits
PROBE_WITHIN_S = 2.0  # a write takes milliseconds, and monitors give up after a few seconds
PROBE_KEPT_S = 1.0  # /ready writes to the disk: frequent polling must cost nothing

Probe = Callable[[], Awaitable[None]]


class LoopLag:
    """The delay of the event loop's timers; `worst_s` is the worst of the last ten seconds."""

    def __init__(self, note: Callable[[float], None]) -> None:
        self._note = note
        self._recent: deque[tuple[float, float]] = deque()

    @property
    def worst_s(self) -> float:
        """Seconds."""
        return max((late_s for _, late_s in self._recent), default=0.0)

    async def watch(self) -> None:
        """Measures until it is cancelled."""
        while True:
            due = time.perf_counter() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            now = time.perf_counter()
            late_s = max(0.0, now - due)
            self._recent.append((now, late_s))
            while self._recent[0][0] < now - WORST_OF_S:
                self._recent.popleft()
            self._note(late_s)


class Readiness:
    """Answers /ready. A probe's result is reused for PROBE_KEPT_S."""

    def __init__(
        self,
        probe: Probe,
        lag: LoopLag,
        data_dir: Path,
        is_draining: Callable[[], bool],
        search_fault: Callable[[], str | None] = lambda: None,
        faulty_boards: Callable[[], list[str]] = list,
        behind_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._probe = probe
        self._lag = lag
        self._data_dir = data_dir
        self._is_draining = is_draining
        self._search_fault = search_fault
        self._faulty_boards = faulty_boards
        self._behind_s = behind_s
        self._answer: dict[str, Any] = {}
        self._answered_at = -PROBE_KEPT_S
        self._asking = asyncio.Lock()

    async def ask(self) -> dict[str, Any]:
        """Shape: {ready, reasons: [sentence], degraded: [sentence], loop_lag_ms, free_bytes, store_ms}; only
        the first two while it is stopping. `degraded` lists what is broken while the rest works."""
        if self._is_draining():
            return {"ready": False, "reasons": ["the server is stopping"]}
        async with self._asking:
            if time.monotonic() - self._answered_at >= PROBE_KEPT_S:
                self._answer = await self._look()
                self._answered_at = time.monotonic()
            return self._answer

    async def _look(self) -> dict[str, Any]:
        reasons: list[str] = []
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PROBE_WITHIN_S):
                await self._probe()
        except TimeoutError:
            reasons.append(f"the store did not write within {PROBE_WITHIN_S:.0f} s")
        except LogError as error:
            reasons.append(str(error))
        behind_s = self._behind_s()
        if behind_s:
            reasons.append(
                f"what is shown may be {behind_s:.0f} s old: changes at other servers are not seen"
            )
        store_ms = round((time.perf_counter() - began) * 1000, 2)
        free_bytes = await asyncio.to_thread(_free_bytes, self._data_dir)
        if free_bytes < FREE_LIMIT_BYTES:
            reasons.append(f"only {free_bytes >> 20} MiB are free on the disk of the data directory")
        if self._lag.worst_s > LAG_LIMIT_S:
            reasons.append(f"the event loop was late by {self._lag.worst_s:.1f} s")
        fault = self._search_fault()
        degraded = [] if fault is None else [f"search: {fault}"]
        degraded += self._faulty_boards()
        return {
            "ready": not reasons,
            "reasons": reasons,
            "degraded": degraded,
            "loop_lag_ms": round(self._lag.worst_s * 1000, 2),
            "free_bytes": free_bytes,
            "store_ms": store_ms,
        }


def _free_bytes(directory: Path) -> int:
    try:
        return shutil.disk_usage(directory).free
    except OSError:
        return 0
