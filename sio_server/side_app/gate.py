"""Who may read the side-app: figures and clients' names are not for everybody."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping

from sio_server.sockets.origins import is_loopback

OPEN = frozenset({"/health", "/ready"})
"""Open to everybody even with tokens: they name nobody, and monitors have no token."""
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


class NotLetIn(Exception):
    """The request is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Gate:
    """`lets_in` says whether a token may read; None for a server without tokens. `note` is called for each
    refusal with address, reason and sentence (sockets.refusals)."""

    def __init__(self, lets_in: Callable[[str], bool] | None, note: Callable[[str, str, str], None]) -> None:
        self._lets_in = lets_in
        self._note = note

    def check(self, path: str, peer: str | None, headers: Mapping[str, str]) -> None:
        """Checks that a request from this address may be answered.

        The Host header gives away a page that pointed its name at this machine (DNS rebinding); a proxied
        request comes from elsewhere although its address is this machine's.

        Errors: NotLetIn.
        """
        named_here = is_loopback(headers.get("Host", ""))
        if self._lets_in is None:
            if not named_here:
                message = "Without tokens this server answers only under loopback names such as localhost."
                self._note(peer or "unknown", "host", message)
                raise NotLetIn(400, message)
            return
        if path in OPEN:
            return
        passed_on = any(name in headers for name in FORWARDED)
        if named_here and _is_this_machine(peer) and not passed_on:
            return
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self._lets_in(token.strip()):
            message = "From another machine this needs a token: send `Authorization: Bearer TOKEN`."
            self._note(peer or "unknown", "token", message)
            raise NotLetIn(401, message)


def _is_this_machine(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address((peer or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
