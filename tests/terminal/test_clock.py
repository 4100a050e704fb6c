"""The terminal's clock: the server's time in the person's zone, whatever the machine's are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sio_server.commands.zones import zones_in
from sio_server.registry.errors import Refusal
from tests.conftest import Connect
from tests.forked import ForkedServer
from tests.running import PythonClient, RunningServer
from tests.terminal.conftest import OpenTerminal, run_line
from tests.terminal.screen import ENTER

NOW = datetime(2027, 3, 20, 22, 30, tzinfo=UTC)
KOLKATA = ZoneInfo("Asia/Kolkata")


class ElsewhereInTime(ForkedServer):
    """A server whose clock is not the machine's."""

    program = ("tests/dashboard/at_moment.py", NOW.isoformat())


@pytest.fixture
def kind() -> type[RunningServer]:
    """The servers of this file."""
    return ElsewhereInTime


@pytest.fixture
async def me(connect: Connect) -> PythonClient:
    """The person at the terminal, elsewhere."""
    me = await connect(client="page", person="local", tz="Asia/Tokyo")
    await me.done("prefs:set", set={"tz": "Asia/Kolkata"})
    start = (NOW + timedelta(hours=4)).isoformat()
    await me.done("calendar:put", items=[{"id": "m", "title": "Review", "start": start}])
    return me


async def test_the_board_goes_by_the_servers_time_in_the_zone_that_the_person_set(
    server: RunningServer, me: PythonClient, open_terminal: OpenTerminal
) -> None:
    terminal = await open_terminal("--url", server.url, "--tz", "America/New_York")
    await terminal.shows("08:00")  # 02:30 in UTC, in India
    await terminal.until(lambda: terminal.line_with("Review").startswith(" Today "), "the day there")
    await me.done("prefs:set", set={"tz": "Europe/Berlin"})
    await terminal.shows("03:30")
    await terminal.until(lambda: terminal.line_with("Review").startswith(" Tomorrow "), "the day there")
    terminal.type("zones tokyo" + ENTER)
    await terminal.until(lambda: " Tokyo" in terminal.text.splitlines()[0], "another zone in the first line")


async def test_a_line_tells_its_times_likewise(server: RunningServer, me: PythonClient) -> None:
    await me.done("priorities:put", items=[{"id": "p", "title": "Sign"}])
    status, said, _ = await run_line(
        "--url", server.url, "--tz", "America/New_York", "snooze P1 tomorrow 9am"
    )
    assert (status, "until tomorrow 09:00" in said) == (0, True), said
    due = (await me.state())["priorities"][0]["snoozed_until"]
    assert due == datetime(2027, 3, 22, 9, tzinfo=KOLKATA).astimezone(UTC).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("said", "zones"),
    [
        ("Etc/GMT+5, Tokyo + Berlin", ["Etc/GMT+5", "Asia/Tokyo", "Europe/Berlin"]),
        ("Tokyo", ["Asia/Tokyo"]),
        ("new york; LONDON", ["America/New_York", "Europe/London"]),
        ("America/New_York and utc", ["America/New_York", "UTC"]),
        ("Tokyo Berlin, tokyo", ["Asia/Tokyo", "Europe/Berlin"]),
    ],
)
def test_zones_are_named_by_their_cities(said: str, zones: Any) -> None:
    assert zones_in(said) == zones


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Berlim", "Did you mean Europe/Berlin"),
        ("../etc/passwd", "name its city"),
        ("Berlin Qwrtz", "no time zone"),
        (" , ", "no time zone"),
    ],
)
def test_a_zone_that_there_is_not_is_refused_with_the_nearest(said: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        zones_in(said)
