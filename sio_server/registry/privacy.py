"""Private sources: which ones there are, and who sees them.

The policy is stored with the board and outlives its sources: the records of one that was forgotten stay
private (decision 100).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

import orjson

from sio_server.registry.roles import ADMINS, SERVER, Principal, Role

PRIVATE = "private"
"""The key under which a store keeps its policy."""
NOBODY = frozenset[str]()
SECRET_BYTES = 16  # nobody guesses it; without it a mark would let one try out what a hidden change may say
_TOKEN = "token:"  # what the identity of a person with a token begins with
_CLAIMED = "name:"  # and of one who only says who they are, where nobody signs in

Names = frozenset[str]


@dataclass(frozen=True)
class Policy:
    """The persons who see each private source, by its name; nobody else does but its own collector.

    `set_here`  those of them that the server's own settings name: a collector cannot change them
    `secret`    goes into the marks and ids that those are given who see less
    `outlines`  whether others are shown the outlines of private items (Section.outline), as busy times
    """

    private: Mapping[str, Names] = field(default_factory=dict)
    set_here: Names = NOBODY
    secret: str = field(default_factory=lambda: secrets.token_hex(SECRET_BYTES))
    outlines: bool = False

    @classmethod
    def read(cls, text: str) -> Policy:
        """The policy that `text` gave, or an empty one."""
        if not text:
            return cls()
        kept = orjson.loads(text)
        private = {name: frozenset(persons) for name, persons in kept["private"].items()}
        return cls(private, frozenset(kept["set_here"]), kept["secret"], kept.get("outlines", False))

    @property
    def text(self) -> str:
        """The stored form."""
        private = {name: sorted(persons) for name, persons in sorted(self.private.items())}
        kept: dict[str, Any] = {"private": private, "set_here": sorted(self.set_here)}
        return orjson.dumps(kept | {"secret": self.secret, "outlines": self.outlines}).decode()

    def set_by_server(self, private: Mapping[str, Names], public: Names, *, outlines: bool = False) -> Policy:
        """With what the settings say. What they no longer name stays private until it is made `public`."""
        left = {name: persons for name, persons in self.private.items() if name not in public}
        return Policy({**left, **private}, frozenset(private), self.secret, outlines)

    def told(self, source: str, persons: Names) -> Policy:
        """With what a source says of itself: it becomes private, but the server's own settings come first."""
        if source in self.set_here:
            return self
        return replace(self, private={**self.private, source: persons})

    def within(self, other: Policy) -> Policy:
        """With which nobody sees more than with either: what is private in one of them is private, to the
        persons whom each that knows it names."""
        shared = {
            name: self.private[name] & other.private[name] for name in self.private.keys() & other.private
        }
        private = {**other.private, **self.private, **shared}
        return Policy(private, self.set_here | other.set_here, self.secret, self.outlines and other.outlines)


@dataclass(frozen=True)
class Seen:
    """What somebody sees: all but the private sources that are `hidden`; with `lists`, of those the names and
    whether they are well; with `outlines`, of their items the outlines. `secret` makes their marks, and the
    ids of outlines, their own."""

    hidden: Names
    lists: bool
    secret: str
    outlines: bool = False


class Privacy:
    """The policy in force. Read on every thread; changed on the event loop, as a whole."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.policy = policy or Policy()

    @property
    def private(self) -> Names:
        """The names of the private sources."""
        policy = self.policy
        return frozenset(policy.private) if policy.private else NOBODY

    @property
    def public(self) -> Seen | None:
        """What everybody may see, without outlines; None if that is everything."""
        private = self.private
        return Seen(private, False, self.policy.secret) if private else None

    def hidden_from(self, who: Principal) -> Names:
        """The sources of which this one sees nothing."""
        private = self.policy.private
        if not private or who is SERVER:
            return NOBODY
        return frozenset(name for name, persons in private.items() if not _sees(who, name, persons))

    def seen_by(self, who: Principal) -> Seen | None:
        """What this one sees; None for everything."""
        hidden = self.hidden_from(who)
        policy = self.policy
        return Seen(hidden, who.role in ADMINS, policy.secret, policy.outlines) if hidden else None


class KeepsPrivate(Protocol):
    """The part of registry.Asker that is about private sources."""

    def in_public(self) -> Self:
        """The same, as somebody to whom nothing private is shown."""

    async def keep_private(self, source: str, persons: Iterable[str]) -> None:
        """Makes a source private to these persons, on disk when it returns. Errors: Refusal."""


def _sees(who: Principal, source: str, persons: Names) -> bool:
    if who.source is not None:
        return who.source == source and who.bound and who.role is Role.COLLECTOR
    identity = who.token or who.whose
    if identity.startswith(_CLAIMED):
        return False
    return identity in persons or (identity.startswith(_TOKEN) and identity.removeprefix(_TOKEN) in persons)
