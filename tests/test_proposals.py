"""Proposals over real sockets, on both of the server's ways, from a collector's run to the terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Connect
from tests.running import RunningServer
from tests.terminal.conftest import run_line

Json = Any

EVIDENCE = {"file": "1-1.md", "line": 3, "quote": "Bo will send the numbers"}
LINES = ("add owed Bo: the numbers by 2199-12-01", "add priority Sign", "add owe Ana: the draft")


@pytest.fixture(params=[(), ("--stock-sockets",)], ids=["direct", "stock"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server that lets two proposals of a source wait."""
    server = RunningServer(tmp_path / "data", "--tz=UTC", "--proposal-limit=2", *request.param)
    await server.start()
    yield server
    await server.kill()


@pytest.mark.parametrize("transports", [["websocket"], ["polling"]], ids=["websocket", "polling"])
async def test_a_source_proposes_and_a_person_decides(
    server: RunningServer, connect: Connect, transports: list[str]
) -> None:
    notes, wall = (
        await connect(source="notes:work", transports=transports),
        await connect(rooms=["proposals"], transports=transports),
    )
    ana = await connect(client="ana", transports=transports)
    items = [
        {"id": id, "line": line, "why": "so", "doubt": doubt, "evidence": EVIDENCE}
        for doubt, (id, line) in enumerate(zip("abc", LINES, strict=True))
    ]
    done = await notes.done("proposals:put", items=items, mode="replace")
    assert (done["codes"], done["left_out"]) == ({"a": "A1", "b": "A2"}, 1)
    waits = (await ana.state())["proposals"][0]
    at, expires_at = map(datetime.fromisoformat, (waits["at"], waits["expires_at"]))
    assert expires_at - at == timedelta(days=14)
    planned = await ana.done("command:run", text="approve A1", dry=True)
    assert planned["steps"][0]["data"]["items"][0]["title"] == "the numbers"
    once = {"text": "approve A1 | drop A2", "op": "one"}
    first = await ana.request("command:run", once)
    again = await ana.request("command:run", once)
    assert again == first | {"replay": True}
    patch = await wall.wait_for("proposals:patch", lambda patch: patch["seq"] == first["seq"])
    assert [(change["id"], "gone" in change) for change in patch["changes"]] == [
        ("notes:work/a", True),
        ("notes:work/b", True),
    ]
    suggested = await ana.done("command:suggest", text="approve ")
    assert "A1" not in str(suggested)
    await server.kill()
    await server.start()
    ana = await connect(client="ana")
    notes = await connect(source="notes:work")
    done = await notes.done("proposals:put", items=items, mode="replace", run=9)
    assert (done["dismissed"], done["codes"]) == (2, {"c": "A3"})
    [owed] = (await ana.state())["commitments"]["owed"]
    assert (owed["assignee"], owed["due_date"], owed["evidence"]) == ("Bo", "2199-12-01", EVIDENCE)
    history = (await ana.done("state:history", code=owed["code"]))["entries"]
    assert history[0]["cause"]["command"] == "approve A1 | drop A2"
    await ana.done("command:undo", of=first["data"]["undo"])
    state = await ana.state()
    assert [item["code"] for item in state["proposals"]] == ["A1", "A2", "A3"]
    assert state["commitments"]["owed"] == []


async def test_the_terminal_approves_and_dismisses(server: RunningServer, connect: Connect) -> None:
    notes, ana = await connect(source="notes:work"), await connect()
    items = [
        {"id": id, "line": line, "why": "so", "evidence": EVIDENCE}
        for id, line in zip("ab", LINES[:2], strict=True)
    ]
    await notes.done("proposals:put", items=items)
    status, out, _ = await run_line("--url", server.url, "approve A1 | drop A2")
    assert (status, "M1" in out) == (0, True)
    assert (await ana.state())["proposals"] == []
    status, _, err = await run_line("--url", server.url, "approve A1")
    assert (status != 0, "A1" in err) == (True, True)
