"""Boards share nothing (board.py, boards.py, opening.py, log/reader, clients/services), and a client's
is found at its handshake."""

from __future__ import annotations

import asyncio
import logging
import subprocess
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import socketio

from adjutant_client import Client
from sio_server.background import Background, Repeated, Rounds
from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Connect, Serve
from tests.core.seats import Core
from tests.forked import completed
from tests.running import ROOT, WAIT_S, PythonClient, RunningServer, until

Json = Any

BUDGET = {"id": "budget", "title": "Sign the budget"}


async def serve_py(server: RunningServer, *words: object) -> subprocess.CompletedProcess[str]:
    """Runs one of serve.py's commands on the server's data."""
    folder = f"--data-dir={server.data_dir}"
    return await asyncio.to_thread(completed, str(ROOT / "serve.py"), *map(str, words), folder)


async def said(server: RunningServer, *words: object) -> str:
    """What a command printed; it must succeed."""
    ended = await serve_py(server, *words)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


async def titles(connect: Connect, **auth: Any) -> list[str]:
    return sorted(item["title"] for item in (await (await connect(**auth)).state())["priorities"])


@pytest.fixture
async def office(serve: Serve, tmp_path: Path) -> RunningServer:
    """A server with the boards `ceo` and `cfo`, and a token file."""
    data_dir = tmp_path / "data" / "data"
    for name in ("ceo", "cfo"):
        (data_dir / "boards" / name).mkdir(parents=True)
    tokens.add(data_dir / "tokens.json", "root", Role.ADMIN, None)
    return await serve()


def token(server: RunningServer, name: str, role: Role, *boards: str, source: str | None = None) -> str:
    """A new token; `cfo=viewer` is a role of its own."""
    pairs = [board.partition("=") for board in boards]
    named = {board: Role(own) if own else None for board, _, own in pairs}
    return tokens.add(server.data_dir / "tokens.json", name, role, source, boards=named or None)


async def let_in(server: RunningServer, **auth: Any) -> PythonClient:
    """A client that comes back until it is let in: tokens are read every two seconds, and a board that could
    not be opened is tried again every five."""
    async with asyncio.timeout(WAIT_S):
        while True:
            client = PythonClient(**auth)
            try:
                return await client.connect(server.url)
            except socketio.exceptions.ConnectionError:
                await asyncio.sleep(0.1)


async def test_a_client_is_on_the_board_that_its_handshake_names(
    server: RunningServer, connect: Connect
) -> None:
    assert str(server.data_dir / "boards" / "annex") in await said(server, "board", "add", "annex")
    ana, annex, other = await connect(), await connect(board="annex"), await connect(board="annex")
    first = await ana.request("priorities:put", items=[BUDGET])
    second = await annex.request("priorities:put", items=[BUDGET | {"title": "Lock the door"}])
    assert first["data"]["codes"] == second["data"]["codes"] == {"budget": "P1"}
    assert await titles(connect) == await titles(connect, board="main") == ["Sign the budget"]
    assert await titles(connect, board="annex") == ["Lock the door"]
    await other.in_step(second["seq"])
    [patch] = other.received("state:patch")
    assert patch["changes"][0]["put"]["title"] == "Lock the door"
    await server.restart()
    assert await titles(connect, board="annex") == ["Lock the door"]


@pytest.mark.parametrize("name", ["nowhere", "x" * 40, "con"])
async def test_a_board_that_does_not_exist_is_refused_and_not_made(server: RunningServer, name: str) -> None:
    refused = await PythonClient(board=name).connect_refused(server.url)
    assert refused["data"] == {"code": "not_found", "retry": "no"}
    assert not (server.data_dir / "boards").exists()


@pytest.mark.parametrize("name", ["", "CFO", "-x", "x" * 41, "../main", "a/b", ".", "ä", 7, ["cfo"]])
async def test_what_is_no_name_of_a_board_is_refused(server: RunningServer, name: Any) -> None:
    refused = await PythonClient(board=name).connect_refused(server.url)
    assert refused["data"]["code"] == "bad_request"


