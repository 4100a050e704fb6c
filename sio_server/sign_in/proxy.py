"""Sign-in by a trusted proxy, which names the user in a header (sockets/proxies.py takes it from there)."""

from __future__ import annotations

import asyncio

from sio_server.registry.roles import BoardRoles
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
        boards = self._boards((shown.user, *shown.groups))
        if not boards:
            message = f"You are signed in as {shown.user}, who has no role here"
            raise NotSignedIn(f"{message}: ask whoever runs the server for one.")
        proof = (shown.user, *shown.groups)
        return Identity(f"user:{shown.user}", shown.user, boards[0][1], proof=proof, boards=boards)

    def still_good(self, identity: Identity) -> bool:
        """Whether the file of roles still says the same."""
        return self._boards(identity.proof) == identity.boards

    async def refresh(self) -> None:
        """Reads the file of roles."""
        await asyncio.to_thread(self._roles.reload)

    def _boards(self, proof: tuple[str, ...]) -> BoardRoles:
        user, *groups = proof
        return self._roles.of((user,), groups)
