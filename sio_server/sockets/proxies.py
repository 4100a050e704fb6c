"""Trusted proxies: whose word counts for the address of a client and, where one is set, for its user."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from sio_server.sockets.guard import ASGI, Denied, Receive, Scope, Send, answer
from sio_server.sockets.refusals import Refusals

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
USER = "proxy.user"
MAX_USER = 200
MAX_GROUPS = 200


class Proxies:
    """Stands before the guard: an ASGI app.

    The client's address is the last one of X-Forwarded-For that is not a trusted proxy's own. A header that
    names the user is refused from anybody else, rather than passed over: whoever sends it means to be
    believed, or the setting lacks a proxy.
    """

    def __init__(
        self,
        app: ASGI,
        trusted: Sequence[Network],
        user_header: str | None,
        groups_header: str | None,
        refusals: Refusals,
    ) -> None:
        self._app = app
        self._trusted = tuple(trusted)
        self._user_header = (user_header or "").lower().encode()
        self._groups_header = (groups_header or "").lower().encode()
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An HTTP request or a websocket."""
        try:
            self._look(scope)
        except Denied as denied:
            self._refusals.note(scope["client"][0], denied.reason, denied.message)
            await answer(scope, send, denied.status, {"error": denied.message})
            return
        await self._app(scope, receive, send)

    def _look(self, scope: Scope) -> None:
        peer = (scope.get("client") or ("unknown", 0))[0]
        scope["client"] = (peer, 0)
        named = self._values(scope, self._user_header) + self._values(scope, self._groups_header)
        if not self._trusts(peer):
            if named:
                message = (
                    "Only a trusted proxy may name the user: start the server with --trusted-proxy for it."
                )
                raise Denied(403, message, "proxy")
            return
        scope["client"] = (self._forwarded(scope, peer), 0)
        users = self._values(scope, self._user_header)
        groups = self._values(scope, self._groups_header)
        if len(users) > 1 or len(groups) > 1:
            raise Denied(400, "The proxy names the user twice.", "proxy")
        if users and users[0]:
            if len(users[0]) > MAX_USER or not users[0].isprintable():
                raise Denied(400, "The name of the user that the proxy sends cannot be read.", "proxy")
            listed = [group.strip() for group in ",".join(groups).split(",") if group.strip()]
            scope[USER] = (users[0], tuple(listed[:MAX_GROUPS]))

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in network for network in self._trusted)

    def _forwarded(self, scope: Scope, peer: str) -> str:
        """Whoever the first trusted proxy was asked by; the proxy itself when it does not say."""
        hops = ",".join(self._values(scope, b"x-forwarded-for")).split(",")
        for hop in reversed([hop.strip() for hop in hops if hop.strip()]):
            try:
                peer = str(ipaddress.ip_address(hop))
            except ValueError:
                return peer
            if not self._trusts(peer):
                return peer
        return peer

    def _values(self, scope: Scope, name: bytes) -> list[str]:
        if not name:
            return []
        found = [value for given, value in scope["headers"] if given.lower() == name]
        return [value.decode("utf-8", "replace").strip() for value in found]


def user_of(scope: Scope) -> tuple[str | None, tuple[str, ...]]:
    """The user that a trusted proxy names, and their groups."""
    found: tuple[str | None, tuple[str, ...]] = scope.get(USER, (None, ()))
    return found