async def test_a_token_enters_its_own_boards_and_cannot_tell_a_closed_one_from_none(
    office: RunningServer,
) -> None:
    both = token(office, "ana", Role.EDITOR, "ceo", "cfo=viewer")
    one = token(office, "bo", Role.EDITOR, "cfo")
    old = token(office, "cy", Role.EDITOR)
    every = token(office, "dee", Role.EDITOR, "*", "cfo=viewer")
    on_ceo = await let_in(office, token=both, board="ceo")
    assert (await on_ceo.request("priorities:put", items=[BUDGET]))["ok"]
    on_cfo = await let_in(office, token=both, board="cfo")
    assert (await on_cfo.refused("priorities:put", items=[BUDGET]))["code"] == "forbidden"
    by_default = await let_in(office, token=one)
    assert (await by_default.request("priorities:put", items=[BUDGET]))["data"]["codes"] == {"budget": "P1"}
    assert [item["id"] for item in (await on_cfo.state())["priorities"]] == ["budget"]
    assert (await (await let_in(office, token=old)).state())["priorities"] == []
    assert (await (await let_in(office, token=every)).state())["priorities"] == []
    strict = await let_in(office, token=every, board="cfo")
    assert (await strict.refused("priorities:put", items=[BUDGET]))["code"] == "forbidden"
    refusals = [
        await PythonClient(token=secret, board=name).connect_refused(office.url)
        for secret, name in ((one, "ceo"), (one, "main"), (one, "nowhere"), (old, "cfo"), (every, "nowhere"))
    ]
    assert all(refused == refusals[0] for refused in refusals)
    assert refusals[0]["data"] == {"code": "not_found", "retry": "no"}
    unsaid = await PythonClient(token=both).connect_refused(office.url)
    assert unsaid["data"]["code"] == "not_found"
    assert unsaid["data"]["boards"] == ["ceo", "cfo"]
    assert "ceo, cfo" in unsaid["message"]
    for client in (on_ceo, on_cfo, by_default, strict):
        await client.disconnect()


async def test_a_token_that_loses_a_board_loses_its_connections(office: RunningServer) -> None:
    secret = token(office, "ana", Role.EDITOR, "ceo", "cfo")
    client = await let_in(office, token=secret, board="cfo")
    tokens.rename_board(office.data_dir / "tokens.json", "cfo", None)
    assert (await client.wait_for("server:bye"))["code"] == "unauthorized"
    assert (await PythonClient(token=secret, board="cfo").connect_refused(office.url))["data"][
        "code"
    ] == "not_found"


async def test_collectors_the_terminal_and_the_python_client_name_their_board(
    server: RunningServer, connect: Connect, tmp_path: Path
) -> None:
    await said(server, "board", "add", "annex")
    there = ("--url", server.url, "--board", "annex")
    calendar = (str(ROOT / "examples" / "sample.ics"), f"--spool={tmp_path / 'spool'}")
    collected = await asyncio.to_thread(completed, "-m", "collectors.ics", *calendar, *there)
    assert collected.returncode == 0, collected.stdout + collected.stderr
    typed = await asyncio.to_thread(completed, "-m", "terminal", *there, "add priority Lock the door")
    assert typed.returncode == 0, typed.stdout + typed.stderr
    async with Client(server.url, client="x", board="annex") as client:
        state = (await client.ask("state:get", {})).data["state"]
    assert [item["title"] for item in state["priorities"]] == ["Lock the door"]
    assert state["calendar"]
    main = await (await connect()).state()
    assert not main["calendar"]
    assert not main["priorities"]
    assert not main["sources"]


async def test_boards_are_listed_to_who_may_enter_them_and_counted_for_their_administrators(
    office: RunningServer,
) -> None:
    secret = token(office, "ana", Role.VIEWER, "ceo=admin", "main")
    client = await let_in(office, token=secret, board="ceo")
    assert (await client.done("boards:list"))["boards"] == [
        {
            "name": "ceo",
            "role": "admin",
            "here": True,
            "due": 0,
            "open": True,
            "clients": 1,
            "items": 0,
            "last_change": None,
        },
        {"name": "main", "role": "viewer", "here": False, "due": 0},
    ]
    ack = await client.request("priorities:put", items=[BUDGET])
    await client.in_step(ack["seq"])
    [line, _] = (await client.done("boards:list"))["boards"]
    assert line["items"] == 1
    assert line["last_change"] == client.received("state:patch")[-1]["at"]
    await client.disconnect()


