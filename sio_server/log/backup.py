"""Copies of the store: `serve.py backup FILE` and `serve.py restore FILE`.

A copy that another SQLite program made of a running store is just as good, although its pages have no
checksums: its rows are verified instead (whole), and its pages get new checksums.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

import apsw

from sio_server.log.base import LogError
from sio_server.log.check import faults_in
from sio_server.log.files import lock, made_beside, open_checked, set_aside, write_anew
from sio_server.log.whole import open_unverified, prove


def back_up(database: Path, to: Path) -> None:
    """Saves the store as it is now; the server may run.

    Errors: LogError.
    """
    if not database.is_file():
        raise LogError(f"{database}: there is no store")
    if to.exists():
        raise LogError(f"{to} already exists: give another name")
    try:
        with closing(open_checked(database)) as source:
            write_anew(source, to)
    except apsw.Error as error:
        with suppress(OSError):
            to.unlink()  # an incomplete copy
        raise LogError(f"cannot save {database} in {to}: {error}") from None


def restore(database: Path, copy: Path) -> Path | None:
    """Replaces the store with the copy; returns where the old store is kept, or None.

    Errors: LogError, and the store stays as it is.
    """
    if not copy.is_file():
        raise LogError(f"{copy}: there is no such file")
    with closing(lock(database.parent)), made_beside(database, ".restoring") as new:
        try:
            with closing(open_unverified(copy)) as source:
                prove(source, copy)
                write_anew(source, new)
            faults = faults_in(new)
        except apsw.Error as error:
            raise LogError(f"{copy} is not a readable store: {error}") from None
        if faults:
            raise LogError(f"{copy} is inconsistent: {faults[0]}")
        return set_aside(database, "replaced")
