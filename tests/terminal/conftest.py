"""Fixtures: live boards that are closed again, and one line run as a person would."""

from __future__ import annotations

from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.conftest import Connect
from tests.forked import ForkedProcess
from tests.running import PythonClient
from tests.terminal.screen import Terminal, clean_environment

OpenTerminal = Callable[..., Awaitable[Terminal]]


@pytest.fixture
async def open_terminal() -> AsyncIterator[OpenTerminal]:
    """Starts live boards: `await open_terminal("--url", server.url, width=80)`; each is ended afterwards."""
    opened: list[Terminal] = []

    async def start(*arguments: str, width: int = 120, height: int = 30, **env: str) -> Terminal:
        opened.append(Terminal(width, height))
        return await opened[-1].start(*arguments, **env)

    yield start
    for terminal in opened:
        await terminal.close()


@pytest.fixture
async def person(connect: Connect) -> PythonClient:
    """Somebody else who changes the board."""
    return await connect(client="ana")


async def run_line(*arguments: str, typed: str | None = None, **env: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error; there is never a traceback in them."""
    process = await ForkedProcess("-m", "terminal", *arguments).start(clean_environment() | env, stdin=PIPE)
    out, err = await process.communicate((typed or "").encode())
    assert b"Traceback" not in err
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()
