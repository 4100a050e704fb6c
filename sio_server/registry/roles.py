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


Hours = tuple[tuple[str, str] | None, ...]
"""When a person works, from Monday on: begin and end like 09:00, None for a day off."""

READERS = frozenset(Role)
PEOPLE = READERS - {Role.COLLECTOR}
EDITORS = frozenset({Role.EDITOR, Role.ADMIN})
WRITERS = EDITORS | {Role.COLLECTOR}


@dataclass(frozen=True)
class Principal:
    """Who asks: `key` scopes ops, `actor` is the name that people see, `source` is set for a
    collector, `token` is the hash of its token, `tz` is the person's time zone, `me` are the
    names and addresses of the person the board is for; `bound`: the token is valid for that one source.

    `whose` is the person, by whatever program they came, "" for a source. `device_tz` is the zone that the
    program named. `tz` and `hours` are what that, the person's preferences and the settings come to
    (persons.settled). `called` is what others call them.
    """

    key: str
    actor: str
    role: Role
    source: str | None = None
    token: str | None = None
    tz: tzinfo = UTC
    me: tuple[str, ...] = ()
    bound: bool = False
    whose: str = ""
    device_tz: str | None = None
    hours: Hours | None = None
    called: str = ""

    @property
    def name(self) -> str:
        """What others call them."""
        return self.called or self.actor

    @property
    def person(self) -> str:
        """Whose lines `undo` may undo: without tokens everybody has the same key."""
        return f"{self.key} {self.actor}"


SERVER = Principal("server", "server", Role.ADMIN)
"""The author of the changes that the server makes by itself."""
