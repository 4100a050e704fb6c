"""The file of roles (`--roles`): what people may do whose identity comes from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from models.base import BoardName, Wire
from sio_server.registry.roles import MAIN, BoardRoles, Role

STRONGEST = (Role.ADMIN, Role.EDITOR, Role.VIEWER, Role.COLLECTOR)


class RolesError(Exception):
    """The file cannot be used; the message says why."""


class BoardFile(Wire):
    """Who has which role: by user, else the strongest of their groups, else `everybody`, else none."""

    users: dict[str, Role] = Field(default_factory=dict)
    groups: dict[str, Role] = Field(default_factory=dict)
    everybody: Role | None = None

    def of(self, users: Iterable[str], groups: Iterable[str]) -> Role | None:
        """The role of somebody who has these names and is in these groups."""
        for user in users:
            if user in self.users:
                return self.users[user]
        found = {self.groups[group] for group in groups if group in self.groups}
        return next((role for role in STRONGEST if role in found), self.everybody)


class RolesFile(BoardFile):
    """The file: the roles on the board `main`, and on others by their names (`*` for all that are not
    named)."""

    boards: dict[BoardName | Literal["*"], BoardFile] = Field(default_factory=dict)


class Roles:
    """The roles that the file gives; None is for no file, which gives none."""

    def __init__(self, path: Path | None) -> None:
        """Blocks for a small file. Errors: RolesError."""
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._file = RolesFile()
        self.reload()

    def of(self, users: Iterable[str], groups: Iterable[str] = ()) -> BoardRoles:
        """The role on each of their boards of somebody who has these names and is in these groups."""
        users, groups = [*users], [*groups]
        on = {MAIN: self._file, **self._file.boards}
        found = ((board, file.of(users, groups)) for board, file in on.items())
        return tuple(sorted((board, role) for board, role in found if role is not None))

    def reload(self) -> None:
        """Reads the file again if it changed. Blocks.

        Errors: RolesError; the roles then stay as they were.
        """
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if stamp != self._seen:
                self._file = RolesFile.model_validate_json(self._path.read_bytes())
                self._seen = stamp
        except OSError as error:
            raise RolesError(f"cannot read the roles in {self._path}: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise RolesError(f"cannot use the roles in {self._path}: {where}: {first['msg']}") from None
