"""A core on a fresh folder, and what tests of large puts hold and note."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.early import calls, early, freed, runs
from tests.core.seats import Core

__all__ = ["calls", "core", "early", "freed", "runs"]


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """Everything but the transport."""
    async with Core(tmp_path) as core:
        yield core
