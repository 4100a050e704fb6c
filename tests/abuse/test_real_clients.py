"""What the official clients themselves can be made to send: binary data, events too early, ids again."""

from __future__ import annotations

from typing import Any

import pytest
import socketio

from tests.abuse.arena import PRIORITY, TRANSPORTS, Arena
from tests.node.driver import node_process
from tests.running import PythonClient

pytestmark = pytest.mark.asyncio(loop_scope="module")

BINARY: dict[str, Any] = {
    "for a payload": b"\1\2\3",
    "in an item": {"items": [PRIORITY | {"note": b"\0" * 1_000}]},
    "twice": {"items": [{"id": b"a", "title": b"b"}]},
    "empty": {"op": b""},
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("payload", BINARY.values(), ids=BINARY)
async def test_binary_of_the_python_client_is_refused_with_a_clear_error(
    arena: Arena, payload: Any, transport: str
) -> None:
    async with arena.undisturbed():
        client = await PythonClient().connect(arena.server.url, [transport])
        error = (await client.request("priorities:put", payload))["error"]
        assert error["code"] == "bad_request"
        assert "Binary" in error["message"]
        assert (await client.request("state:get", {}))["ok"]
        await client.disconnect()


async def test_binary_of_the_javascript_client_is_refused_with_a_clear_error(arena: Arena) -> None:
    async with arena.undisturbed(), node_process() as node:
        for transport in TRANSPORTS:
            client = await node.connect(arena.server.url, transports=[transport])
            for payload in ({"$binary": "AQID"}, {"items": [{"id": {"$binary": ""}}]}):
                error = (await client.request("priorities:put", payload))["error"]
                assert error["code"] == "bad_request"
                assert "Binary" in error["message"]
            assert (await client.request("state:get", {}))["ok"]
            await client.disconnect()
            await arena.alone()


async def test_what_the_javascript_client_kept_while_offline_is_all_answered(arena: Arena) -> None:
    async with arena.unharmed(), node_process() as node:
        client = await node.connect(arena.server.url, transports=["polling"])
        await client.disconnect()
        for n in range(100):
            await client.send("system:set", {"message": f"kept {n}"})
        await client.reconnect()
        assert (await client.request("state:get", {}))["ok"]
        assert (await arena.witness.state())["system"]["message"] == "kept 99"
        await client.disconnect()
        await arena.alone()


@pytest.mark.parametrize("auth", [["a"], "text", 7, True, {"zz": 1}, {"rooms": ["nope"]}])
async def test_the_python_client_learns_why_its_auth_was_refused(arena: Arena, auth: Any) -> None:
    async with arena.undisturbed():
        client = socketio.AsyncClient(reconnection=False)
        heard: list[Any] = []
        client.on("connect_error", heard.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(arena.server.url, auth=auth, transports=["websocket"])
        assert heard[0]["data"]["code"] == "bad_request"
        await client.disconnect()


async def test_a_namespace_that_there_is_not_is_refused_to_the_python_client(arena: Arena) -> None:
    async with arena.undisturbed():
        client = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(arena.server.url, namespaces=["/admin"], transports=["websocket"])
        await client.disconnect()
