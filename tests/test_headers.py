"""The headers of every HTTP answer, on both ports (sockets/headers.py); no token in answers and logs; who is
connected is told to administrators alone (clients/connected.py)."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.abuse.raw import RawSocket, exchange
from tests.conftest import Serve
from tests.running import PythonClient, RunningServer
from tests.sign_in.minting import claims, pair

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ENGINE = "/socket.io/?EIO=4&transport=polling"
MAIN = (
    "/",
    "/js/main.js",
    "/health",
    "/none",
    ENGINE,
    f"{ENGINE}&sid=none",
    "/socket.io/?EIO=3",
    f"{ENGINE}&token=x",
)
BROKEN = (
    b"GET /stats HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\x00\r\n\r\n",
    b"GET /stats HTTP/1.1\r\nAuthorization: Bearer %s\r\nContent-Length: -1\r\n\r\n",
    b"GET /%s\x01 HTTP/9.9\r\n\r\n",
    b"%s\r\n\r\n",
    b"GET /stats HTTP/1.1\r\nHost: localhost\r\n%s: " + bytes(9_000) + b"\r\n\r\n",
)
"""They are no HTTP, and hold a token."""
SIDE = ("/", "/health", "/ready", "/stats", "/metrics", "/contract.json", "/contract.d.ts", "/none")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


async def test_every_answer_says_what_a_browser_must_not_do_with_it(serve: Serve, file: Path) -> None:
    tokens.add(file, "ana", Role.VIEWER, None)
    server = await serve(f"--tokens={file}")
    asked = [(server.url, path) for path in MAIN] + [(server.http_url, path) for path in SIDE]
    seen = set()
    async with aiohttp.ClientSession() as http:
        for base, path in asked:
            for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT"):
                for host in ("localhost", "board.example"):
                    async with http.request(method, base + path, headers={"Host": host}) as answer:
                        told = answer.headers
                        seen.add(answer.status)
                        place = (base, path, method, host, answer.status)
                        assert {name: told.get(name) for name in EXPECTED} == EXPECTED, place
                        assert "frame-ancestors 'none'" in told["Content-Security-Policy"], place
                        assert "camera=()" in told["Permissions-Policy"], place
                        assert "Strict-Transport-Security" not in told, place
                        assert "Server" not in told, place
                        assert len(told.getall("Referrer-Policy")) == 1, place
    assert seen >= {200, 400, 401, 404, 405}


async def test_no_answer_names_the_program_that_made_it(serve: Serve) -> None:
    server = await serve()
    asked = [(request, port) for request in BROKEN for port in (server.port, server.http_port)]
    asked.append(
        (
            b"GET /stats HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: much\r\n\r\n",
            server.http_port,
        )
    )
    asked.append((b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", server.http_port))
    socket = await RawSocket.open(server)
    heads = [socket.head]
    for request, port in asked:
        heads.append((await exchange(server, request, port)).partition(b"\r\n\r\n")[0])
    assert {head.split(b" ", 2)[1] for head in heads} == {b"101", b"200", b"400", b"417"}
    for head in heads:
        assert b"\nserver:" not in head.lower(), head
        assert b"python" not in head.lower(), head
    await socket.leave()


async def test_an_upgrade_by_http_1_0_is_refused(serve: Serve) -> None:
    server = await serve()
    lines = (
        *("GET /socket.io/?EIO=4&transport=websocket HTTP/1.0", "Host: localhost", "Upgrade: websocket"),
        *("Connection: Upgrade", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version: 13"),
    )
    answer = await exchange(server, "\r\n".join([*lines, "", ""]).encode())
    assert answer.startswith(b"HTTP/1.1 400")


async def test_a_token_is_in_no_answer_no_log_and_no_audit(serve: Serve, file: Path, tmp_path: Path) -> None:
    """Whichever way it is shown, right or wrong, where it belongs or where it does not."""
    own = tokens.add(file, "chief", Role.ADMIN, None)
    key = pair("HS256")
    signed, expired = key.sign(claims()), key.sign(claims(exp=1))
    planted = [own, signed, expired, f"{signed}x", f"wrong-{own}"]
    audit = tmp_path / "audit.jsonl"
    server: RunningServer = await serve(
        *(f"--tokens={file}", f"--jwt-key={key.written(tmp_path)}", f"--audit={audit}", "--log-level=debug")
    )
    told: list[str] = []
    async with aiohttp.ClientSession() as http:
        for token in planted:
            headers = {
                "Authorization": f"Bearer {token}",
                "Host": "board.example",
                "Cookie": f"token={token}",
            }
            for address in (f"{server.url}{ENGINE}&token={token}", f"{server.url}/{token}"):
                async with http.get(address, headers=headers) as answer:
                    told.append(await answer.text())
            for path in SIDE:
                async with http.get(server.http_url + path, headers=headers) as answer:
                    told.append(await answer.text())
    for request in (broken % own.encode() for broken in BROKEN):
        told.append((await exchange(server, request)).decode("latin-1"))
        answer_of_side = (await exchange(server, request, server.http_port)).decode("latin-1")
        assert " 400 " in answer_of_side[:16], request
        assert "nosniff" in answer_of_side, request
        told.append(answer_of_side)
    for token in planted:
        client = PythonClient(token=token, client=None)
        if token in (own, signed):
            await client.connect(server.url)
            for event, payload in (
                ("auth:refresh", {"token": expired}),
                ("stats:get", {}),
                ("none", {"x": token}),
            ):
                told.append(json.dumps(await client.request(event, payload)))
            await client.disconnect()
        else:
            told.append(json.dumps(await client.connect_refused(server.url)))
        told.append(json.dumps(client.events))
    assert await server.stop() == 0
    assert "Traceback" not in server.log()
    told += [server.log(), audit.read_text()]
    told += [path.read_text("latin-1") for path in server.data_dir.rglob("*") if path.is_file()]
    for token in (own, signed, expired):
        assert [text[:200] for text in told if token in text] == []


async def test_who_is_connected_is_told_to_administrators_alone(serve: Serve, file: Path) -> None:
    """By the names that are planted, in all that the side-app and `stats:get` answer."""
    people = (Role.VIEWER, Role.EDITOR, Role.ADMIN)
    roles = {str(role): tokens.add(file, f"planted-{role}", role, None) for role in people}
    roles["collector"] = tokens.add(file, "planted-source", Role.COLLECTOR, "ics:planted-ics")
    server = await serve(f"--tokens={file}")
    clients = [await PythonClient(token=token).connect(server.url) for token in roles.values()]
    async with aiohttp.ClientSession() as http:
        for role, token in [*roles.items(), ("nobody", None)]:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            for path in SIDE:
                async with http.get(server.http_url + path, headers=headers) as answer:
                    named = "planted-viewer" in await answer.text()
                    assert named == (path == "/stats" and role == Role.ADMIN), (role, path)
    for role, client in zip(roles, clients, strict=True):
        ack = await client.request("stats:get", {})
        assert ("planted-viewer" in json.dumps(ack)) == (role == Role.ADMIN), role
        if role == Role.ADMIN:
            listed = {one["client"]: one for one in ack["data"]["clients"]["connections"]}
            assert len(listed) == 4
            viewer = listed["planted-viewer"]
            assert (viewer["transport"], viewer["lags"], viewer["address"]) == (
                "websocket",
                False,
                "127.0.0.1",
            )
            assert listed["planted-source"]["source"] == "ics:planted-ics"
    for client in clients:
        await client.disconnect()