async def test_what_is_due_on_each_board_is_told_to_who_may_read_it(office: RunningServer) -> None:
    secret = token(office, "ana", Role.EDITOR, "ceo", "cfo", "main=collector")
    cfo = await let_in(office, token=secret, board="cfo")
    today, later = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=30)
    days = {"late": "2020-01-01", "now": today.isoformat(), "later": later.isoformat(), "never": None}
    items = [{"id": name, "title": name, "due_date": day} for name, day in days.items()]
    await cfo.done("priorities:put", items=[*items, items[0] | {"id": "done"}, items[0] | {"id": "snoozed"}])
    codes = {item["id"]: item["code"] for item in (await cfo.state())["priorities"]}
    await cfo.done("command:run", text=f"done {codes['done']} | snooze {codes['snoozed']} {later}")
    await cfo.disconnect()
    await office.restart()  # no board but main is open
    ceo = await let_in(office, token=secret, board="ceo")
    boards = (await ceo.done("boards:list"))["boards"]
    assert {line["name"]: line.get("due") for line in boards} == {"ceo": 0, "cfo": 2, "main": None}
    await ceo.disconnect()


async def test_a_board_that_cannot_be_opened_refuses_its_own_clients_only(
    server: RunningServer, connect: Connect
) -> None:
    for name in ("good", "bad"):
        await said(server, "board", "add", name)
    store = server.data_dir / "boards" / "bad" / "adjutant.db"
    store.write_bytes(b"no store" * 1_000)
    refused = await PythonClient(board="bad").connect_refused(server.url)
    assert refused["data"] == {"code": "storage_unavailable", "retry": "after", "after_ms": 5_000}
    assert str(server.data_dir) not in refused["message"]
    assert await titles(connect, board="good") == []
    _, ready = await server.get("/ready")
    assert ready["ready"]
    assert ready["degraded"] == ["boards that cannot be opened: 1; the log says why"]
    assert "the board bad cannot be opened" in server.log()
    store.unlink()  # and its position with it, as one who begins anew would
    store.with_suffix(".head").unlink(missing_ok=True)
    await (await let_in(server, board="bad")).disconnect()
    async with asyncio.timeout(WAIT_S):
        while (await server.get("/ready"))[1]["degraded"]:  # noqa: ASYNC110 - it answers from a second ago
            await asyncio.sleep(0.1)


async def test_a_board_without_clients_closes_and_opens_again(serve: Serve, connect: Connect) -> None:
    server = await serve("--board-idle-minutes=0.002", name="short")
    await said(server, "board", "add", "annex")

    def closed(times: int) -> bool:
        return server.log().count("board annex closed") == times

    for number in range(5):
        client = await connect(url=server.url, board="annex")
        await client.done("priorities:put", items=[{"id": str(number), "title": str(number)}])
        await client.disconnect()
        await until(partial(closed, number + 1))
    last = await connect(url=server.url, board="annex")
    assert len((await last.state())["priorities"]) == 5


async def test_boards_are_renamed_and_set_aside_with_all_that_is_in_them(
    serve: Serve, connect: Connect
) -> None:
    server = await serve("--board-idle-minutes=0.002", name="short")
    file = server.data_dir / "tokens.json"
    await said(server, "board", "add", "cfo")
    client = await connect(url=server.url, board="cfo")
    await client.done("priorities:put", items=[BUDGET])
    in_use = await serve_py(server, "board", "rename", "cfo", "finance")
    assert (in_use.returncode, "in use" in in_use.stderr) == (2, True)
    await client.disconnect()
    await until(lambda: "board cfo closed" in server.log())
    tokens.add(file, "ana", Role.EDITOR, None, boards={"cfo": None})
    assert "ana" in await said(server, "board", "rename", "cfo", "finance")
    assert tokens.load(file).tokens[0].boards == {"finance": Role.EDITOR}
    assert (await said(server, "board", "list")).split() == ["main", "finance"]
    assert await titles(connect, url=server.url, board="finance") == ["Sign the budget"]
    for words in (("remove", "main"), ("rename", "main", "x"), ("add", "finance"), ("remove", "gone")):
        assert (await serve_py(server, "board", *words)).returncode == 2, words
    await server.stop()
    kept = server.data_dir / "removed-boards" / "finance-1"
    assert str(kept) in await said(server, "board", "remove", "finance")
    assert (kept / "adjutant.db").exists()
    assert tokens.load(file).tokens[0].boards == {}, "or another board of that name would be open to it"


