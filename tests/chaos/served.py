"""`python -m tests.chaos.served`: serve.py on a disk that can fail, by a clock that can jump; /stats also
counts what connections are made of."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import serve
from sio_server.clients import transport
from sio_server.clock import SystemClock
from sio_server.figures import Figures
from tests.chaos.disk import FaultyDisk, Switch

SWITCH = "CHAOS_SWITCH"
CLOCK = "CHAOS_CLOCK"
"""The file that says by how many seconds the wall clock is wrong."""
PINGS = "CHAOS_PINGS"
"""Interval and time-out, in seconds: so that a short run need not wait a minute for the silent ones."""
KINDS = ("Client", "Connection", "EngineSocket", "Outbox", "Wire", "Protocol", "Http", "Pace", "Call", "Job")

_wall = SystemClock.wall
_stats = Figures.of_server


def wall(self: SystemClock) -> float:
    """The machine's wall clock, after all its jumps. The other clocks never jump, on any machine."""
    try:
        return _wall(self) + float(Path(os.environ[CLOCK]).read_text("ascii"))
    except FileNotFoundError:
        return _wall(self)


def stats(self: Figures, names: bool) -> dict[str, Any]:
    """The same, with `found`: how many of each kind of object there are, and of tasks."""
    gc.collect()
    kinds = Counter(type(found).__name__ for found in gc.get_objects())
    rooms = self.transport.manager.rooms.get("/", {}).values()
    found = {kind: kinds[kind] for kind in KINDS}
    return _stats(self, names) | {
        "found": found | {"in rooms": sum(map(len, rooms)), "tasks": len(asyncio.all_tasks())}
    }


if __name__ == "__main__":
    if pings := os.environ.get(PINGS):
        transport.PING_INTERVAL_S, transport.PING_TIMEOUT_S = map(int, pings.split())
    disk = FaultyDisk(Switch(Path(os.environ[SWITCH])))
    Figures.of_server = stats  # type: ignore[method-assign]
    SystemClock.wall = wall  # type: ignore[method-assign]
    sys.exit(serve.main(sys.argv[1:], dict(os.environ)))
