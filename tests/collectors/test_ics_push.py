"""`python -m collectors.ics` as a person runs it, against a real server."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.collectors import programs
from tests.collectors.calendars import calendar, event
from tests.conftest import Connect, Serve
from tests.forked import ForkedProcess
from tests.running import ROOT, WAIT_S, Program, PythonClient, RunningServer, until

TODAY = datetime.now(UTC)
Watch = Callable[..., Awaitable[Program]]


def on(day: int, hour: int = 10) -> str:
    """A time so many days from today, as calendars write it."""
    return f"{TODAY + timedelta(days=day):%Y%m%d}T{hour:02}0000Z"


async def start(server: RunningServer, *arguments: object, token: str = "") -> Program:
    return await programs.start("ics", server, *arguments, token=token)


async def run(server: RunningServer, *arguments: object, token: str = "") -> tuple[int, str]:
    return await programs.run("ics", server, *arguments, token=token)


@pytest.fixture
async def watch(server: RunningServer) -> AsyncIterator[Watch]:
    """Starts collectors with --watch; each is ended after the test."""
    running: list[Program] = []

    async def begin(*arguments: object) -> Program:
        running.append(await start(server, "--watch", *arguments))
        return running[-1]

    yield begin
    for process in running:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def titles(board: PythonClient) -> list[str]:
    return [item["title"] for item in (await board.state())["calendar"]]


async def shows(board: PythonClient, *expected: str) -> None:
    """Returns when the calendar on the board has these titles."""
    async with asyncio.timeout(WAIT_S):
        while await titles(board) != list(expected):  # noqa: ASYNC110 - what is awaited is in another process
            await asyncio.sleep(0.02)


async def test_the_events_of_a_file_are_on_the_board(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "Team work.ics"
    path.write_bytes(calendar(event("a", on(1)), event("b", on(2), "RRULE:FREQ=DAILY;COUNT=2")))
    status, printed = await run(server, path)
    assert status == 0, printed
    items = (await board.state())["calendar"]
    assert [item["title"] for item in items] == ["Title of a", "Title of b", "Title of b"]
    assert {item["source"] for item in items} == {"ics:team-work"}
    assert items[1]["id"].endswith(f"b#{on(2)}")
    assert "3 added, 0 changed, 0 unchanged, 0 removed, 0 rejected" in printed


async def test_a_second_run_says_what_changed(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1)), event("b", on(2)), event("c", on(3))))
    await run(server, path)
    codes = {item["id"]: item["code"] for item in (await board.state())["calendar"]}
    path.write_bytes(
        calendar(event("a", on(1)), event("b", on(2)).replace("Title", "New"), event("d", on(4)))
    )
    status, printed = await run(server, path)
    assert "1 added, 1 changed, 1 unchanged, 1 removed, 0 rejected" in printed
    assert status == 0
    assert await titles(board) == ["Title of a", "New of b", "Title of d"]
    after = {item["id"]: item["code"] for item in (await board.state())["calendar"]}
    assert all(code == codes[its_id] for its_id, code in after.items() if its_id in codes)


async def test_two_files_are_one_source_and_two_sources_do_not_touch_each_other(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.ics", tmp_path / "two.ics"
    one.write_bytes(calendar(event("a", on(1))))
    two.write_bytes(calendar(event("b", on(2))))
    await run(server, one, two, "--source", "both")
    await run(server, one, "--source", "other")
    assert sorted(await titles(board)) == ["Title of a", "Title of a", "Title of b"]
    await run(server, one, "--source", "both")
    assert await titles(board) == ["Title of a", "Title of a"]


@pytest.mark.parametrize("data", [b"", b"<html>", b"\0\1\2", calendar(event())[:60], None])
async def test_a_file_that_is_no_calendar_leaves_the_old_events_in_place(
    server: RunningServer, board: PythonClient, tmp_path: Path, data: bytes | None
) -> None:
    path, good = tmp_path / "work.ics", tmp_path / "good.ics"
    path.write_bytes(calendar(event("a", on(1))))
    good.write_bytes(calendar(event("b", on(2))))
    await run(server, path, good)
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)
    status, printed = await run(server, path, good)
    assert status == 1
    assert f"skipped     {path.name}: it " in printed
    assert "nothing was removed" in printed
    assert await titles(board) == ["Title of a", "Title of b"]


async def test_a_bad_event_is_named_and_keeps_what_the_board_has_of_it(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    series = event("a", on(1), "RRULE:FREQ=DAILY;COUNT=2")
    path.write_bytes(calendar(series, event("b", on(3)), event("ab", on(3))))
    await run(server, path)
    path.write_bytes(calendar(event("a", "soon"), event("c", on(4))))
    status, printed = await run(server, path)
    assert status == 1
    fault = "work.ics: event 1 (line 4) a: its DTSTART cannot be read: soon"
    assert fault in printed
    assert "the old items of what could not be read stay" in printed
    assert await titles(board) == ["Title of a", "Title of a", "Title of c"]
    (source,) = (await board.state())["sources"]
    assert (source["status"], source["message"]) == ("online", f"not everything could be read: {fault}")
    path.write_bytes(calendar(event("c", on(4))))
    assert (await run(server, path))[0] == 0
    assert await titles(board) == ["Title of c"]
    assert (await board.state())["sources"][0]["message"] is None


async def test_what_is_over_leaves_a_calendar_that_has_nothing_in_these_days(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(3)), event("b", on(100))))
    await run(server, path)
    status, printed = await run(server, path, "--days-ahead", 0)
    assert (status, await titles(board)) == (0, []), printed
    assert (await board.state())["sources"][0]["status"] == "online"


async def test_an_event_keeps_its_code_when_its_id_is_formed_another_way(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1)), event("b", on(1))))
    await run(server, path)
    (code,) = (item["code"] for item in (await board.state())["calendar"] if item["id"] == "ics:work/b")
    path.write_bytes(calendar(event("b", on(1), "RRULE:FREQ=DAILY;COUNT=2")))
    await run(server, path)
    items = (await board.state())["calendar"]
    assert (items[0]["id"], items[0]["code"]) == (f"ics:work/b#{on(1)}", code)


async def test_an_empty_calendar_empties_the_board_only_if_a_person_says_so(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    await run(server, path)
    path.write_bytes(calendar())
    status, printed = await run(server, path)
    assert (status, await titles(board)) == (1, ["Title of a"])
    assert "--allow-empty" in printed
    status, _ = await run(server, path, "--allow-empty")
    assert (status, await titles(board)) == (0, [])


async def test_when_nothing_could_be_read_the_board_says_that_the_source_failed(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    await run(server, path)
    path.write_bytes(b"<html>")
    status, printed = await run(server, path)
    assert (status, await titles(board)) == (1, ["Title of a"])
    assert "not changed: not everything could be read, so the old ones stay" in printed
    state = await board.state()
    assert state["system"]["status"] == "ERROR"
    assert state["sources"][0]["status"] == "error"
    assert state["sources"][0]["message"].startswith("work.ics: it ")


async def test_a_calendar_larger_than_a_message_goes_in_parts(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(*(event(f"e{n}", on(1)) for n in range(5_001))))
    status, printed = await run(server, path)
    assert status == 0, printed
    assert "5,001 added" in printed
    patches = [patch["changes"] for patch in board.received("state:patch")]
    assert sum(any(change["section"] == "calendar" for change in changes) for changes in patches) == 1


async def test_the_board_says_that_the_collector_is_at_work(
    server: RunningServer, board: PythonClient, tmp_path: Path
) -> None:
    (tmp_path / "work.ics").write_bytes(calendar(event("a", on(1))))
    await run(server, tmp_path / "work.ics")
    patches = [change for patch in board.received("state:patch") for change in patch["changes"]]
    said = [change.get("set") or change.get("put") for change in patches if change["section"] == "system"]
    assert [one["status"] for one in said if "status" in one] == ["COLLECTING", "IDLE"]
    (source,) = (await board.state())["sources"]
    assert (source["status"], source["run_status"], source["counts"]) == ("online", "done", {"calendar": 1})


async def test_a_server_that_is_not_there_is_exit_status_3(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_bytes(calendar(event("a", on(1))))
    await server.kill()
    status, printed = await run(server, tmp_path / "work.ics", "--wait", 0)
    assert status == 3
    assert f"collectors.ics: {server.url}: no connection" in printed
    assert "1 item kept" in printed


async def test_a_token_is_needed_where_tokens_are(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_bytes(calendar(event("a", on(1))))
    tokens = tmp_path / "tokens.json"
    flags = ("--role", "collector", "--source", "ics:work", "--tokens", str(tokens))
    process = await ForkedProcess("serve.py", "token", "add", "work", *flags).start(os.environ)
    out, err = await process.communicate()
    assert process.returncode == 0, err
    token = max(out.decode().split(), key=len)
    guarded = await serve("--tokens", str(tokens))
    assert (await run(guarded, tmp_path / "work.ics", token=token))[0] == 0
    for wrong in ("", "x" * 32):
        status, printed = await run(guarded, tmp_path / "work.ics", token=wrong)
        assert status == 3, printed
    status, printed = await run(guarded, tmp_path / "work.ics", "--source", "other", token=token)
    assert status == 3, printed


def replace(path: Path, data: bytes) -> None:
    """As many editors save: a new file takes the place of the old one."""
    new = path.with_suffix(".tmp")
    new.write_bytes(data)
    new.rename(path)


async def test_watching_pushes_again_when_the_file_changes(
    watch: Watch, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    collector = await watch(path)
    await shows(board, "Title of a")
    path.write_bytes(calendar(event("b", on(1))))
    await shows(board, "Title of b")
    replace(path, calendar(event("c", on(1))))
    await shows(board, "Title of c")
    path.unlink()
    replace(path, calendar(event("d", on(1))))
    await shows(board, "Title of d")
    assert collector.returncode is None


async def test_watching_goes_on_over_a_restart_of_the_server(
    server: RunningServer, watch: Watch, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    collector = await watch(path)
    await shows(board, "Title of a")
    await server.kill()
    path.write_bytes(calendar(event("b", on(1))))
    await server.start()
    again = await PythonClient(client="wall").connect(server.url)
    await shows(again, "Title of b")
    await again.disconnect()
    assert collector.returncode is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_watching_ends_cleanly(
    number: signal.Signals, watch: Watch, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    collector = await watch(path)
    await shows(board, "Title of a")
    collector.send_signal(number)
    out, err = await collector.communicate()
    assert (collector.returncode, err) == (0, b"")
    assert out.count(b"\nsource") <= 1


async def test_a_run_that_is_stopped_does_not_leave_the_board_collecting(
    server: RunningServer, board: PythonClient
) -> None:
    connected, hung_up = asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}/a.ics"
    collector = await start(server, address, "--allow-private")
    await board.wait_for("state:patch", lambda patch: "COLLECTING" in str(patch["changes"]))
    await connected.wait()
    collector.send_signal(signal.SIGINT)
    out, err = await collector.communicate()
    assert (collector.returncode, out, err) == (130, b"", b"")
    state = await board.state()
    assert state["system"]["status"] != "COLLECTING"
    assert state["sources"][0]["message"] == "stopped"
    await hung_up.wait()
    silent.close()
    await silent.wait_closed()


async def test_watching_ends_cleanly_while_there_is_no_server(
    server: RunningServer, watch: Watch, board: PythonClient, tmp_path: Path
) -> None:
    path = tmp_path / "work.ics"
    path.write_bytes(calendar(event("a", on(1))))
    collector = await watch(path)
    await shows(board, "Title of a")
    await server.kill()
    await until(lambda: not board.sio.connected, "the end of the connection")
    collector.send_signal(signal.SIGTERM)
    await collector.communicate()
    assert collector.returncode == 0


FOLDER: Any = ROOT.parent / "shared" / "data" / "calendar" / "pycon-us-2025"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the folder of real calendars is not here")
async def test_a_real_calendar_is_on_the_board(server: RunningServer, board: PythonClient) -> None:
    status, printed = await run(server, *FOLDER.glob("*.ics"), "--source", "pycon", "--days-back", 3_660)
    assert status == 0, printed
    assert len(await titles(board)) == 370
    assert "370 added" in printed


async def test_what_i_answered_is_on_my_calendar_and_the_people_become_known(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    server = await serve("--me", "ana@example.org", name="mine")
    lines = (
        "ATTENDEE;CN=Ana Silva;PARTSTAT={}:mailto:ana@example.org",
        "ATTENDEE;CN=Bo Berg;PARTSTAT=DECLINED:mailto:bo@example.org",
    )
    events = [
        event("yes", on(1), lines[0].format("ACCEPTED"), lines[1]),
        event("no", on(2), lines[0].format("DECLINED"), lines[1]),
    ]
    (tmp_path / "work.ics").write_bytes(calendar(*events))
    status, printed = await run(server, tmp_path / "work.ics")
    assert status == 0, printed
    board = await connect(url=server.url)
    answers = {item["id"]: item["answer"] for item in (await board.state())["calendar"]}
    assert answers == {"ics:work/yes": "accepted", "ics:work/no": "declined"}
    assert (await board.state())["calendar"][0]["answers"] == [
        {"attendee": "Ana Silva <ana@example.org>", "answer": "accepted"},
        {"attendee": "Bo Berg <bo@example.org>", "answer": "declined"},
    ]
    [told] = (await board.done("command:run", text="brief C1"))["steps"]
    assert "Bo Berg declined" in told["data"]["text"].splitlines()[0]
    items = [{"id": "1", "direction": "owed", "description": "x", "assignee": "bo"}]
    await board.done("commitments:put", items=items)
    assert (await board.state())["commitments"]["owed"][0]["person"] == "Bo Berg"
