"""One server and its witness for all cases of a table."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.abuse.arena import Arena


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory, both_paths: str) -> AsyncIterator[Arena]:
    """A server without tokens, for a whole module; each way of serving websockets in turn."""
    async with Arena.in_folder(tmp_path_factory.mktemp("arena")) as arena:
        yield arena
