"""Opens a store after verifying it, by its pages' checksums or else by its rows'.

Pages that another SQLite program wrote have no checksum: in a `.backup` of the running store, or in a store
that it opened after a crash. Nothing is lost then, and nobody should need to notice (decision 62).
"""

from __future__ import annotations

import logging
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import apsw

from sio_server.log import files, sums
from sio_server.log.base import LogError
from sio_server.log.schema import MIGRATIONS, VERSION, WITH_SUMS
from sio_server.registry.ops import EVERYTHING

BAD_PAGE = "is damaged (a page fails its checksum, and its rows do not add up): restore it from a backup"
BAD_PAGE_OF_OLD = (
    "is damaged (a page fails its checksum): restore it from a backup; "
    "if another SQLite program wrote to it, `serve.py restore` takes it in"
)
NOT_ALL = (
    "does not add up: some of its rows are older than others, as in a copy that was made with `cp` while the "
    "server ran, or that was put beside the -wal file of another: restore it from a backup"
)

CACHE_KIB = 8_192  # ample for the pages that a batch touches

log = logging.getLogger("adjutant.store")


class Position(NamedTuple):
    """Where a history ends, and which one it is."""

    epoch: str
    seq: int
    mark: str


def open_writer(path: Path) -> apsw.Connection:
    """The single writer's connection, to a verified store of this version.

    Errors: LogError, apsw.Error.
    """
    connection = open_whole(path)
    try:
        connection.set_busy_timeout(2_000)
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "full")
        connection.pragma("cache_size", -CACHE_KIB)
        _migrate(connection, path)
        if not sums.is_total(connection):
            raise LogError(f"{path} {NOT_ALL}")
        # Makes durable what a failed sync left only in the kernel's cache (decision 41).
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def opened(path: Path) -> Iterator[apsw.Connection]:
    """A verified store of this version, as open_writer gives it, for the block.

    Errors: LogError.
    """
    try:
        with closing(open_writer(path)) as store:
            yield store
    except apsw.Error as error:
        raise LogError(f"cannot read {path}: {error}") from None


def position(store: apsw.Connection) -> Position:
    """Where the store's history ends. Errors: apsw.Error."""
    epoch = store.execute("SELECT value FROM meta WHERE key = ?", (sums.EPOCH,)).get
    return Position(epoch, *store.execute("SELECT seq, mark FROM heads WHERE room = ?", (EVERYTHING,)).get)


def goes_on(store: apsw.Connection, note: files.HeadNote, path: Path) -> bool:
    """Whether the store has every commit that is noted; if not, one line in the log says so.

    Errors: apsw.Error.
    """
    noted, here = note.read(), position(store)
    if noted is None or noted[0] != here.epoch:
        return True
    _, seq, mark = noted
    if seq <= here.seq and store.execute("SELECT mark FROM changes WHERE seq = ?", (seq,)).get in (
        None,
        mark,
    ):
        return True
    why = "it was replaced by an older copy, or its newest changes are lost"
    log.error("%s had a change %d and now ends at %d otherwise: %s", path, seq, here.seq, why)
    return False


def new_epoch() -> str:
    """A unique name for a history."""
    return secrets.token_hex(5)


def open_whole(path: Path) -> apsw.Connection:
    """A connection for writing that verifies every page it reads; a new store is empty.

    Errors: LogError, apsw.Error; then the store is as it was.
    """
    connection = files.open_checked(path)
    has_checksums = files.has_checksums(connection)
    try:
        if has_checksums:
            check = connection.pragma("quick_check")  # reads every page, and so verifies its checksum
            if check != "ok":
                said = " ".join(str(check).split())[:200]
                raise LogError(f"{path} is damaged ({said}): restore it from a backup")
            return connection
    except apsw.IOError as error:
        if not files.is_bad_page(error):
            raise
    connection.close()
    _take_in(path, has_checksums)
    return files.open_checked(path)


def prove(connection: apsw.Connection, path: Path) -> None:
    """Verifies that all rows are present and unaltered, whatever the pages' checksums say; for a store from
    before rows had sums, only that its pages are consistent.

    Errors: LogError, apsw.Error.
    """
    found = str(connection.pragma("integrity_check"))
    if found != "ok":
        raise LogError(f"{path} is damaged ({' '.join(found.split())[:200]}): restore it from a backup")
    version = connection.pragma("user_version")
    if version < WITH_SUMS:
        return
    if version > VERSION or _schema(connection) != _schema_of(version):
        raise LogError(f"{path} {BAD_PAGE}")
    if sums.altered(connection) or not sums.is_total(connection):
        raise LogError(f"{path} {BAD_PAGE}")


def open_unverified(path: Path) -> apsw.Connection:
    """A connection that does not verify pages. Errors: apsw.Error."""
    return apsw.Connection(str(path), vfs="unix")


def _take_in(path: Path, has_checksums: bool) -> None:
    """Replaces a verified store with a copy that has checksums; a crash meanwhile changes nothing."""
    new = path.with_suffix(".restoring")
    new.unlink(missing_ok=True)
    with closing(open_unverified(path)) as connection:
        if has_checksums and connection.pragma("user_version") < WITH_SUMS:
            raise LogError(f"{path} {BAD_PAGE_OF_OLD}")
        prove(connection, path)
        # Empties the WAL: it would be taken for the new file's.
        if connection.pragma("journal_mode", "delete") != "delete":
            raise LogError(f"{path} is open in another program: close that, then start again")
        try:
            files.write_anew(connection, new)
        except apsw.FullError:
            new.unlink(missing_ok=True)
            needed = path.stat().st_size >> 20
            message = f"{path} has to be written anew with checksums, and the disk has no room for that"
            raise LogError(f"{message}: free {2 * needed + 1} MiB, then start again") from None
    with closing(files.open_checked(new)) as connection:
        prove(connection, new)
    shutil.copymode(path, new)
    new.replace(path)
    files.sync_folder(path.parent)
    if has_checksums:
        what = "had pages without a valid checksum, as other SQLite programs leave them"
        log.warning("%s %s: all its rows are there and unaltered, and the pages are written anew", path, what)
    else:
        log.info("%s has checksums on all its pages now", path)


def _migrate(connection: apsw.Connection, path: Path) -> None:
    version = connection.pragma("user_version")
    if version > VERSION:
        raise LogError(f"{path} is from a newer version of Adjutant: update this one")
    if version == VERSION:
        return  # nothing to write, and so nothing to wait for
    with connection:
        for migration in MIGRATIONS[version:]:
            connection.execute(migration)
        if version < WITH_SUMS:
            sums.register(connection)
            sums.add_all(connection)
        if version == 0:
            sums.set_meta(connection, sums.EPOCH, new_epoch())
        connection.pragma("user_version", VERSION)


def _schema(connection: apsw.Connection) -> set[tuple[str, str, str, str]]:
    return set(connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"))


def _schema_of(version: int) -> set[tuple[str, str, str, str]]:
    with closing(apsw.Connection(":memory:")) as fresh:
        for migration in MIGRATIONS[:version]:
            fresh.execute(migration)
        return _schema(fresh)
