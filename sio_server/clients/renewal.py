"""How long a sign-in is good: what has expired or changed ends, and a new token takes over from an old one
without a reconnect."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from models.ack import ErrorCode, Retry
from models.base import format_instant
from sio_server.clients.admission import Admission
from sio_server.clients.queries import Queries
from sio_server.clients.transport import Transport
from sio_server.registry.errors import Refusal, invalid_state
from sio_server.registry.roles import role_on
from sio_server.sign_in.base import Shown, SignIn

AT_ONCE = 100  # a millisecond; then others have their turn
_ENDED = "Your token has expired or was revoked."


class Renewal:
    """Looks after everybody who is connected."""

    def __init__(self, sign_in: SignIn, admission: Admission, transport: Transport) -> None:
        self._sign_in = sign_in
        self._admission = admission
        self._transport = transport

    async def look(self) -> None:
        """Ends the connections whose sign-in is good no more; to be called every two seconds."""
        await self._sign_in.refresh()
        for number, link in enumerate(self._transport.connections):
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
            if link.client is not None and link.signed_in is not None and not link.signed_in.is_good:
                await self._transport.end(link.socket.sid, ErrorCode.UNAUTHORIZED, Retry.NO, _ENDED)

    def has_left(self, whose: str, board: str) -> bool:
        """Whether it is known that this person may not read that board any more."""
        return self._sign_in.has_left(whose, board)

    async def renew(self, client: Queries, token: str) -> dict[str, Any]:
        """Lets the client go on under a new token of the same person, role and source.

        Shape: models.auth.Renewed. Errors: Refusal.
        """
        link = next((link for link in self._transport.connections if link.client is client), None)
        if link is None or link.signed_in is None:
            raise invalid_state("This board needs no token.")
        found = await self._admission.identify(Shown(token, address=link.peer))
        old, new = link.signed_in.identity, found.identity
        role = role_on(link.board.name, new.roles)
        if (old.id, client.came_as.role, old.source) != (new.id, role, new.source):
            message = "This token is of somebody else, or for another role or source: connect again with it."
            raise Refusal(ErrorCode.FORBIDDEN, message)
        link.signed_in, client.came_as = found, replace(client.came_as, boards=new.roles)
        return {"expires_at": None if new.expires_at is None else format_instant(new.expires_at)}
