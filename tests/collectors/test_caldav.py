"""The calendars of an account, against real servers and a real board: what is there is on the board."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.collectors import programs
from tests.collectors.calendar_server import USER, Radicale, Xandikos
from tests.collectors.calendars import calendar
from tests.collectors.person import Person
from tests.collectors.programs import PASSWORD
from tests.collectors.trouble import Trouble
from tests.collectors.walk import put, walk
from tests.conftest import Connect
from tests.examples import seeds
from tests.running import PythonClient, RunningServer


@pytest.fixture(params=[Radicale, Xandikos])
async def dav(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Radicale]:
    server: Radicale = request.param(tmp_path / "dav")
    await server.start()
    yield server
    await server.stop()


async def run(server: RunningServer, dav: Radicale, secret: Path, *more: object) -> tuple[int, str]:
    return await programs.run("caldav", server, dav.url, USER, "--password-file", secret, *more)


async def there(board: PythonClient) -> list[str]:
    items = (await board.state())["calendar"]
    return sorted(item["title"].removeprefix("Title of ") for item in items)


@pytest.mark.parametrize("seed", seeds(1))
async def test_random_changes_and_kills_leave_the_board_as_the_account_is(
    server: RunningServer,
    board: PythonClient,
    connect: Connect,
    dav: Radicale,
    secret: Path,
    seed: int,
) -> None:
    chance = random.Random(seed)
    person = Person(board, "calendar", chance)
    for name in ("work", "home"):
        await dav.ask("MKCALENDAR", f"{name}/")
    words = (dav.url, USER, "--password-file", secret)
    trouble = Trouble(server, dav, person, connect, chance)
    upstream = await walk("caldav", words, dav, ("work", "home"), trouble)
    await dav.ask("DELETE", "home/")
    await run(server, dav, secret)
    await person.check(f"Title of {uid}" for path, uid in upstream.items() if path.startswith("work/"))


async def test_a_change_costs_one_event(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await dav.ask("MKCALENDAR", "work/")
    for number in range(5):
        await put(dav, f"work/{number}.ics", f"e{number}")
    assert (await run(server, dav, secret))[0] == 0
    await put(dav, "work/3.ics", "e3", "SEQUENCE:1", "LOCATION:Room 3")
    await dav.ask("DELETE", "work/4.ics")
    status, printed = await run(server, dav, secret, "--json")
    assert status == 0, printed
    told = json.loads(printed[printed.index("{") :])
    changed = {name: told["board"]["calendar"][name] for name in ("changed", "unchanged", "removed")}
    assert changed == {"changed": 1, "unchanged": 3, "removed": 1}
    assert told["read"]["calendar"] == 4
    await board.done("source:forget", source=f"caldav:{USER}@127.0.0.1")
    await run(server, dav, secret)
    assert await there(board) == ["e0", "e1", "e2", "e3"]  # a board that lost them is told all of it


async def test_a_server_that_loses_its_sync_tokens_is_asked_for_etags(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path, tmp_path: Path
) -> None:
    await dav.ask("MKCALENDAR", "work/")
    for number in range(3):
        await put(dav, f"work/{number}.ics", f"e{number}")
    assert (await run(server, dav, secret))[0] == 0
    [known] = tmp_path.rglob("caldav-*.known")
    with closing(sqlite3.connect(known)) as db:
        db.execute("UPDATE calendars SET token = 'http://radicale.org/ns/sync/unknown'")
        db.commit()
    await dav.ask("DELETE", "work/0.ics")
    await put(dav, "work/1.ics", "e1", "SEQUENCE:1", "LOCATION:Room 1")
    status, printed = await run(server, dav, secret)
    assert status == 0, printed
    assert await there(board) == ["e1", "e2"]
    assert [item["location"] for item in (await board.state())["calendar"]].count("Room 1") == 1


async def test_calendars_are_chosen_by_name_and_decisions_stay(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await dav.ask("MKCALENDAR", "work/")
    await put(dav, "work/1.ics", "one")
    assert (await run(server, dav, secret))[0] == 0
    [item] = (await board.state())["calendar"]
    await board.done("calendar:edit", code=item["code"], set={"title": "Mine"})
    await put(dav, "work/1.ics", "one", "SEQUENCE:2", "LOCATION:Room 2")
    await run(server, dav, secret)
    [after] = (await board.state())["calendar"]
    assert (after["title"], after["code"], after["location"]) == ("Mine", item["code"], "Room 2")


async def test_a_wrong_password_is_tried_once_and_the_right_one_is_nowhere(
    server: RunningServer, board: PythonClient, secret: Path, tmp_path: Path
) -> None:
    dav = Radicale(tmp_path / "dav")
    await dav.start()
    await dav.ask("MKCALENDAR", "work/")
    await put(dav, "work/1.ics", "one")
    status, seen = await run(server, dav, secret)
    assert status == 0, seen
    secret.write_text("wrong")
    _, first = await run(server, dav, secret)
    _, second = await run(server, dav, secret)
    assert "does not take the name or the password" in first
    assert "does not take the name or the password" in second
    assert await there(board) == ["one"]
    secret.write_text(PASSWORD)
    assert (await run(server, dav, secret))[0] == 0
    await dav.stop()
    seen += first + second + str(await board.state()) + server.log()
    files = [one for one in tmp_path.rglob("*") if one.is_file() and one.name not in ("password", "users")]
    assert any(one.name.endswith(".known") for one in files)
    everything = seen.encode() + b"".join(one.read_bytes() for one in files)
    assert PASSWORD[:10].encode() not in everything
    with_password = dav.url.replace("://", f"://ana:{PASSWORD}@")
    assert "without a password" in (await programs.run("caldav", server, with_password, USER))[1]
    away = "http://calendar.example/"
    assert "read on the way" in (await programs.run("caldav", server, away, USER))[1]


async def test_to_dos_of_the_account_are_priorities(
    server: RunningServer, board: PythonClient, dav: Radicale, secret: Path
) -> None:
    await dav.ask("MKCALENDAR", "work/")

    async def there_are(*lines: str) -> list[tuple[str, str]]:
        lines = ("BEGIN:VTODO", "UID:bread", "DTSTAMP:20260101T000000Z", *lines, "END:VTODO")
        await dav.ask("PUT", "work/bread.ics", calendar("\n".join(lines)))
        status, printed = await run(server, dav, secret)
        assert status == 0, printed
        return [(item["title"], item["status"]) for item in (await board.state())["priorities"]]

    assert await there_are("SUMMARY:Buy bread") == [("Buy bread", "open")]
    done = f"COMPLETED:{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    assert await there_are("SUMMARY:Buy bread", "STATUS:COMPLETED", done) == [("Buy bread", "done")]
    await dav.ask("DELETE", "work/bread.ics")
    await run(server, dav, secret)
    assert (await board.state())["priorities"] == []
