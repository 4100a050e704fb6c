"""Who may read the side-app: figures and clients' names are not for everybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Mapping

from sio_server.registry.roles import ADMINS, READERS, Role
from sio_server.sockets.origins import is_loopback

OPEN = frozenset({"/health", "/ready"})
"""Open to everybody even with tokens: they name nobody, and monitors have no token."""
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


RoleOf = Callable[[str, str], Awaitable[Role | None]]


class NotLetIn(Exception):
    """The request is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Gate:
    """`role_of` gives the role of a token shown from an address, None for a wrong one; it is itself None
    where nobody signs in. `note` is told of each refusal: address, reason, sentence (sockets.refusals)."""

    def __init__(self, role_of: RoleOf | None, note: Callable[[str, str, str], None]) -> None:
        self._role_of = role_of
        self._note = note

    async def check(self, path: str, peer: str | None, headers: Mapping[str, str]) -> bool:
        """Lets a request from this address be answered, or not; whether the answer may name who is connected.

        The Host header gives away a page that pointed its name at this machine (DNS rebinding); a proxied
        request comes from elsewhere although its address is this machine's.

        Errors: NotLetIn.
        """
        named_here = is_loopback(headers.get("Host", ""))
        if self._role_of is None:
            if not named_here:
                message = "Without tokens this server answers only under loopback names such as localhost."
                self._note(peer or "unknown", "host", message)
                raise NotLetIn(400, message)
            return True
        if path in OPEN:
            return False
        passed_on = any(name in headers for name in FORWARDED)
        kind, _, token = headers.get("Authorization", "").partition(" ")
        role = await self._role_of(token.strip(), peer or "") if kind.lower() == "bearer" else None
        if named_here and _is_this_machine(peer) and not passed_on:
            return role in ADMINS
        if role not in READERS:
            message = "From another machine this needs a token: send `Authorization: Bearer TOKEN`."
            self._note(peer or "unknown", "token", message)
            raise NotLetIn(401, message)
        return role in ADMINS

    def cannot_read(self, peer: str | None) -> str:
        """Notes a request that is not valid HTTP; what it is answered."""
        message = "This is not a valid HTTP request."
        self._note(peer or "unknown", "http", message)
        return message


def _is_this_machine(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
