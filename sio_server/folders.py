"""Where the boards of a server keep their files: `main` in the data directory, as ever, and each other board
in `boards/NAME` below it. A board exists when its folder does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sio_server.log.base import LogError
from sio_server.log.files import STORE, lock, sync_folder
from sio_server.registry.roles import MAIN

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Folders:
    """The folders of all boards. Errors of whatever changes them: LogError."""

    def __init__(self, data_dir: Path) -> None:
        self._main = data_dir
        self._others = data_dir / "boards"

    def of(self, board: str) -> Path:
        """The board's folder, whether it exists or not. Errors: LogError, when that is no board's name."""
        if board == MAIN:
            return self._main
        if not _NAME.fullmatch(board):
            raise LogError("a board's name has 1 to 40 of a-z, 0-9 and -, and does not begin with -")
        return self._others / board

    def store(self, board: str) -> Path:
        """The store of a board that exists. Errors: LogError."""
        if not self.has(board):
            raise LogError(f"there is no board {board}: `serve.py board add {board}` makes one")
        return self.of(board) / STORE

    def has(self, board: str) -> bool:
        """Whether the board exists. Blocks for a moment."""
        return board == MAIN or (_NAME.fullmatch(board) is not None and (self._others / board).is_dir())

    @property
    def are_several(self) -> bool:
        """Whether there are boards besides `main`. Blocks for a moment."""
        try:
            return any(self._others.iterdir())
        except OSError:
            return False

    def names(self) -> list[str]:
        """All boards, `main` first. Blocks."""
        try:
            found = sorted(path.name for path in self._others.iterdir())
        except OSError:
            found = []
        return [MAIN, *(name for name in found if name != MAIN and self.has(name))]

    def add(self, board: str) -> Path:
        """Makes an empty board; returns its folder."""
        folder = self.of(board)
        try:
            self._others.mkdir(parents=True, exist_ok=True)
            if board == MAIN:
                raise FileExistsError
            folder.mkdir()
            sync_folder(self._others)
        except FileExistsError:
            raise LogError(f"there is a board {board} already") from None
        except OSError as error:
            raise LogError(f"cannot make {folder}: {error.strerror}") from None
        return folder

    def remove(self, board: str, first: Callable[[], None]) -> Path:
        """Sets the board aside, with all that is in it; returns where it is kept.

        `first` is called once nobody can open it, and before it goes: after a crash between the two, whoever
        was let in to this board is not let in to the next one of that name.
        """
        number = 1
        while (kept := self._main / "removed-boards" / f"{board}-{number}").exists():
            number += 1
        self._move(board, kept, first)
        return kept

    def rename(self, board: str, to: str, first: Callable[[], None]) -> None:
        """Gives the board another name; `first` as for `remove`."""
        if self.has(to):
            raise LogError(f"there is a board {to} already")
        self._move(board, self.of(to), first)

    def _move(self, board: str, to: Path, first: Callable[[], None]) -> None:
        with self._closed(board) as folder:
            first()
            try:
                to.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(to)
                sync_folder(folder.parent)
                sync_folder(to.parent)
            except OSError as error:
                raise LogError(f"cannot move {folder} to {to}: {error.strerror}") from None

    @contextmanager
    def _closed(self, board: str) -> Iterator[Path]:
        """The folder of a board that no server has open, and that none can open meanwhile."""
        if board == MAIN:
            raise LogError(f"the board {MAIN} stays: every server has it")
        folder = self.store(board).parent
        try:
            held = lock(folder, make=False)
        except LogError as error:
            raise LogError(f"{error}: it closes some minutes after its last client has left") from None
        with held:
            yield folder
