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


LONGEST = (
    "test_bench.py",
    "collectors/test_connected.py",
    "dashboard/test_accessible.py",
    "search/test_quotes_of_minutes.py",
    "collectors/test_caldav.py",
    "dashboard/test_screens.py",
    "test_sources.py",
    "collectors/test_imap_stops.py",
    "dashboard/test_unsent.py",
    "collectors/test_oauth.py",
    "core/test_whole.py",
    "sign_in/test_servers.py",
    "proxies/test_examples.py",
    "postgresql/test_faults.py",
    "postgresql/test_cluster.py",
    "test_node_client.py",
    "chaos/test_storm.py",
    "collectors/test_delivery.py",
)
"""Begun first (`--no-loadscope-reorder`): a file is one worker's, and at the end the others would wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first."""
    here = Path(__file__).parent
    order = {here / name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(scope="module", params=["direct", "stock"])
def both_paths(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a module's tests twice: the server uses websockets directly, and then the stock way."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "stock":
            patch.setenv("STOCK_SOCKETS", "1")
        yield request.param


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--postgresql` runs every test with its boards in PostgreSQL."""
    parser.addoption("--slow-page", action="store_true", help="slow down the pages that tests look at")
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
def search_files() -> Iterator[None]:
    """Keeps the records of a test's servers in search files, also with `--postgresql`."""
    with postgres.records_in_files():
        yield


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


@pytest.fixture(scope="module")
async def one_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """One without tokens for all tests of a file, where none minds what another has put there."""
    server = ForkedServer(tmp_path_factory.mktemp("server") / "data")
    await server.start()
    yield server
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
