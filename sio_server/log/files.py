"""Proofs that a store's files are still its own, intact and the newest.

`adjutant.db` has a checksum on every page, which SQLite's cksumvfs writes and verifies (decision 40).
`adjutant.head` notes the newest position, so that a start sees when commits are gone (decision 39).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import apsw
import apsw.sqlite_extra

from sio_server.log.base import LogError

STORE, NOTE = "adjutant.db", "adjutant.head"
"""A board's store, and the note of its newest position (HeadNote)."""
IN_POSTGRESQL = "postgresql.head"
"""The note of the newest position (HeadNote) of a board that is not kept in `adjutant.db`."""
RESERVED = 8
"""Bytes of each page in which cksumvfs keeps its checksum."""
_NOTE_BYTES = 128  # epoch, seq and mark take about 60; a fixed size, so that one write replaces it

log = logging.getLogger("adjutant.store")


@dataclass(frozen=True)
class Identity:
    """The file behind a path: its device and inode."""

    path: str
    device: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Identity:
        """The path's current file. Errors: OSError."""
        found = path.stat()
        return cls(str(path), found.st_dev, found.st_ino)

    @property
    def holds(self) -> bool:
        """Whether the path still leads to this file; if not, writes are lost with the old file."""
        try:
            found = os.stat(self.path)  # pathlib takes three times as long, and every append calls this
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (self.device, self.inode)


def open_checked(path: Path) -> apsw.Connection:
    """A connection that verifies the checksum of each page that has one (has_checksums).

    Errors: apsw.Error.
    """
    if not _can_check():
        log.warning("pages get no checksums: this build of apsw has no cksumvfs")
        return apsw.Connection(str(path))
    with contextlib.closing(apsw.Connection(":memory:")) as loading:
        apsw.sqlite_extra.load(loading, "cksumvfs")
    new = not path.exists() or path.stat().st_size == 0
    connection = apsw.Connection(str(path), vfs="cksmvfs")
    if new:
        _reserve(connection, RESERVED)
    return connection


def has_checksums(connection: apsw.Connection) -> bool:
    """Whether its pages have room for checksums; True where there can be none."""
    return not _can_check() or _reserve(connection, -1) == RESERVED


def add_checksums(connection: apsw.Connection) -> None:
    """Rewrites a store, which nobody else may have open, with checksums. Errors: apsw.Error."""
    connection.pragma("journal_mode", "delete")
    # Pages that the cache spills before the first one is written would get no checksum (begin_checked).
    connection.pragma("cache_spill", 0)
    _reserve(connection, RESERVED)
    connection.execute("VACUUM")


def begin_checked(path: Path) -> None:
    """Makes a new file whose first page says that all have checksums, which is where cksumvfs reads it:
    without it, pages of a large copy that are written before the first one would get none.

    Errors: apsw.Error.
    """
    with contextlib.closing(open_checked(path)) as connection:
        connection.pragma("user_version", 1)  # anything that writes the page; the copy replaces it


def is_bad_page(error: Exception) -> bool:
    """Whether the error is a page that fails its checksum."""
    return getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_DATA


