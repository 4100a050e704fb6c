"""One server that a proxy makes public, and each proxy in front of it in turn."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from sio_server.clients import tokens
from sio_server.registry.roles import Role
from tests.dashboard.browsing import chromium
from tests.forked import ForkedServer
from tests.proxies.example import KINDS, Certificate, Proxy
from tests.running import PythonClient, RunningServer

ALLOWED = "https://other.example"
TRUSTED = "--trusted-proxy=127.0.0.1"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """That of the proxies."""
    return await Certificate.made(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def token_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server has its tokens from."""
    return tmp_path_factory.mktemp("tokens") / "tokens.json"


@pytest.fixture(scope="module")
def token(token_file: Path) -> str:
    """Of an admin."""
    return tokens.add(token_file, "ana", Role.ADMIN, None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(
    tmp_path_factory: pytest.TempPathFactory, token: str, token_file: Path
) -> AsyncIterator[RunningServer]:
    """With tokens, as it must be behind a name."""
    folder = tmp_path_factory.mktemp("server")
    server = ForkedServer(folder / "data", f"--tokens={token_file}", f"--cors-origin={ALLOWED}", TRUSTED)
    await server.start()
    yield server
    await server.kill()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def person(server: RunningServer, token: str) -> AsyncIterator[PythonClient]:
    """Somebody who needs no proxy."""
    client = await PythonClient(token=token, rooms=[]).connect(server.url)
    yield client
    await client.disconnect()


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def proxy(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    server: RunningServer,
    certificate: Certificate,
) -> AsyncIterator[Proxy]:
    """Each in turn; its tests are skipped where it is not installed."""
    proxy = Proxy(request.param, server, certificate, tmp_path_factory.mktemp(request.param))
    try:
        await proxy.start()
        yield proxy
    finally:
        await proxy.stop()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch, certificate: Certificate) -> dict[str, str]:
    """Programs that are given these as their environment trust the proxy, as does what runs in this process,
    where aiohttp read the system's certificates when it was imported."""
    context = ssl.create_default_context(cafile=certificate.file)
    monkeypatch.setattr(aiohttp.connector, "_SSL_CONTEXT_VERIFIED", context)
    return {name: str(certificate.file) for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")}


@pytest.fixture(scope="module")
def chromium_address() -> Iterator[str]:
    """One Chromium for all proxies."""
    with chromium() as address:
        yield address
