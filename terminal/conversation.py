"""Runs the lines typed at the prompt, one after the other, and keeps their results."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

from adjutant_client import Client, Refused, Unreachable
from adjutant_client.link import Stage
from terminal.answer import answer_lines, changes_lines, error_lines
from terminal.clock import Clock
from terminal.plain_text import visible
from terminal.styled import Line

_PATIENCE_S = 30.0  # over a restart of the server, which takes a few seconds
_LEAVING_S = 0.5  # for the farewell to the server when the person quits
_CHANGES_TOLD = 8
"""Of what changed while the person was away: more would hide the board."""


class Conversation:
    """`said` is the text under the prompt; `heard` is called when it changes."""

    def __init__(self, server: Client, heard: Callable[[], None], times: Clock) -> None:
        self._server = server
        self._times = times
        self._heard = heard
        self._lines: asyncio.Queue[tuple[str, str | None, int]] = asyncio.Queue()
        self.said: list[Line] = []

    async def greet(self) -> None:
        """Shows what has changed since the person last looked, if anything.

        Errors: Refused.
        """
        try:
            ack = await self._server.ack("state:since", {"limit": _CHANGES_TOLD}, within_s=_PATIENCE_S)
        except Unreachable:
            return
        data = ack.get("data") or {}
        if ack.get("ok") and data.get("items") and not self.said:
            self._say(list(changes_lines(data | {"changes": data["items"]}, self._times)))

    async def looked(self, epoch: str | None, seq: int) -> None:
        """Tells the server up to where the person has looked; waits only briefly: they are leaving."""
        if self._server.link.stage is not Stage.CONNECTED or epoch != self._server.replica.epoch:
            return
        with suppress(Unreachable, Refused, TimeoutError):
            async with asyncio.timeout(_LEAVING_S):
                await self._server.ack("seen:set", {"seq": seq})

    def give(self, line: str, epoch: str | None, seen: int) -> None:
        """`epoch` and `seen` are the position of the board that the person was looking at."""
        self._lines.put_nowait((line, epoch, seen))

    def clear(self) -> None:
        """Clears the text under the prompt."""
        self._say([])

    async def carry_out(self) -> None:
        """Runs until it is cancelled.

        Errors: Refused.
        """
        await self.greet()
        while True:
            line, epoch, seen = await self._lines.get()
            self._say([[("", visible(line)), ("class:dim", "  waiting for the server")]])
            self._say(await self._answer(line, epoch, seen))

    async def _answer(self, line: str, epoch: str | None, seen: int) -> list[Line]:
        asked = {"text": line, "seen": seen, "op": secrets.token_hex(16)}
        try:
            ack = await self._server.ack("command:run", asked, within_s=_PATIENCE_S, epoch=epoch)
        except Unreachable as error:
            unknown = "no answer from the server: it may or may not have been done"
            return error_lines(unknown if error.sent else "no server: nothing was done", "failed")
        return answer_lines(ack, line, self._times)

    def _say(self, lines: list[Line]) -> None:
        self.said = lines
        self._heard()
