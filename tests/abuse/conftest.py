"""One server and its witness for all cases of a table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.abuse.arena import Arena
from tests.running import RunningServer


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arena]:
    """A server without tokens, for a whole module."""
    folder: Path = tmp_path_factory.mktemp("arena")
    server = RunningServer(folder / "data")
    await server.start()
    try:
        async with Arena.on(server) as arena:
            yield arena
    finally:
        await server.kill()
