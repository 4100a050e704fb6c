"""Fixtures: a server for each test, clients that are closed again, and hypothesis profiles."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.forked import ForkedServer
from tests.running import PythonClient, RunningServer

settings.register_profile("ci", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long", settings.get_profile("local"), max_examples=3_000
)  # --hypothesis-profile=long
settings.load_profile("ci" if os.environ.get("CI") else "local")

Connect = Callable[..., Awaitable[PythonClient]]
Serve = Callable[..., Awaitable[RunningServer]]


@pytest.fixture(scope="module", params=["direct", "stock"])
def both_paths(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a module's tests twice: the server uses websockets directly, and then the stock way."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "stock":
            patch.setenv("STOCK_SOCKETS", "1")
        yield request.param


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgresql` runs every test with its boards in PostgreSQL."""
    parser.addoption("--postgresql", action="store_true", help="keep the boards of all tests in PostgreSQL")


@pytest.fixture(scope="session", autouse=True)
def all_in_postgresql(request: pytest.FixtureRequest) -> Iterator[None]:
    """Does what `--postgresql` asks for."""
    if not request.config.getoption("--postgresql"):
        yield
        return
    with postgres.in_use():
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def both_logs(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a module's tests twice: with their boards in SQLite, and then in PostgreSQL."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    if postgres.programs() is None:
        pytest.skip(postgres.MISSING)
    with postgres.in_use():
        yield "postgresql"


@pytest.fixture
def kind() -> type[RunningServer]:
    """How a module's servers are started; one that is about the process itself overrides it."""
    return ForkedServer


@pytest.fixture
async def serve(tmp_path: Path, kind: type[RunningServer]) -> AsyncIterator[Serve]:
    """Starts servers with flags; each is stopped after the test."""
    running: list[RunningServer] = []

    async def start(*flags: str, name: str = "data", **options: Any) -> RunningServer:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        server = kind(folder / "data", *flags, **options)
        running.append(server)
        await server.start()
        return server

    yield start
    for server in running:
        if server.process is not None and server.process.returncode is None:
            await server.kill()


@pytest.fixture
async def server(serve: Serve) -> RunningServer:
    """A server without tokens."""
    return await serve()


@pytest.fixture
async def connect(server: RunningServer) -> AsyncIterator[Connect]:
    """Connects clients: `await connect(source="ics:work", transports=["polling"])`."""
    async with AsyncExitStack() as stack:

        async def join(
            *, url: str | None = None, transports: list[str] | None = None, **auth: Any
        ) -> PythonClient:
            client = PythonClient(**auth)
            stack.push_async_callback(client.disconnect)
            return await client.connect(url or server.url, transports)

        yield join
