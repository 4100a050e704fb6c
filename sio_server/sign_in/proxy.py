"""Sign-in by a trusted proxy, which names the user in a header (sockets/proxies.py takes it from there)."""

from __future__ import annotations

import asyncio

from sio_server.registry.roles import Role
from sio_server.sign_in.base import Identity, NotSignedIn, Shown
from sio_server.sign_in.roles import Roles


class ProxySignIn:
    """An Authenticator. Who shows a token besides is who the token says."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def identify(self, shown: Shown) -> Identity | None:
        """The user that the proxy names. Errors: NotSignedIn."""
        if shown.user is None or shown.token is not None:
            return None
        role = self._role((shown.user, *shown.groups))
        if role is None:
            message = f"You are signed in as {shown.user}, who has no role here"
            raise NotSignedIn(f"{message}: ask whoever runs the server for one.")
        return Identity(f"user:{shown.user}", shown.user, role, proof=(shown.user, *shown.groups))

    def still_good(self, identity: Identity) -> bool:
        """Whether the file of roles still says the same."""
        return self._role(identity.proof) is identity.role

    async def refresh(self) -> None:
        """Reads the file of roles."""
        await asyncio.to_thread(self._roles.reload)

    def _role(self, proof: tuple[str, ...]) -> Role | None:
        user, *groups = proof
        return self._roles.of((user,), groups)
