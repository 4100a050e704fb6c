"""Who may do what: roles, and the principal behind a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum


class Role(StrEnum):
    """What a principal may do: a viewer reads, an editor changes, a collector changes what its
    source owns, an admin does everything."""

    VIEWER = "viewer"
    EDITOR = "editor"
    COLLECTOR = "collector"
    ADMIN = "admin"


READERS = frozenset(Role)
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
WRITERS = EDITORS | {Role.COLLECTOR}


@dataclass(frozen=True)
class Principal:
    """Who asks: `key` scopes ops, `actor` is the name that people see, `source` is set for a
    collector, `token` is the hash of its token, `tz` is the person's time zone, `me` are the
    names and addresses of the person the board is for; `bound`: the token is valid for that one source."""

    key: str
    actor: str
    role: Role
    source: str | None = None
    token: str | None = None
    tz: tzinfo = UTC
    me: tuple[str, ...] = ()
    bound: bool = False

    @property
    def person(self) -> str:
        """Whose lines `undo` may undo: without tokens everybody has the same key."""
        return f"{self.key} {self.actor}"


SERVER = Principal("server", "server", Role.ADMIN)
"""The author of the changes that the server makes by itself."""
