"""The board on a fresh folder for each test; it is built once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.commands.board import ADA, build, core_on
from tests.core.seats import Core, Seat


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that holds the board, and is stopped."""
    folder = tmp_path_factory.mktemp("board")
    asyncio.run(build(folder))
    return folder


@pytest.fixture
async def core(built: Path, tmp_path: Path) -> AsyncIterator[Core]:
    """Everything but the transport, with the board on it."""
    async with core_on(built, tmp_path / "data") as core:
        yield core


@pytest.fixture
async def ada(core: Core) -> Seat:
    """Who types."""
    return await core.sit("state", who=ADA)
