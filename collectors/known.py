"""What earlier runs over an account read, in a file: by it a run fetches only what changed."""

from __future__ import annotations

import hashlib
import sqlite3
from argparse import Namespace
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from collectors.database import opened, set_aside, transaction
from collectors.spool import place_of, spool_folder

_NOTES = "CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);"
_FORMAT = 1


def known_path(given: Namespace, source: str, *account: str) -> Path:
    """Where it is noted down, beside the spools: one file for each board, source and account. `source` is
    the source's name unless the command line has another."""
    words = " ".join((place_of(given.url, given.board), given.source or source, *account))
    mark = hashlib.sha256(words.encode()).hexdigest()[:16]
    folder: Path = given.spool or spool_folder()
    return folder / f"{source.partition(':')[0]}-{mark}.known"


class KnownFile:
    """Opened for one run. A file that is damaged or of another format is begun anew: all is read again, which
    changes nothing on the board.

    Errors: sqlite3.OperationalError, if it is locked or may not be written; such a file stays as it is.
    """

    tables: ClassVar[str]
    pragmas: ClassVar[tuple[str, ...]] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._db = self._opened(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            set_aside(path)
            self._db = self._opened(path)

    def _opened(self, path: Path) -> sqlite3.Connection:
        db = opened(path, self.tables + _NOTES, _FORMAT, *self.pragmas, any_thread=True)
        for statement in filter(str.strip, self.tables.split(";")):
            db.execute(statement)  # a file of an earlier version has not all of them
        return db

    def close(self) -> None:
        self._db.close()

    def note(self, name: str) -> str:
        """What was noted down; "" for nothing."""
        found = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return found[0] if found else ""

    def set_note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def _transaction(self) -> AbstractContextManager[None]:
        return transaction(self._db)
