"""What is lost opens no board (access.py, log/meta.py); the side-app tells no stranger (side_app/gate.py)."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from sio_server.clients import tokens
from sio_server.log.meta import TOKENS
from sio_server.log.sqlite import SqliteLog
from sio_server.registry.roles import Role
from sio_server.side_app.gate import FORWARDED, Gate, NotLetIn
from sio_server.sockets.origins import DEVELOPMENT
from tests.abuse.raw import RawSocket, Refused
from tests.conftest import Serve
from tests.forked import completed
from tests.running import ROOT, PythonClient, RunningServer


def start_fails(data_dir: Path, *flags: str) -> str:
    """The one sentence with which the server does not start."""
    ports = ("--port=0", "--http-port=0", f"--data-dir={data_dir}")
    ended = completed(str(ROOT / "serve.py"), *ports, *flags)
    assert (ended.returncode, ended.stdout) == (2, "")
    [line] = ended.stderr.splitlines()
    return line


@pytest.fixture
async def had_tokens(serve: Serve, tmp_path: Path) -> Path:
    """The data directory of a store that has run with a token, whose file is gone."""
    data_dir = tmp_path / "data" / "data"
    tokens.add(data_dir / "tokens.json", "ana", Role.EDITOR, None)
    assert await (await serve()).stop() == 0
    (data_dir / "tokens.json").unlink()
    return data_dir


async def test_a_store_that_had_tokens_is_not_opened_without_their_file(
    had_tokens: Path, serve: Serve, tmp_path: Path
) -> None:
    for flags in ((), ("--dev",), ("--check",), ("--new-epoch",)):
        assert str(had_tokens / "tokens.json") in start_fails(had_tokens, *flags)
    # Also as a copy of it, in another place.
    copy = tmp_path / "copy.db"
    taken = completed(str(ROOT / "serve.py"), "backup", str(copy), "--data-dir", str(had_tokens))
    assert taken.returncode == 0, taken.stderr
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    put = completed(str(ROOT / "serve.py"), "restore", str(copy), "--data-dir", str(elsewhere))
    assert put.returncode == 0, put.stderr
    assert "token" in start_fails(elsewhere)
    # With a new token it is for those who have that one.
    secret = tokens.add(had_tokens / "tokens.json", "bo", Role.VIEWER, None)
    server = await serve()
    assert (await PythonClient().connect_refused(server.url))["data"]["code"] == "unauthorized"
    await (await PythonClient(token=secret).connect(server.url)).disconnect()


async def test_only_a_flag_opens_it_again_and_it_then_stays_open(had_tokens: Path, serve: Serve) -> None:
    server = await serve("--no-tokens")
    await (await PythonClient().connect(server.url)).disconnect()
    assert await server.stop() == 0
    server = await serve()
    await (await PythonClient().connect(server.url)).disconnect()
    assert await server.stop() == 0
    tokens.add(had_tokens / "tokens.json", "bo", Role.VIEWER, None)
    assert "--no-tokens" in start_fails(had_tokens, "--no-tokens")


async def test_a_token_file_that_says_nothing_lets_nobody_in(serve: Serve, tmp_path: Path) -> None:
    data_dir = tmp_path / "data" / "data"
    data_dir.mkdir(parents=True)
    for content in ("", "{}x", "[]", '{"tokens": [{}]}', '{"tokens": null}'):
        (data_dir / "tokens.json").write_text(content)
        assert "not a token file" in start_fails(data_dir)
    (data_dir / "tokens.json").write_text(json.dumps({"tokens": []}))
    server = await serve()
    assert (await PythonClient().connect_refused(server.url))["data"]["code"] == "unauthorized"


def test_what_a_store_knows_of_itself_is_written_when_it_changes(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path, 1, 1)
    before = log._writer.total_changes()
    log.meta.put(TOKENS, "in force")
    assert log.meta.get(TOKENS) == "in force"
    assert (once := log._writer.total_changes()) > before
    log.meta.put(TOKENS, "in force")
    assert log._writer.total_changes() == once
    log.meta.put(TOKENS, "")
    log.close()
    log = SqliteLog(tmp_path, 1, 1)
    assert log.meta.get(TOKENS, "not set") == ""
    log.close()


@pytest.mark.parametrize("way", ["--dev", "tokens"])
async def test_pages_under_development_are_let_in_when_that_is_asked_for(
    serve: Serve, tmp_path: Path, way: str
) -> None:
    flags = [way]
    if way == "tokens":
        tokens.add(tmp_path / "tokens.json", "ana", Role.EDITOR, None)
        flags = [f"--tokens={tmp_path / 'tokens.json'}"]
    server = await serve(*flags)
    for origin in DEVELOPMENT:
        await (await RawSocket.open(server, headers=[("Origin", origin)])).leave()
    with pytest.raises(Refused, match="403"):
        await RawSocket.open(server, headers=[("Origin", "http://localhost:3001")])


PATHS = ("/", "/health", "/ready", "/stats", "/metrics", "/contract.json", "/contract.d.ts")


async def ask(server: RunningServer, path: str, **headers: str) -> int:
    """The status."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as http, http.get(server.http_url + path, headers=sent) as response:
        if response.status not in (200, 404):
            assert (await response.json()).keys() == {"error"}
        return response.status


async def test_without_tokens_the_side_app_answers_to_loopback_names_only(server: RunningServer) -> None:
    for path in PATHS:
        for host in ("localhost", "127.0.0.1:8001", "[::1]", f"board.localhost:{server.http_port}"):
            assert await ask(server, path, Host=host) == 200
        for host in ("rebound.example", "127.0.0.1.evil.example", "evil@127.0.0.1", "192.0.2.1"):
            assert await ask(server, path, Host=host) == 400
    assert "only under loopback names" in server.log()


async def test_with_tokens_strangers_read_no_more_than_whether_it_is_ready(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.json"
    secret = tokens.add(file, "monitoring", Role.VIEWER, None)
    server = await serve(f"--tokens={file}")
    strangers: list[dict[str, str]] = [{"Host": "rebound.example"}]
    strangers += [{name.replace("-", "_"): "203.0.113.7"} for name in FORWARDED]
    strangers += [
        {"Host": "board.example", "Authorization": wrong} for wrong in ("Bearer x", secret, "Bearer")
    ]
    for path in PATHS:
        assert await ask(server, path) == 200
        for stranger in strangers:
            expected = 200 if path in ("/health", "/ready") else 401
            assert await ask(server, path, **stranger) == expected, (path, stranger)
        assert await ask(server, path, Host="board.example", Authorization=f"Bearer {secret}") == 200
    assert secret not in server.log()


async def role_of(token: str, address: str) -> Role | None:
    return Role(token) if token in ("admin", "viewer") else None


@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8::1", "", None, "::ffff:192.0.2.7"])
async def test_another_machine_needs_a_token_whatever_it_calls_this_one(peer: str | None) -> None:
    refused: list[tuple[str, ...]] = []
    gate = Gate(role_of, lambda *told: refused.append(told))
    with pytest.raises(NotLetIn, match="Bearer"):
        await gate.check("/stats", peer, {"Host": "localhost"})
    assert [told[:2] for told in refused] == [(peer or "unknown", "token")]
    assert not await gate.check("/stats", peer, {"Host": "localhost", "Authorization": "bearer viewer"})
    assert await gate.check("/stats", peer, {"Host": "localhost", "Authorization": "bearer admin"})


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_does_not_and_is_told_no_names(peer: str) -> None:
    assert not await Gate(role_of, lambda *_: None).check("/metrics", peer, {"Host": "localhost:8001"})
