"""The servers that are compared. bench.client talks to all of them, so the load is the same."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.client import LoadError
from bench.server import Measured, serving
from tests.node.driver import NODE_FOLDER, node_binary
from tests.running import ROOT

STARTS_WITHIN_S = 15.0
# Adjutant's patch without a message
SMALLEST_BYTES = 230
# What a client is told first: as long as Adjutant's snapshot of nothing
HELLO = json.dumps({"mode": "current", "epoch": "-", "seq": 0, "text": "." * 237}, separators=(",", ":"))
NO_NODE = "Node's socket.io is not set up here (`make test` does it): its rows are left out."

Change = Callable[[str, int], tuple[str, Any]]


@dataclass(frozen=True)
class Peer:
    """`change(mark, size)`: event and payload that make the server send everybody a patch with the mark in
    it, of about that many bytes; a size of 0 is the smallest. `pace`: its part of the common pace, where that
    would drown it. `is_ours`: it takes Adjutant's requests."""

    name: str
    serving: Callable[[Path], AbstractAsyncContextManager[Measured]]
    change: Change
    pace: float = 1.0
    is_ours: bool = False


class Program(Measured):
    """A peer's process."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self.port = port

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid


@asynccontextmanager
async def _floor(folder: Path) -> AsyncIterator[Measured]:
    async with running(folder, [sys.executable, "-m", "bench.peers.floor"], ROOT) as program:
        yield program


@asynccontextmanager
async def _stock(folder: Path) -> AsyncIterator[Measured]:
    async with running(folder, [sys.executable, "-m", "bench.peers.stock"], ROOT) as program:
        yield program


@asynccontextmanager
async def _node(folder: Path) -> AsyncIterator[Measured]:
    """From standard input, so that its imports are found in the folder where npm has put the packages."""
    binary = node_binary()
    assert binary is not None
    source = Path(__file__).with_name("node.mjs")
    command = [binary, "--input-type=module", "-"]
    async with running(folder, command, NODE_FOLDER, source) as program:
        yield program


@asynccontextmanager
async def running(
    folder: Path, command: Sequence[str], cwd: Path, source: Path | None = None
) -> AsyncIterator[Measured]:
    """A peer's program, which is given HELLO as its last argument, and `source` as its standard input. It
    prints its port; it ends with the block."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    log = folder / "server.log"
    with log.open("wb") as stderr, (source or log).open("rb") as stdin:
        process = await create_subprocess_exec(
            *command, HELLO, stdin=stdin if source else DEVNULL, stdout=PIPE, stderr=stderr, cwd=cwd
        )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), STARTS_WITHIN_S)
        if not line.strip().isdigit():
            raise LoadError(f"{' '.join(command)} did not start: {log.read_text()}")
        yield Program(process, int(line))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def _set_message(mark: str, size: int) -> tuple[str, Any]:
    return "system:set", {"message": mark.ljust(size - SMALLEST_BYTES, ".")}


def _relayed(mark: str, size: int) -> tuple[str, Any]:
    return "change", mark.ljust(size - len('42["state:patch",""]'), ".")


ADJUTANT = Peer("Adjutant", serving, _set_message, is_ours=True)
FLOOR = Peer("bare floor", _floor, _relayed)
NODE = Peer("Node's socket.io", _node, _relayed)
STOCK = Peer("python-socketio", _stock, _relayed, pace=0.2)


def checkout(folder: Path) -> Peer:
    """Another checkout of Adjutant."""
    return replace(
        ADJUTANT, name=folder.name, serving=partial(serving, program=folder.resolve() / "serve.py")
    )


def peers() -> list[Peer]:
    """The peers that can be started here, Adjutant first."""
    there = node_binary() is not None and (NODE_FOLDER / "node_modules" / "socket.io").is_dir()
    return [ADJUTANT, FLOOR, *([NODE] if there else []), STOCK]


def left_out() -> list[str]:
    """A sentence for each peer that cannot be started."""
    return [] if NODE in peers() else [NO_NODE]
