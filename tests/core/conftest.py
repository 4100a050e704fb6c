"""A core on a fresh folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.core.seats import Core


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """Everything but the transport."""
    async with Core(tmp_path) as core:
        yield core
