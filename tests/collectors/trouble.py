"""Runs of collectors in which something is killed: the collector, the board's server, or the account's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from tests.collectors import programs
from tests.collectors.person import Person
from tests.conftest import Connect
from tests.running import RunningServer


async def well(program: str, server: RunningServer, words: Sequence[object]) -> None:
    """A run that ends well; where the board's disk has too much to do (3), what is kept goes out with the
    next."""
    status, printed = 3, ""
    async with asyncio.timeout(programs.WITHIN_S):
        while status == 3:
            status, printed = await programs.run(program, server, *words)
    assert status == 0, printed


class Account(Protocol):
    """A server that can be away for a while, and has then what it had."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Trouble:
    """What a person sees of the board is connected anew after the board was killed."""

    def __init__(
        self, server: RunningServer, account: Account, person: Person, connect: Connect, chance: random.Random
    ) -> None:
        self.server, self.account, self.person, self.connect = server, account, person, connect
        self.chance = chance

    async def run(self, program: str, words: Sequence[object], longest_s: float) -> None:
        """A run in which one of them is killed, at another step each time."""
        kill: Callable[[], Awaitable[None]] = self.chance.choice([self._board, self._account])
        process = await programs.start(program, self.server, *words)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self.chance.uniform(0.0, longest_s))
        if self.chance.random() < 0.4 and process.returncode is None:
            process.kill()
        if self.chance.random() < 0.8:
            await kill()
        out, err = await process.communicate()
        assert b"Traceback" not in out + err, (out + err).decode()

    async def _board(self) -> None:
        await self.server.kill()
        await asyncio.sleep(self.chance.uniform(0.0, 0.5))
        await self.server.start()
        self.person.board = await self.connect(client="wall")

    async def _account(self) -> None:
        await self.account.stop()
        await asyncio.sleep(self.chance.uniform(0.0, 0.5))
        await self.account.start()
