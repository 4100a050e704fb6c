"""Whom a trusted proxy may name, and whose addresses count (sockets/proxies.py, sign_in/proxy.py)."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from sio_server.sockets.proxies import Proxies, user_of
from sio_server.sockets.refusals import Refusals
from tests.conftest import Serve
from tests.running import PythonClient, RunningServer, until

Json = Any
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
TRUSTED = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "127.0.0.1/32", "2001:db8::/64")]
ROLES = {"users": {"ana": "editor"}, "groups": {"board-admins": "admin"}}


async def seen(peer: str | None, *headers: tuple[str, str], user: str | None = "Remote-User") -> Json:
    """What the server goes by: the address, the user and their groups; or the status of the refusal."""
    found: list[Json] = []

    async def app(scope: MutableMapping[str, Any], *_: Any) -> None:
        found.append((scope["client"][0], *user_of(scope)))

    async def send(message: MutableMapping[str, Any]) -> None:
        if "status" in message:
            found.append(message["status"])

    async def receive() -> Json:
        return {}

    scope = {
        "type": "http",
        "client": None if peer is None else (peer, 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers],
    }
    await Proxies(app, TRUSTED, user, "Remote-Groups", Refusals(lambda _: None))(scope, receive, send)
    [told] = found
    return told


USER = ("Remote-User", "ana")
XFF = "X-Forwarded-For"
CASES: dict[str, tuple[str | None, list[tuple[str, str]], Json]] = {
    "nobody between": ("192.0.2.1", [], ("192.0.2.1", None, ())),
    "an address made up": ("192.0.2.1", [(XFF, "203.0.113.7")], ("192.0.2.1", None, ())),
    "a user made up": ("192.0.2.1", [USER], 403),
    "groups made up": ("192.0.2.1", [("Remote-Groups", "board-admins")], 403),
    "a user made up with an address": ("192.0.2.1", [USER, (XFF, "10.0.0.1")], 403),
    "an empty user made up": ("192.0.2.1", [("Remote-User", "")], 403),
    "in other letters": ("192.0.2.1", [("REMOTE-USER", "ana")], 403),
    "from a socket without address": (None, [USER], 403),
    "a proxy": ("10.1.2.3", [USER, (XFF, "192.0.2.1")], ("192.0.2.1", "ana", ())),
    "a proxy by IPv6": ("2001:db8::1", [USER, (XFF, "192.0.2.1")], ("192.0.2.1", "ana", ())),
    "a proxy by IPv4 within IPv6": ("::ffff:10.0.0.1", [USER], ("::ffff:10.0.0.1", "ana", ())),
    "two proxies": ("10.0.0.1", [(XFF, "192.0.2.1, 10.0.0.2")], ("192.0.2.1", None, ())),
    "one made up before": ("10.0.0.1", [(XFF, "203.0.113.7, 192.0.2.1")], ("192.0.2.1", None, ())),
    "in two headers": ("10.0.0.1", [(XFF, "203.0.113.7"), (XFF, "192.0.2.1")], ("192.0.2.1", None, ())),
    "nonsense made up before": ("10.0.0.1", [(XFF, "<b>, 192.0.2.1")], ("192.0.2.1", None, ())),
    "nonsense": ("10.0.0.1", [(XFF, "nonsense")], ("10.0.0.1", None, ())),
    "only proxies": ("10.0.0.1", [(XFF, "10.0.0.3, 10.0.0.2")], ("10.0.0.3", None, ())),
    "with groups": ("10.0.0.1", [USER, ("Remote-Groups", "a, b ,,c")], ("10.0.0.1", "ana", ("a", "b", "c"))),
    "no user": ("10.0.0.1", [("Remote-User", "")], ("10.0.0.1", None, ())),
    "two users": ("10.0.0.1", [USER, ("Remote-User", "chief")], 400),
    "a user of bytes": ("10.0.0.1", [("Remote-User", "a\x07")], 400),
    "a long user": ("10.0.0.1", [("Remote-User", "a" * 201)], 400),
}


@pytest.mark.parametrize("case", CASES)
async def test_only_a_trusted_proxy_is_believed(case: str) -> None:
    peer, headers, expected = CASES[case]
    assert await seen(peer, *headers) == expected


async def test_without_the_setting_no_header_names_a_user() -> None:
    assert await seen("10.0.0.1", USER, user=None) == ("10.0.0.1", None, ())
    assert await seen("192.0.2.1", USER, user=None) == ("192.0.2.1", None, ())


@pytest.fixture
def roles(tmp_path: Path) -> Path:
    file = tmp_path / "roles.json"
    file.write_text(json.dumps(ROLES))
    return file


@pytest.fixture
async def server(serve: Serve, roles: Path, tmp_path: Path) -> RunningServer:
    """It trusts this machine, which is where the tests are: they play the proxy."""
    return await serve(
        *("--trusted-proxy=127.0.0.1", "--proxy-user-header=Remote-User"),
        *("--proxy-groups-header=Remote-Groups", f"--roles={roles}"),
    )


def sent(token: str | None = None, **headers: str) -> PythonClient:
    """A client whose requests have these headers."""
    client = PythonClient(token=token)
    client.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return client


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_the_user_whom_the_proxy_names_has_the_role_of_the_file(
    server: RunningServer, transport: str
) -> None:
    ana = await sent(Remote_User="ana").connect(server.url, [transport])
    await ana.done("priorities:put", items=[{"id": "a", "title": "From Ana"}])
    chief = sent(Remote_User="chief", Remote_Groups="x, board-admins")
    await chief.connect(server.url, [transport])
    listed = (await chief.done("stats:get"))["clients"]["connections"]
    assert {(one["client"], one["role"], one["transport"]) for one in listed} == {
        ("ana", "editor", transport),
        ("chief", "admin", transport),
    }
    assert (await ana.done("stats:get"))["clients"]["connections"] == []
    for client in (ana, chief):
        await client.disconnect()
    for client, sentence in ((sent(Remote_User="bo"), "bo, who has no role"), (sent(), "with a token")):
        assert sentence in (await client.connect_refused(server.url))["message"]


async def test_a_user_who_loses_the_role_is_told_good_bye(server: RunningServer, roles: Path) -> None:
    ana = await sent(Remote_User="ana").connect(server.url)
    await ana.wait_for("state:sync")
    roles.write_text(json.dumps({"users": {"ana": "viewer"}}))
    bye = await ana.wait_for("server:bye")
    assert (bye["code"], bye["retry"]) == ("unauthorized", "no")
    await until(lambda: not ana.sio.connected, "the end")


async def test_pages_of_other_origins_do_not_come_in_as_whoever_is_signed_in(server: RunningServer) -> None:
    """The proxy knows people by a cookie, which their browser sends for every page."""
    async with aiohttp.ClientSession() as http:
        for origin in ("https://evil.example", "http://localhost:3000", "http://127.0.0.1:8080"):
            headers = {"Origin": origin, "Remote-User": "ana"}
            async with http.get(server.url + HANDSHAKE, headers=headers) as answer:
                assert answer.status == 403, origin


async def test_a_token_says_who_somebody_is_also_behind_the_proxy(
    serve: Serve, roles: Path, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    own = tokens.add(file, "work", Role.VIEWER, None)
    proxied = ("--trusted-proxy=127.0.0.1", "--proxy-user-header=Remote-User", f"--roles={roles}")
    server = await serve(*proxied, f"--tokens={file}")
    work = await sent(own, Remote_User="ana").connect(server.url)
    assert not (await work.request("priorities:put", {"items": []}))["ok"]
    await work.disconnect()
    refused = await sent("wrong", Remote_User="ana").connect_refused(server.url)
    assert "does not know this token" in refused["message"]


async def test_the_header_is_refused_from_elsewhere_and_logged(serve: Serve, roles: Path) -> None:
    server = await serve(
        "--trusted-proxy=192.0.2.0/24", "--proxy-user-header=Remote-User", f"--roles={roles}"
    )
    async with aiohttp.ClientSession() as http:
        for path in (HANDSHAKE, "/", "/health"):
            async with http.get(server.url + path, headers={"Remote-User": "ana"}) as answer:
                assert answer.status == 403
                assert "--trusted-proxy" in await answer.text()
    assert "refused 127.0.0.1" in server.log()
