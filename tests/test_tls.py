"""TLS of the server itself (tls.py, sockets/handshakes.py): on both ports, renewed while in use, HSTS."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import socket
import ssl
import warnings
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
import socketio

from adjutant_client import Client
from sio_server.tls import Certificate, TlsError
from tests.abuse.arena import SERVE
from tests.abuse.raw import upgrade_request
from tests.proxies import example
from tests.running import ROOT, WAIT_S, RunningServer, close, until
from tests.sockets.test_http_connections import FILES, LIMITED, hold, let_go

HSTS = "Strict-Transport-Security"


class TlsServer(RunningServer):
    """A server whose addresses begin with https."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    async def start(self) -> None:
        environment = {"PATH": ""}
        ports = ("--port=0", "--http-port=0", f"--data-dir={self.data_dir}")
        line = (await asyncio.wait_for(self._launch((*ports, *self.flags), environment), WAIT_S)).decode()
        found = re.findall(r"https://127\.0\.0\.1:(\d+)", line)
        assert len(found) == 2, self.log()
        self.port, self.http_port = map(int, found)


@pytest.fixture
async def made(tmp_path: Path) -> example.Certificate:
    return await example.Certificate.made(tmp_path)


@pytest.fixture(params=["direct", "stock"])
async def server(request: pytest.FixtureRequest, tmp_path: Path, made: example.Certificate) -> object:
    stock = ("--stock-sockets",) if request.param == "stock" else ()
    server = TlsServer(tmp_path / "data", f"--tls-cert={made.file}", f"--tls-key={made.key}", *stock)
    await server.start()
    yield server
    assert await server.stop() == 0
    assert "Traceback" not in server.log()


