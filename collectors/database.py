"""A SQLite file of a collector's own: private, of one format, changed as a whole or not at all."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

_BUSY_S = 5.0  # for another run that holds the file


def opened(
    path: Path, tables: str, format: int, *pragmas: str, any_thread: bool = False
) -> sqlite3.Connection:
    """The file, with these tables; it is made if it does not exist.

    Errors: sqlite3.OperationalError and OSError, if it is locked or may not be written; any other
    sqlite3.DatabaseError, if it is damaged or of another format: then `set_aside` makes room for a new one.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # never readable for others, not even at first
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=not any_thread, timeout=_BUSY_S)
    try:
        path.chmod(0o600)  # it may have been copied here
        with transaction(db):
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in filter(str.strip, tables.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {format}")
        if version not in (0, format):
            raise sqlite3.DatabaseError("it is of another format")
        for pragma in pragmas:
            db.execute(f"PRAGMA {pragma}")
    except BaseException:
        db.close()
        raise
    return db


def set_aside(path: Path) -> Path:
    """Renames a file that is damaged; returns its new name."""
    return path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All statements in it take effect, or none."""
    with closing(db.execute("BEGIN IMMEDIATE")):
        pass
    try:
        yield
    except BaseException:
        if db.in_transaction:  # after "disk full" SQLite has ended it already
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
