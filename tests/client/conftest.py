"""Somebody else who changes the board, by a client that is not ours."""

from __future__ import annotations

import pytest

from tests.conftest import Connect
from tests.running import PythonClient


@pytest.fixture
async def person(connect: Connect) -> PythonClient:
    """Connected as ana."""
    return await connect(client="ana")
