"""Programs that run beside a load, in separate processes, until told to end."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import orjson


class Beside:
    """`said` is the program's result, once its block is over."""

    said: Any = None


@asynccontextmanager
async def beside(module: str, *arguments: object, niceness: int = 0) -> AsyncIterator[Beside]:
    """Runs the module for the block, from when it is ready (`run`)."""
    process = await asyncio.create_subprocess_exec(
        *("nice", f"-n{niceness}", sys.executable, "-m", module, *map(str, arguments)),
        stdin=PIPE,
        stdout=PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    found = Beside()
    try:
        yield found
    finally:
        said, _ = await process.communicate(b"")
    if process.returncode:
        raise RuntimeError(f"{module} failed")
    found.said = orjson.loads(said)


async def run(work: Coroutine[Any, Any, Any]) -> None:
    """Reports that it is ready, works until the input ends, and reports the result."""
    working = asyncio.ensure_future(work)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    working.cancel()
    print(orjson.dumps(await working).decode())
