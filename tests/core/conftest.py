"""A core on a fresh folder, and what tests of large puts hold and note."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.seats import Core
from tests.core.speculating import calls, freed, runs, speculation

__all__ = ["calls", "core", "freed", "runs", "speculation"]


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """Everything but the transport."""
    async with Core(tmp_path) as core:
        yield core