async def test_a_copy_is_of_one_board(server: RunningServer, connect: Connect, tmp_path: Path) -> None:
    for name in ("ceo", "cfo"):
        await said(server, "board", "add", name)
        client = await connect(board=name)
        await client.done("priorities:put", items=[{"id": "a", "title": name}])
    copy, lines = tmp_path / "copy.db", tmp_path / "lines"
    await said(server, "backup", copy, "--board", "cfo")
    await said(server, "export", lines, "--board=cfo")
    assert (await serve_py(server, "backup", tmp_path / "x", "--board=none")).returncode == 2
    await server.stop()
    await said(server, "restore", copy, "--board", "ceo")
    await said(server, "board", "add", "new")
    await said(server, "import", lines, "--board", "new")
    checked = await said(server, "check")
    assert "in order" in checked
    (server.data_dir / "boards" / "cfo" / "adjutant.db").write_bytes(b"x" * 10_000)
    assert (await serve_py(server, "check")).returncode != 0
    assert (await serve_py(server, "check", "--board=new")).returncode == 0
    await server.start()
    assert await titles(connect, board="ceo") == await titles(connect, board="new") == ["cfo"]
    assert await titles(connect) == []


async def test_two_boards_have_no_item_no_position_and_no_op_in_common(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    async with Core(one) as here, Core(two) as there:
        ana, bob = await here.sit("state"), await there.sit("state")
        ack = await ana.ask("priorities:put", items=[BUDGET], op="same")
        assert here.state.epoch != there.state.epoch
        assert (await bob.ask("priorities:put", items=[BUDGET], op="same"))["data"] == ack["data"]
        await ana.done("priorities:complete", code="P1")
        assert (await bob.item("priorities", "budget"))["status"] != "completed"
        assert there.state.seq < here.state.seq
        histories = [await core.board.reader.changes_of("priorities", "budget", 9) for core in (here, there)]
        assert [len(history) for history in histories] == [2, 1]


async def test_work_on_shared_timers_is_repeated_until_its_own_board_stops() -> None:
    rounds = Rounds()
    boards, done = [Repeated(rounds) for _ in range(50)], [list[int]() for _ in range(50)]
    stuck = asyncio.Event()

    async def note(where: list[int]) -> None:
        where.append(1)
        if where is done[1]:
            raise ValueError("not yet")
        if where is done[2]:
            await stuck.wait()

    for board, where in zip(boards, done, strict=True):
        board.every(0.01, partial(note, where))
    await until(lambda: all(len(where) > 3 for number, where in enumerate(done) if number != 2))
    assert done[2] == [1], "what is under way is not begun again"
    await asyncio.wait_for(boards[2].stop(), WAIT_S)
    await boards[0].stop()
    so_far, others = len(done[0]), len(done[3])
    await until(lambda: len(done[3]) > others + 2)
    assert len(done[0]) == so_far
    for board in boards[3:] + boards[1:2]:
        await board.stop()


async def test_work_that_fails_is_logged_and_done_again_until_it_is_stopped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    background, done = Background(), list[int]()

    async def work() -> None:
        done.append(len(done))
        if len(done) < 3:
            raise ValueError("not yet")

    background.every(0.001, work)
    await until(lambda: len(done) > 3)
    await background.stop()
    so_far = len(done)
    await asyncio.sleep(0)
    assert len(done) == so_far
    failures = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(failures) == 2
