"""Where a library's inside is not what it was, websockets are served the stock way; also when told to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sio_server.sockets import websocket
from tests.abuse.arena import changed_server
from tests.abuse.raw import RawSocket
from tests.conftest import Serve
from tests.following import Follower
from tests.running import RunningServer
from tests.sockets.talking import event

WARNING = "websockets are served by uvicorn's own, slower code: "

# What runs before the server does: each takes away something that direct use builds upon.
CHANGED: dict[str, str] = {
    "the scope is another": "Protocol.handle_connect = WebSocketsSansIOProtocol.handle_connect",
    "the mask is taken off elsewhere": "websocket.apply_mask = None",
    "the parser is no generator": "Protocol._is_between_messages = lambda self: self.conn.no_parser",
    "texts are handed on elsewhere": "Protocol.handle_text = lambda self, event: self.handle_frame(event)",
    "frames are built otherwise": "websocket.frame_of = lambda data: data",
    "a pause is not told": "Protocol.pause_writing = lambda self: self.writable.clear()",
    "the end is not told": "Protocol.connection_lost = WebSocketsSansIOProtocol.connection_lost",
    "the trial breaks": "websocket.ClientProtocol = None",
}
PROGRAM = """
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from sio_server.sockets import websocket
from sio_server.sockets.websocket import Protocol

{change}
"""
# The same class is used for serving and for the trial: only the trial may find `handle_text` broken.
ONLY_IN_DIRECT_USE = """
Protocol.handle_text = lambda self, event: (
    WebSocketsSansIOProtocol.handle_text(self, event) if self.session is None else self.handle_frame(event)
)
"""


@pytest.fixture
async def changed(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[RunningServer]:
    """A server under libraries that have changed."""
    change = str(request.param)
    if "handle_text" in change:
        change = ONLY_IN_DIRECT_USE
    server = changed_server(tmp_path, PROGRAM.format(change=change))
    await server.start()
    yield server
    await server.kill()


async def is_direct(server: RunningServer) -> bool:
    async with aiohttp.ClientSession() as http, http.get(f"{server.http_url}/metrics") as answer:
        found = re.search(r"^adjutant_direct_sockets (\S+)$", await answer.text(), re.MULTILINE)
    assert found is not None
    return float(found[1]) == 1


async def serves(server: RunningServer) -> None:
    """A real client and one by hand are served as ever."""
    client = await Follower().connect(server.url)
    await client.wait_for("state:sync")
    items = [{"id": f"p{n}", "title": "x" * 300} for n in range(30)]
    await client.pipeline([("priorities:put", {"items": [item]}) for item in items])
    await client.equals(server)
    socket = await (await RawSocket.open(server)).join()
    packets = [event(id, "state:get", {"sections": ["system"]}).encode() for id in range(100)]
    await socket.write(socket.frames(packets))
    for id in range(100):
        assert (await socket.next()).startswith(f'43{id}[{{"ok":true')
    await socket.leave()
    await client.disconnect()


@pytest.mark.parametrize("changed", CHANGED.values(), ids=CHANGED, indirect=True)
async def test_a_changed_library_costs_speed_and_one_warning(changed: RunningServer) -> None:
    await serves(changed)
    assert not await is_direct(changed)
    warnings = [line for line in changed.log().splitlines() if WARNING in line]
    assert len(warnings) == 1
    assert " warning " in warnings[0]


async def test_the_flag_does_the_same(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STOCK_SOCKETS", raising=False)
    server = await serve("--stock-sockets")
    await serves(server)
    assert not await is_direct(server)
    assert server.log().count(WARNING) == 1


async def test_under_the_pinned_libraries_websockets_are_used_directly(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STOCK_SOCKETS", raising=False)
    server = await serve()
    await serves(server)
    assert await is_direct(server)
    assert WARNING not in server.log()


async def test_the_check_says_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await websocket.fault_of_direct_use() is None

    def broken(*_: Any) -> Any:
        raise AttributeError("it has another name now")

    monkeypatch.setattr(websocket.Protocol, "_take_messages", broken)
    assert await websocket.fault_of_direct_use() == "AttributeError: it has another name now"
    monkeypatch.undo()
    monkeypatch.setattr(websocket.Protocol, "write", lambda self, frame: False)
    fault = await websocket.fault_of_direct_use()
    assert fault is not None
    assert fault.startswith("a trial gave ")
