"""The driver itself, against a bare Socket.IO server: what it reports is what happened."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import socketio
import uvicorn

from tests.node.driver import NodeClient, NodeProcess, RequestFailedError, node_process


class BareServer:
    """Says the protocol's words, and keeps what it was told."""

    def __init__(self) -> None:
        self.auths: list[Any] = []
        self.url = ""
        self.sio = socketio.AsyncServer(async_mode="asgi")
        self.sio.on("connect", self.on_connect)
        self.sio.on("echo", self.on_echo)
        self.sio.on("patch-me", self.on_patch_me)
        self.sio.on("silence", self.on_silence)

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        self.auths.append(auth)
        if auth == {"token": "wrong"}:
            raise socketio.exceptions.ConnectionRefusedError("no", {"code": "unauthorized", "retry": "no"})

    async def on_echo(self, sid: str, payload: Any) -> Any:
        return payload

    async def on_patch_me(self, sid: str, seq: int) -> None:
        sync = {"mode": "current", "epoch": "e1", "seq": seq - 1, "rooms": ["calendar", "state"]}
        await self.sio.emit("state:sync", sync, to=sid)
        await self.sio.emit("calendar:patch", {"epoch": "e1", "prev": seq - 1, "seq": seq}, to=sid)

    async def on_silence(self, sid: str) -> None:
        await asyncio.Event().wait()


@pytest.fixture
async def bare() -> AsyncIterator[BareServer]:
    bare = BareServer()
    config = uvicorn.Config(
        socketio.ASGIApp(bare.sio), log_level="error", ws="websockets-sansio", lifespan="off"
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        bare.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield bare
        server.should_exit = server.force_exit = True
        await serving


@pytest.fixture
async def node() -> AsyncIterator[NodeProcess]:
    async with node_process() as node:
        yield node


async def dropped(client: NodeClient) -> None:
    """Cuts the connection, and returns when the client is back."""
    mark = client.mark()
    await client.drop()
    await client.wait_for(lambda line: "connect" in line, after=mark)


async def test_a_request_gets_its_ack_over_each_transport(bare: BareServer, node: NodeProcess) -> None:
    for transport in ("polling", "websocket"):
        client = await node.connect(bare.url, transports=[transport])
        connected = await client.wait_for(lambda line: "connect" in line)
        assert connected["transport"] == transport
        assert await client.request("echo", {"text": "é \u2028"}) == {"text": "é \u2028"}


async def test_the_upgrade_from_polling_is_reported(bare: BareServer, node: NodeProcess) -> None:
    client = await node.connect(bare.url)
    line = await client.wait_for(lambda line: "upgrade" in line)
    assert line["upgrade"] == "websocket"


async def test_a_refusal_is_reported_with_its_message_and_data(bare: BareServer, node: NodeProcess) -> None:
    client = await node.connect(bare.url, auth={"token": "wrong"})
    line = await client.wait_for(lambda line: "connect_error" in line)
    assert line["connect_error"] == {"message": "no", "data": {"code": "unauthorized", "retry": "no"}}


async def test_a_request_without_an_ack_fails_after_its_time(bare: BareServer, node: NodeProcess) -> None:
    client = await node.connect(bare.url)
    with pytest.raises(RequestFailedError, match="timed out"):
        await client.request("silence", timeout_s=0.2)


async def test_a_client_resumes_from_the_position_it_holds_in_each_room(
    bare: BareServer, node: NodeProcess
) -> None:
    client = await node.connect(bare.url, auth={"client": "wall"}, resume=True)
    assert bare.auths == [{"client": "wall"}]
    await client.send("patch-me", 8)
    await client.wait_for_event("calendar:patch")
    assert await client.held() == {"epoch": "e1", "rooms": {"calendar": 8, "state": 7}}
    await dropped(client)
    resume = {"epoch": "e1", "rooms": {"calendar": 8, "state": 7}}
    assert bare.auths[1] == {"client": "wall", "resume": resume}


async def test_clients_of_one_process_are_apart(bare: BareServer, node: NodeProcess) -> None:
    one, other = await node.connect(bare.url), await node.connect(bare.url)
    await one.send("patch-me", 3)
    await one.wait_for_event("calendar:patch", lambda patch: patch["seq"] == 3)
    assert other.events("calendar:patch") == []
    await one.disconnect()
    assert await other.request("echo", {}) == {}
    assert (await one.reconnect())["connect"]
