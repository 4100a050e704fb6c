"""The proxies of examples/deploy that sign people in by a cookie: nginx, HAProxy and Caddy, each started."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import suppress
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
DEPLOY = ROOT / "examples" / "deploy"
EXAMPLES = {"nginx": "nginx-sign-in.conf", "haproxy": "haproxy-sign-in.cfg", "caddy": "Caddyfile.sign-in"}
ASKS = "haproxy-sign-in.lua"
PEOPLE = {"s-ana": ("ana", ""), "s-chief": ("chief", "staff,board-admins"), "s-bo": ("bo", "staff")}


async def verify(request: web.Request) -> web.Response:
    """What Authelia answers to a proxy."""
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


@pytest.fixture(params=EXAMPLES)
async def address(
    request: pytest.FixtureRequest,
    server: RunningServer,
    sign_in_port: int,
    tmp_path: Path,
    certificate: Certificate,
) -> AsyncIterator[str]:
    """Of each proxy in turn."""
    name, port = request.param, free_port()
    kind, lua, file, said = KINDS[name], tmp_path / ASKS, tmp_path / "proxy.conf", tmp_path / "proxy.log"
    places = {
        "/etc/ssl/board.pem": certificate.both,
        "/etc/ssl/board.key": certificate.key,
        f"/etc/haproxy/{ASKS}": lua,
        "board.example.org": kind.host.replace("443", str(port)),
        ":8000": f":{server.port}",
        ":9091": f":{sign_in_port}",
        "443": port,
    }
    lua.write_text(filled((DEPLOY / ASKS).read_text(), places))
    around = filled(kind.around, {"FOLDER": tmp_path})
    file.write_text(around.replace("EXAMPLE", filled((DEPLOY / EXAMPLES[name]).read_text(), places)))
    command = filled(kind.command, {"FOLDER": tmp_path, "FILE": file}).split()
    command[0] = program(name, kind.package)
    with said.open("ab") as log:
        process: Process = await asyncio.create_subprocess_exec(
            *command, stdout=log, stderr=log, env={"HOME": str(tmp_path)}
        )

    def answers() -> bool:
        assert process.returncode is None, said.read_text()
        with socket.socket() as trying:
            return trying.connect_ex(("127.0.0.1", port)) == 0

    try:
        await until(answers, name)
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


async def until_served(browser: Browser, address: str) -> None:
    """A proxy may listen before it serves."""
    async with asyncio.timeout(WAIT_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with browser.http.get(address):
                    return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_who_signed_in_at_the_proxy_is_who_they_are_on_the_board(
    address: str, certificate: Certificate, transport: str
) -> None:
    ana = Browser(certificate, "s-ana", Remote_User="chief", Remote_Groups="board-admins")
    chief = Browser(certificate, "s-chief", X_Forwarded_For="203.0.113.7")
    bo = Browser(certificate, "s-bo", Remote_Groups="board-admins")
    nobody = Browser(certificate, Remote_User="chief")
    try:
        await until_served(ana, address)
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