def shown_by(port: int) -> str:
    """The fingerprint of the certificate that is in use."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as wrapped:
        return hashlib.sha256(wrapped.getpeercert(binary_form=True) or b"").hexdigest()


async def test_both_ports_speak_tls_with_hsts_and_nothing_else(
    server: TlsServer, made: example.Certificate
) -> None:
    context = ssl.create_default_context(cafile=made.file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        for port, paths in {
            server.port: ("/", "/health", "/none"),
            server.http_port: ("/health", "/none"),
        }.items():
            for path in paths:
                async with http.get(f"https://localhost:{port}{path}") as answer:
                    assert "max-age=" in answer.headers[HSTS], (port, path)
        with pytest.raises(aiohttp.ClientError):
            await http.get(f"http://localhost:{server.port}/health")
    old = ssl.create_default_context(cafile=made.file)
    with warnings.catch_warnings(action="ignore"):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", server.port)) as plain, pytest.raises(ssl.SSLError):
        old.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_clients_follow_and_change_the_board(
    server: TlsServer, made: example.Certificate, transport: str
) -> None:
    context = ssl.create_default_context(cafile=made.file)
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
    client = socketio.AsyncClient(reconnection=False, http_session=http)
    patches: list[object] = []
    client.on("state:patch", patches.append)
    await client.connect(server.url, transports=[transport])
    large = [{"id": f"p{number}", "title": "x" * 10_000} for number in range(100)]
    ack = await client.call("priorities:put", {"items": large}, timeout=WAIT_S)
    assert ack["ok"]
    await until(lambda: patches, "the patch")
    await client.disconnect()
    await http.close()


async def test_a_new_certificate_is_used_for_new_connections_and_the_old_ones_stay(
    server: TlsServer, made: example.Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=made.file)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
    async with Client(server.url, client="a test", follow=True) as board:
        before = shown_by(server.port)
        (tmp_path / "new").mkdir()
        new = await example.Certificate.made(tmp_path / "new")
        shutil.copy(new.file, made.file)
        await until(lambda: "cannot use the certificate" in server.log(), "the complaint about half of it")
        assert shown_by(server.port) == before
        shutil.copy(new.key, made.key)
        await until(lambda: shown_by(server.port) != before, "the new certificate")
        assert shown_by(server.http_port) == shown_by(server.port)
        await board.request("priorities:put", {"items": [{"id": "a", "title": "On the old connection"}]})


async def with_few_files(tmp_path: Path, made: example.Certificate) -> TlsServer:
    """A server that runs, and may open FILES files."""
    (tmp_path / "limited.py").write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{LIMITED}{SERVE}")
    server = TlsServer(tmp_path / "data", f"--tls-cert={made.file}", f"--tls-key={made.key}")
    server.program = (str(tmp_path / "limited.py"),)
    await server.start()
    return server


async def test_upgrades_that_are_refused_make_way_though_their_clients_never_close(
    tmp_path: Path, made: example.Certificate
) -> None:
    """The server says good-bye within TLS, and the library waits half a minute for the answer."""
    server = await with_few_files(tmp_path, made)
    context = ssl.create_default_context(cafile=made.file)
    requests = [
        upgrade_request(server, headers=[("Origin", "https://elsewhere.example")]),
        upgrade_request(server, "EIO=4&transport=websocket&sid=none"),
        upgrade_request(server, headers=[("Sec-WebSocket-Version", "1")]),
    ]
    assert len(set(requests)) == 3

    def refused(request: bytes) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", server.port))
        encrypted = context.wrap_socket(plain, server_hostname="localhost")
        encrypted.sendall(request)
        assert encrypted.recv(12).startswith(b"HTTP/1.1 4")
        return encrypted

    held = [await asyncio.to_thread(refused, request) for request in requests for _ in range(FILES)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http)
        await client.connect(server.url)
        assert (await client.call("state:get", {}, timeout=WAIT_S))["ok"]
        await client.disconnect()
    for one in held:
        one.close()
    assert await server.stop() == 0
    assert "Traceback" not in server.log()


async def test_handshakes_that_never_end_make_way(tmp_path: Path, made: example.Certificate) -> None:
    """More than there are files, on both ports; half of them have begun."""
    server = await with_few_files(tmp_path, made)
    held = []
    for port in (server.port, server.http_port):
        for begin in (b"", b"\x16\x03\x01\x02\x00\x01"):
            held += await hold(port, begin, FILES)
    context = ssl.create_default_context(cafile=made.file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        for transport in ("websocket", "polling"):
            client = socketio.AsyncClient(reconnection=False, http_session=http)
            await client.connect(server.url, transports=[transport])
            assert (await client.call("state:get", {}, timeout=WAIT_S))["ok"]
            await client.disconnect()
        async with http.get(f"https://localhost:{server.http_port}/ready") as ready:
            assert ready.status == 200
    for reader, _ in held[: 3 * FILES]:
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
    assert "the oldest make way" in server.log()
    await let_go(held)
    assert await server.stop() == 0
    assert "Traceback" not in server.log()


async def test_what_is_no_certificate_is_named(tmp_path: Path, made: example.Certificate) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("nothing")
    for file, key in ((wrong, made.key), (made.file, wrong), (tmp_path / "none", made.key)):
        with pytest.raises(TlsError, match="cannot use the certificate"):
            Certificate(file, key)
    locked = await asyncio.create_subprocess_exec(
        *("openssl", "ec", "-in", str(made.key), "-aes128", "-passout", "pass:secret", "-out", str(wrong)),
        stdout=PIPE,
        stderr=PIPE,
    )
    await locked.communicate()
    close(locked)
    with pytest.raises(TlsError, match="has a password"):
        Certificate(made.file, wrong)


async def test_no_handshake_fails_while_the_certificate_is_renewed(
    tmp_path: Path, made: example.Certificate
) -> None:
    (tmp_path / "other").mkdir()
    both = (made, await example.Certificate.made(tmp_path / "other"))
    used = (tmp_path / "used.crt", tmp_path / "used.key")
    for file, place in zip((made.file, made.key), used, strict=True):
        shutil.copy(file, place)
    certificate = Certificate(*used)
    over = asyncio.Event()

    async def renew() -> None:
        for number in range(200):
            for file, place in zip((both[number % 2].file, both[number % 2].key), used, strict=True):
                shutil.copy(file, place.with_suffix(".new"))
                place.with_suffix(".new").replace(place)
            assert await asyncio.to_thread(certificate.reload)
        over.set()

    async def connect(port: int) -> int:
        number = 0
        while not over.is_set():
            await asyncio.to_thread(shown_by, port)
            number += 1
        return number

    listener = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=certificate.context
    )
    port = listener.sockets[0].getsockname()[1]
    _, *handshakes = await asyncio.gather(renew(), *(connect(port) for _ in range(4)))
    assert all(handshakes)
    listener.close()
