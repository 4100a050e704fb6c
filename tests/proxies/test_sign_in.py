"""examples/deploy/nginx-sign-in.conf in a real nginx: `auth_request` signs people in, by a cookie."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import socketio
from aiohttp import web

from tests.conftest import Serve
from tests.proxies.example import KINDS, Certificate, filled, free_port, program
from tests.running import ROOT, WAIT_S, RunningServer, until

Json = Any
EXAMPLE = ROOT / "examples" / "deploy" / "nginx-sign-in.conf"
PEOPLE = {"s-ana": ("ana", ""), "s-chief": ("chief", "staff,board-admins"), "s-bo": ("bo", "staff")}


async def verify(request: web.Request) -> web.Response:
    """What Authelia answers to nginx."""
    found = PEOPLE.get(request.cookies.get("session", ""))
    if found is None:
        return web.Response(status=401)
    return web.Response(headers={"Remote-User": found[0], "Remote-Groups": found[1]})


@pytest.fixture
async def sign_in_port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/api/verify", verify)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def server(serve: Serve, tmp_path: Path) -> RunningServer:
    roles = tmp_path / "roles.json"
    roles.write_text(json.dumps({"users": {"ana": "editor"}, "groups": {"board-admins": "admin"}}))
    headers = ("--proxy-user-header=Remote-User", "--proxy-groups-header=Remote-Groups")
    return await serve("--trusted-proxy=127.0.0.1", *headers, f"--roles={roles}", "--max-per-address=2")


@pytest.fixture
async def address(
    server: RunningServer, sign_in_port: int, tmp_path: Path, certificate: Certificate
) -> AsyncIterator[str]:
    """Of nginx."""
    port, kind = free_port(), KINDS["nginx"]
    places = {
        "/etc/ssl/board.pem": certificate.both,
        "/etc/ssl/board.key": certificate.key,
        "board.example.org": "localhost",
        ":8000": f":{server.port}",
        ":9091": f":{sign_in_port}",
        "listen 443": f"listen {port}",
    }
    file = tmp_path / "nginx.conf"
    around = filled(kind.around, {"FOLDER": tmp_path})
    file.write_text(around.replace("EXAMPLE", filled(EXAMPLE.read_text(), places)))
    command = filled(kind.command, {"FOLDER": tmp_path, "FILE": file}).split()
    command[0] = program("nginx", kind.package)
    with (tmp_path / "nginx.log").open("ab") as log:
        process: Process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)

    def answers() -> bool:
        assert process.returncode is None, (tmp_path / "nginx.log").read_text()
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", port)) == 0

    try:
        await until(answers, "nginx")
        yield f"https://localhost:{port}"
    finally:
        if process.returncode is None:
            process.kill()
        await asyncio.wait_for(process.wait(), WAIT_S)


class Browser:
    """Somebody with a cookie, and with headers that they make up."""

    def __init__(self, certificate: Certificate, session: str = "", **made_up: str) -> None:
        context = ssl.create_default_context(cafile=certificate.file)
        headers = {name.replace("_", "-"): value for name, value in made_up.items()}
        headers |= {"Cookie": f"session={session}"} if session else {}
        connector = aiohttp.TCPConnector(ssl=context)
        self.http = aiohttp.ClientSession(connector=connector, headers=headers)
        self.sio = socketio.AsyncClient(reconnection=False, http_session=self.http)
        self.refusals: list[Json] = []
        self.sio.on("connect_error", self.refusals.append)

    async def connect(self, address: str, transport: str) -> bool:
        try:
            await self.sio.connect(address, transports=[transport], wait_timeout=WAIT_S)
        except socketio.exceptions.ConnectionError:
            return False
        return True

    async def close(self) -> None:
        await self.sio.disconnect()
        await self.http.close()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_who_signed_in_at_the_proxy_is_who_they_are_on_the_board(
    address: str, certificate: Certificate, transport: str
) -> None:
    ana = Browser(certificate, "s-ana", Remote_User="chief", Remote_Groups="board-admins")
    chief = Browser(certificate, "s-chief", X_Forwarded_For="203.0.113.7")
    bo = Browser(certificate, "s-bo", Remote_Groups="board-admins")
    nobody = Browser(certificate, Remote_User="chief")
    try:
        assert await ana.connect(address, transport)
        ack = await ana.sio.call("priorities:put", {"items": [{"id": "a", "title": "From Ana"}]})
        assert ack["ok"]
        assert await chief.connect(address, transport)
        listed = (await chief.sio.call("stats:get", {}))["data"]["clients"]["connections"]
        assert {(one["client"], one["role"], one["address"]) for one in listed} == {
            ("ana", "editor", "127.0.0.1"),
            ("chief", "admin", "127.0.0.1"),
        }
        assert not await bo.connect(address, transport)
        assert "bo, who has no role" in bo.refusals[-1]["message"]
        assert not await nobody.connect(address, transport)
        async with nobody.http.get(address) as answer:
            assert answer.status == 401
    finally:
        for browser in (ana, chief, bo, nobody):
            await browser.close()
