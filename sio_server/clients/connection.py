"""An Engine.IO session as the transport knows it, and what its packets cost before they are read."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from sio_server.clients.client import Client
from sio_server.clients.dispatch import Dispatch
from sio_server.clients.messages import READ_AT_ONCE, cost_of
from sio_server.clients.services import Services
from sio_server.sign_in.base import SignedIn
from sio_server.sockets import packets
from sio_server.sockets.endings import Ending
from sio_server.sockets.engine import EngineSocket
from sio_server.sockets.packets import Kind, Malformed

CONNECTS_IN_VAIN = 10
"""Connects of one session for another namespace, or while it is connected; no library sends any more."""
EVENT = str(Kind.EVENT.value)
LOOKS_AGAIN_S = 1.0  # what waits for its rate looks this often whether the client is still there


class Board(Protocol):
    """What the transport needs of the board that a client is on."""

    name: str
    services: Services
    dispatch: Dispatch


@dataclass(slots=True)
class Connection:
    """An Engine.IO session, and the `user` and groups that a proxy names; `client`, `board` and `signed_in`
    once it is let in. `timer` ends one that stays silent."""

    socket: EngineSocket
    peer: str
    user: tuple[str | None, tuple[str, ...]] = (None, ())
    signed_in: SignedIn | None = None
    since: str = ""
    client: Client | None = None
    board: Board = field(init=False)
    timer: asyncio.TimerHandle | None = None
    attachments: int = 0
    _in_vain: int = 0

    def expect(self, within_s: float) -> None:
        """Ends the session unless `met` is called in time."""
        self.met()
        socket = self.socket
        end = asyncio.get_running_loop().call_later
        self.timer = end(within_s, lambda: socket.server.spawn(socket.close(ending=Ending.TOO_SLOW)))

    def met(self) -> None:
        """Cancels the timer of `expect`."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def swallow_attachment(self) -> None:
        """Drops announced binary data. Errors: Malformed, when none was."""
        if not self.attachments:
            raise Malformed("binary data that was not announced")
        self.attachments -= 1
        if not self.attachments:
            self.met()

    def one_in_vain(self) -> None:
        """Counts a connect that cannot succeed. Errors: Malformed, after some."""
        self._in_vain += 1
        if self._in_vain > CONNECTS_IN_VAIN:
            raise Malformed("too many connects that cannot succeed")

    async def may_be_read(self, data: str) -> bool:
        """Charges a client's packet before it is read (decision 142). A large request is refused unread
        when the rate is used up. What no answer can refuse waits for the rate, and nothing behind it is
        read; an ack that nobody waits for is not read at all."""
        client = self.client
        if client is None:
            return True
        if data[:1] != EVENT:
            await self._pay(client, 1 + cost_of(data))
            ack = packets.read_ack_id(data)
            return self.client is client and (ack is None or client.questions.awaits(ack))
        head = packets.read_head(data) if len(data) > READ_AT_ONCE else None
        if head is None:
            return True
        await client.room_for_more()
        return self.client is client and self.board.dispatch.charge(client, head[1], len(data), cost_of(data))

    async def _pay(self, client: Client, cost: float) -> None:
        """Charges once the rate has room for it, or returns when the client has left."""
        if client.meter is None:
            return
        while self.client is client and (missing_s := client.meter.missing_s()):  # noqa: ASYNC110 - a rate tells nobody
            await asyncio.sleep(min(missing_s, LOOKS_AGAIN_S))
        client.meter.add(cost)
