"""One file of tokens that several servers read, as nodes behind a load balancer do (docs/scaling.md)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import socketio

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.conftest import Serve
from tests.running import PythonClient, RunningServer, until_found


async def let_in(server: RunningServer, token: str) -> PythonClient | None:
    try:
        return await PythonClient(token=token).connect(server.url)
    except socketio.exceptions.ConnectionError:
        return None


async def test_a_token_that_is_added_or_revoked_counts_on_each_server(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    tokens.add(file, "root", Role.ADMIN, None)
    servers = [await serve("--tokens", str(file), name=name) for name in ("first", "second")]
    secret = tokens.add(file, "eve", Role.EDITOR, None)
    clients = [await until_found(partial(let_in, server, secret), "eve", every_s=0.5) for server in servers]
    for client in clients:
        await client.done("priorities:put", items=[{"id": "a", "title": "Sign the lease"}])
    tokens.remove(file, "eve")
    for client, server in zip(clients, servers, strict=True):
        assert (await client.wait_for("server:bye"))["code"] == "unauthorized"
        assert (await PythonClient(token=secret).connect_refused(server.url))["data"][
            "code"
        ] == "unauthorized"
