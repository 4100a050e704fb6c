"""Programs of the benchmark that run beside a load, in processes of their own, until they are told to end."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import orjson


class Beside:
    """`said` is what the program found out, once its block is over."""

    said: Any = None


@asynccontextmanager
async def beside(module: str, *arguments: object, niceness: int = 0) -> AsyncIterator[Beside]:
    """Runs the module from when it is ready (`run`) to the end of the block."""
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
    """Says that it is ready, works until the input ends, and says what the work gives then."""
    working = asyncio.ensure_future(work)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    working.cancel()
    print(orjson.dumps(await working).decode())
