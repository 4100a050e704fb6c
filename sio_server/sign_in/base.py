"""The port of sign-in: what somebody shows, who that is, and for how long."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from sio_server.registry.roles import MAIN, BoardRoles, Role

CLAIMED = "name:"
"""What the ids begin with of those who only say who they are, where nobody signs in."""

log = logging.getLogger("adjutant.sign_in")


@dataclass(frozen=True)
class Shown:
    """What somebody who wants in shows: the `token` of the auth payload, the `user` and `groups` that a
    trusted proxy vouches for, and the `address` that they come from."""

    token: str | None = None
    user: str | None = None
    groups: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Identity:
    """Who somebody is.

    `id`          unique and lasting, like `token:ana`: limits, ops and preferences depend on it
    `name`        what others see
    `role`        on the board `main`, unless `boards` says which boards they may enter
    `source`      the one source that they may act as
    `me`          whom the board is for, when it is theirs
    `expires_at`  None for never
    `boards`      the role on each board that they may enter, `*` for all others; None for `main` alone
    `proof`       what the authenticator checks again while the connection lives; means nothing to others
    """

    id: str
    name: str
    role: Role
    source: str | None = None
    me: tuple[str, ...] = ()
    expires_at: datetime | None = None
    proof: tuple[str, ...] = ()
    boards: BoardRoles | None = None

    @property
    def roles(self) -> BoardRoles:
        """The role on each board."""
        return ((MAIN, self.role),) if self.boards is None else self.boards


class NotSignedIn(Exception):
    """What was shown is not good; the message is a sentence for the person.

    `after_ms`: it cannot be checked now, and may be shown again after that time.
    """

    def __init__(self, message: str, after_ms: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.after_ms = after_ms


class Authenticator(Protocol):
    """One way of signing in."""

    async def identify(self, shown: Shown) -> Identity | None:
        """Who shows this; None when that is for another authenticator to say.

        Errors: NotSignedIn.
        """

    def still_good(self, identity: Identity) -> bool:
        """Whether a connection that was let in as this may go on; its expiry apart."""

    async def refresh(self) -> None:
        """Reads again what may have changed; called every two seconds, and never at the same time."""


@runtime_checkable
class Lists(Protocol):
    """An authenticator that knows all whom it lets in."""

    def lists(self, id: str, board: str) -> bool | None:
        """Whether this person may read that board now; None for whom it does not know."""


@dataclass(frozen=True)
class SignedIn:
    """An identity, and the authenticator that vouches for it."""

    identity: Identity
    by: Authenticator

    @property
    def is_good(self) -> bool:
        """Whether it has neither expired nor been revoked or changed."""
        expires_at = self.identity.expires_at
        if expires_at is not None and expires_at <= datetime.now(UTC):
            return False
        return self.by.still_good(self.identity)


class SignIn:
    """The authenticators of a server, asked in order; without any, the server is for this machine alone."""

    def __init__(self, authenticators: Sequence[Authenticator]) -> None:
        self._authenticators = tuple(authenticators)

    @property
    def required(self) -> bool:
        """Whether clients must sign in."""
        return bool(self._authenticators)

    def has_left(self, id: str, board: str) -> bool:
        """Whether it is known that this person may not read that board any more."""
        if not self._authenticators:
            return False
        lists = [one.lists(id, board) for one in self._authenticators if isinstance(one, Lists)]
        return any(listed is False for listed in lists) or id.startswith(CLAIMED)

    async def identify(self, shown: Shown) -> SignedIn | None:
        """The first answer; None when nobody knows what is shown.

        Errors: NotSignedIn.
        """
        for authenticator in self._authenticators:
            identity = await authenticator.identify(shown)
            if identity is not None:
                signed_in = SignedIn(identity, authenticator)
                if not signed_in.is_good:
                    raise NotSignedIn("What you signed in with has expired: sign in again.")
                return signed_in
        return None

    async def refresh(self) -> None:
        """Refreshes each; what fails is logged, and stays as it was."""
        for authenticator in self._authenticators:
            try:
                await authenticator.refresh()
            except Exception as error:  # noqa: BLE001 - one must not keep the others from being refreshed
                log.error("%s; sign-in stays as it was", error)
