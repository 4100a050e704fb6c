"""Who may do what: roles, and the principal behind a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum


class Role(StrEnum):
    """Whose connection it is; what each may do is in ROLES."""

    VIEWER = "viewer"
    EDITOR = "editor"
    COLLECTOR = "collector"
    ADMIN = "admin"


Hours = tuple[tuple[str, str] | None, ...]
"""Working hours from Monday on: start and end such as 09:00; None for a day off."""


class Permission(StrEnum):
    """What somebody may do, in the words of the documents."""

    CONNECT = "connect, and take a snapshot: of its own source's items a collector, of all others"
    READ = "read the board, its past and what can be searched, and follow it"
    DELIVER = (
        "put and drop items, people and records, those of its own source if it is one; set the system status"
    )
    DECIDE = "change what others brought, write the brief, start and cancel collections, forget a source"
    ADMINISTER = "see who is connected; come in when all connections are taken"


ROLES: dict[Permission, frozenset[Role]] = {
    Permission.CONNECT: frozenset(Role),
    Permission.READ: frozenset({Role.VIEWER, Role.EDITOR, Role.ADMIN}),
    Permission.DELIVER: frozenset({Role.COLLECTOR, Role.EDITOR, Role.ADMIN}),
    Permission.DECIDE: frozenset({Role.EDITOR, Role.ADMIN}),
    Permission.ADMINISTER: frozenset({Role.ADMIN}),
}
"""The one table: what is checked, the documents and the tests are made of it."""

EVERYBODY = ROLES[Permission.CONNECT]
READERS = ROLES[Permission.READ]
PEOPLE = READERS
"""The roles of people: briefs, preferences and names are theirs, never a collector's."""
WRITERS = ROLES[Permission.DELIVER]
EDITORS = ROLES[Permission.DECIDE]
ADMINS = ROLES[Permission.ADMINISTER]

MAIN = "main"
"""The board that every server has."""
EVERY_BOARD = "*"
"""In place of a board's name: all boards that are not named beside it."""
BoardRoles = tuple[tuple[str, Role], ...]
"""The role of somebody on each of their boards, by name."""


def role_on(board: str, roles: BoardRoles) -> Role | None:
    """The role on that board; None for who may not enter it."""
    named = dict(roles)
    return named.get(board, named.get(EVERY_BOARD))


OF_PEOPLE = "local"
"""The reserved source name of records and people that persons add; no source may use it."""


@dataclass(frozen=True)
class Principal:
    """Who asks: `key` scopes ops, `actor` is the name that people see, `source` is set for a
    collector, `token` is what it signed in as (None where nobody does), `tz` is the person's time zone, `me`
    are the names and addresses of the person the board is for; `bound`: it may be that one source.

    `boards` are the boards that it may enter, `role` is that on the one it is on.

    `whose` is the person, whatever program they use, "" for a source. `device_tz` is the program's zone. `tz`
    and `hours` follow from that, the person's preferences and the settings (persons.settled). `called` is the
    person's displayed name.
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
    boards: BoardRoles = ()

    @property
    def name(self) -> str:
        """Their displayed name."""
        return self.called or self.actor

    @property
    def other_name(self) -> str | None:
        """Their displayed name, where the actor is another word."""
        return None if self.name == self.actor else self.name

    def why_not(self, event: str, roles: frozenset[Role]) -> str | None:
        """Why it may not send a request for those roles; None if it may."""
        if self.role not in roles:
            return f"{event} is not for the role {self.role}."
        if self.role is Role.COLLECTOR and self.source is None and roles != EVERYBODY:
            return "A collector says which source it is: its token has to be one for that source."
        return None

    @property
    def delivers_as(self) -> str:
        """The source of the records and people that it puts."""
        return self.source or OF_PEOPLE

    @property
    def sees(self) -> str | None:
        """The one source whose items are all that it sees; None for those who read the board."""
        return None if self.role in READERS else self.source or ""

    @property
    def person(self) -> str:
        """Scopes the lines that `undo` may undo: without tokens everybody has the same key."""
        return f"{self.key} {self.actor}"


SERVER = Principal("server", "server", Role.ADMIN)
"""The author of the server's own changes."""
