"""A web calendar that changes and is away now and then, while collector, board and calendar server are
killed: a real Radicale, which gives a calendar as one file."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.collectors.calendar_server import USER, Radicale
from tests.collectors.person import Person
from tests.collectors.programs import PASSWORD
from tests.collectors.trouble import Trouble
from tests.collectors.walk import walk
from tests.conftest import Connect
from tests.examples import seeds
from tests.running import PythonClient, RunningServer


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_the_calendar_is(
    server: RunningServer, board: PythonClient, connect: Connect, tmp_path: Path, seed: int
) -> None:
    chance, dav = random.Random(seed), Radicale(tmp_path / "dav")
    await dav.start()
    await dav.ask("MKCALENDAR", "todo/")
    words = (f"http://{USER}:{PASSWORD}@127.0.0.1:{dav.port}/{USER}/todo/", "--allow-private")
    person = Person(board, "calendar", chance)
    await walk("ics", words, dav, ("todo",), Trouble(server, dav, person, connect, chance))
    await dav.stop()
