"""Makes a store where there is none, from rows that come from elsewhere: lines of JSON, or PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw

from sio_server.log import files, sums, whole
from sio_server.log.base import LogError
from sio_server.log.check import faults_in


@contextmanager
def new_store(database: Path, suffix: str, origin: str) -> Iterator[apsw.Connection]:
    """An empty store, to insert all rows without their sums. After the block it is checked, and only then
    put in its place; `origin` says in errors where the rows are from. The folder must be locked.

    Errors: LogError; then nothing is made.
    """
    if database.exists():
        raise LogError(f"there is a store in {database.parent}: name another --data-dir, or move it away")
    with files.made_beside(database, suffix) as new:
        try:
            with closing(whole.open_writer(new)) as store, store:
                for table in sums.COLUMNS:
                    store.execute(f"DELETE FROM {table}")
                yield store
                sums.register(store)
                sums.add_all(store)
            faults = faults_in(new)
        except apsw.Error as error:
            raise LogError(f"cannot make {database} from {origin}: {error}") from None
        if faults:
            raise LogError(f"{origin} is inconsistent: {faults[0]}")
        for other in (database.with_suffix(".head"), *files.beside(database)):
            other.unlink(missing_ok=True)  # left by an earlier store


def columns_of(store: apsw.Connection, table: str) -> list[str]:
    """The table's columns, but for the sums that a store computes itself."""
    found = store.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return [name for (name,) in found if name not in sums.COUNTED]