def sync_folder(folder: Path) -> None:
    """Makes renames in the folder durable. Errors: OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def made_beside(database: Path, suffix: str) -> Iterator[Path]:
    """A path to write a store to; at the end of the block it durably takes the place of this one.

    Errors: LogError, when the folder cannot be written.
    """
    new = database.with_suffix(suffix)
    try:
        remove(new)  # of a run that was killed
        yield new
        new.replace(database)
        sync_folder(database.parent)
    except OSError as error:
        raise LogError(f"cannot write {error.filename or database}: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            remove(new)


def beside(database: Path) -> tuple[Path, Path]:
    """The files that SQLite keeps beside a store while it is open."""
    return Path(f"{database}-wal"), Path(f"{database}-shm")


def set_aside(database: Path, why: str) -> Path | None:
    """Renames a database and its files to `NAME-WHY-N.db`; None if there is no database.

    The WAL goes also where the database is gone: SQLite would take it for that of the next one.
    Errors: OSError.
    """
    number = 1
    while any(database.parent.glob(f"{database.stem}-{why}-{number}.db*")):
        number += 1
    kept = database.with_name(f"{database.stem}-{why}-{number}.db")
    for path, to in zip(beside(database), beside(kept), strict=True):
        if path.exists():
            path.replace(to)
    if not database.exists():
        return None
    database.replace(kept)
    return kept


def remove(database: Path) -> None:
    """Leaves neither the store nor the files beside it. Errors: OSError."""
    for path in (database, *beside(database)):
        path.unlink(missing_ok=True)


def _can_check() -> bool:
    return apsw.sqlite_extra.has("cksumvfs") is not None


def _reserve(connection: apsw.Connection, count: int) -> int:
    """Sets the reserved bytes of each page (-1: no change), and returns their number."""
    value = ctypes.c_int(count)
    connection.file_control("main", apsw.SQLITE_FCNTL_RESERVE_BYTES, ctypes.addressof(value))
    if count >= 0:
        return count
    return value.value


class HeadNote:
    """The newest position, written beside the store after each append; not synced, because it can only show
    that commits are missing, never that they exist."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def read(self) -> tuple[str, int, str] | None:
        """Epoch, seq and mark; None if the note cannot be read."""
        try:
            epoch, seq, mark, end = os.pread(self._file, _NOTE_BYTES, 0).decode("ascii").split()
            return (epoch, int(seq), "" if mark == "-" else mark) if end == "." else None
        except (OSError, ValueError):
            return None

    def write(self, epoch: str, seq: int, mark: str) -> None:
        """Writes the note; a failure is ignored."""
        note = f"{epoch} {seq} {mark or '-'} ."
        with contextlib.suppress(OSError):
            os.pwrite(self._file, note.ljust(_NOTE_BYTES).encode("ascii"), 0)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._file)


def lock(data_dir: Path, make: bool = True) -> TextIO:
    """Locks the data directory, creating it if needed and `make`; the lock file names this process.

    Errors: LogError.
    """
    try:
        if make:
            data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "adjutant.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise LogError(f"cannot use the data directory {data_dir}: {error.strerror}") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        holder = file.read(20).strip() or "unknown"
        file.close()
        raise LogError(f"{data_dir} is in use by another server (process {holder})") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def refuse_if_gone(path: Path, note: HeadNote) -> None:
    """Refuses to create a new store where there was one: the whole board would seem to be lost.

    Errors: LogError.
    """
    if path.exists():
        return
    if is_in_postgresql(path.parent):
        anew = f"remove {path.parent / IN_POSTGRESQL} to start with an empty board"
        raise LogError(f"the board of {path.parent} is in PostgreSQL: start with --log-url, or {anew}")
    noted = note.read()
    if noted is not None:
        anew = f"remove {path.with_suffix('.head').name} to start with an empty board"
        back = "put it back, or `serve.py restore` a backup or an adjutant-rescued file"
        raise LogError(f"{path} is gone; it had {noted[1]} changes: {back}, or {anew}")


def is_in_postgresql(folder: Path) -> bool:
    """Whether the folder's board was once opened in PostgreSQL, or moved there."""
    try:
        return (folder / IN_POSTGRESQL).stat().st_size > 0
    except OSError:
        return False


def write_anew(source: apsw.Connection, to: Path) -> None:
    """Copies a store into a new file, with checksums on all pages. Errors: apsw.Error."""
    has_room = has_checksums(source)
    if has_room:
        begin_checked(to)
    with contextlib.closing(open_checked(to)) as target, target.backup("main", source, "main") as copying:
        copying.step()
    if not has_room:
        with contextlib.closing(open_checked(to)) as target:
            add_checksums(target)


def rescue(writer: apsw.Connection, path: Path) -> str:
    """Saves a store whose file is gone, from the open connection; returns where, as the end of a message."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        [[head]] = writer.execute("SELECT coalesce(max(seq), 0) FROM heads")
        copy = path.with_name(f"adjutant-rescued-{head}.db")
        copy.unlink(missing_ok=True)
        write_anew(writer, copy)
    except (apsw.Error, OSError) as error:
        return f". A copy of the board could not be saved either: {error}"
    board = f". The board is saved in {copy}: stop the server, `serve.py restore {copy}`, start again."
    return f"{board} The search records are in a separate file, not in this one"
