"""What tests of sources share: two of them, time that passes, and what the board shows."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.core.seats import NOON, Core, Seat, collector

Json = Any

WORK, HOME = collector("ics:work"), collector("ics:home")
BOTH = ["quick", "full"]
JUMPS = pytest.mark.parametrize(
    "jump_s",
    [
        pytest.param(25 * 3600, id="a day and an hour ahead"),
        pytest.param(-3600, id="an hour back"),
        pytest.param(-NOON, id="1970"),
    ],
)


async def line(seat: Seat, source: str = "ics:work") -> Json:
    """What the board shows of the source."""
    return await seat.item("sources", source)


async def shown(seat: Seat, *fields: str, source: str = "ics:work") -> tuple[Json, ...]:
    """Some of it."""
    found = await line(seat, source)
    return tuple(found[field] for field in fields)


async def pass_time(core: Core, seconds: float) -> None:
    """Later, and the server looked at the clock."""
    core.clock.now_s += seconds
    await core.hub.tick()


async def gone(core: Core) -> None:
    """Returns when what the server noted by itself is on the board."""
    await asyncio.sleep(0)  # a task notes it: this is to come after that
    await core.hub.commit_internal("test:wait", lambda view, ctx: [])


async def head_line(seat: Seat) -> tuple[Json, ...]:
    system = (await seat.state())["system"]
    return system["status"], system["progress"], system["message"]
