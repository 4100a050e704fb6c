"""A web calendar that changes and is away now and then, read by a collector that is killed: a real Radicale,
which gives a calendar as one file."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest

from tests.collectors import programs
from tests.collectors.person import Person
from tests.collectors.test_caldav import put
from tests.collectors.test_upstream_away import OfIcs
from tests.examples import seeds
from tests.running import PythonClient, RunningServer


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_the_calendar_is(
    server: RunningServer, board: PythonClient, secret: Path, tmp_path: Path, seed: int
) -> None:
    chance, upstream, number = random.Random(seed), dict[str, str](), 0
    person, dav = Person(board, "calendar", chance), OfIcs(tmp_path / "dav")
    await dav.start()
    words = dav.arguments(dav.port, secret)
    for round_number in range(6):
        for _ in range(6):
            number += 1
            path = f"todo/{number}.ics"
            upstream[path] = f"e{number}"
            await put(dav, path, upstream[path])
        for path in chance.sample(sorted(upstream), 3):
            if chance.random() < 0.5:
                await dav.ask("DELETE", path)
                del upstream[path]
            else:
                await put(dav, path, upstream[path], "SEQUENCE:1", "LOCATION:Room 1")
        if round_number == 2:
            await dav.stop()
            assert (await programs.run("ics", server, *words))[0] == 1
            await dav.again()
        if round_number % 2:
            process = await programs.start("ics", server, *words)
            with suppress(TimeoutError):  # at another step each time
                await asyncio.wait_for(process.wait(), chance.uniform(0.2, 2.0))
            if process.returncode is None:
                process.kill()
            await process.communicate()
        await person.decide()
        status, printed = await programs.run("ics", server, *words)
        assert status == 0, printed
        await person.check(f"Title of {uid}" for uid in upstream.values())
    await dav.stop()
