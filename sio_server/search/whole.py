"""The records of one board as a whole, while no server has them open: they leave one place for another as
they came, in batches of what their collectors sent, and all at once (decision 112)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import apsw
import orjson
from pydantic import BaseModel

from sio_server.log.files import beside, remove, set_aside, sync_folder
from sio_server.registry.ops import Json
from sio_server.search.faults import StoreFault
from sio_server.search.file import FilePlace
from sio_server.search.ingest import SORTED, RecordBatch
from sio_server.search.people import PeopleBatch
from sio_server.search.store import Place, Store

AT_ONCE = 1_000
"""Records of a transaction: a few megabytes."""

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how many rows are done, and of how many."""


class OthersThere(StoreFault):
    """Where the records are to come to are other ones: who worked at which is not known."""


class Models(NamedTuple):
    """By which a record and a person are validated, as when they came."""

    record: type[BaseModel]
    person: type[BaseModel]


class Whole(Protocol):
    """All records of a board, and what its sources say about people. Errors: those of its place."""

    def count(self) -> int:
        """How many records there are."""

    def records(self) -> Iterator[tuple[str, Json]]:
        """Source and record, as received, the oldest first."""

    def people(self) -> Iterator[tuple[str, Json]]:
        """Source and person, as received."""

    def is_empty(self) -> bool:
        """Whether there is nothing at all, not even of other programs."""

    def take_away(self) -> None:
        """Leaves none of it where it was."""

    def close(self) -> None:
        """Lets others open it."""


class Landing(Protocol):
    """Where records come to. They are gathered beside it, so that a run that is killed leaves nothing that a
    server could take for all of them. Errors: those of its places."""

    @property
    def beside(self) -> Place:
        """Where they are gathered."""

    def there(self) -> Whole | None:
        """What is at the place itself, to be closed; None if there is nothing."""

    def clear(self) -> None:
        """Leaves nothing beside it."""

    def finish(self) -> None:
        """Puts what is beside it in its place, where nothing was, in one step."""


def copy(whole: Whole, landing: Landing, models: Models, tell: Tell) -> int:
    """Puts all records and people to where there are none; returns how many records. Whatever is there stays:
    if it has these and no others (a run was killed after this), nothing is to do.

    Errors: those of both places; OthersThere; StoreFault, when one cannot be moved; Refusal.
    """
    total = whole.count()
    landing.clear()  # of a run that was killed
    there = landing.there()
    if there is not None:
        with closing(there):
            if there.count() == total and _digests(there) == _digests(whole):
                return total
            if not there.is_empty():
                raise OthersThere(f"there are other records in {landing} already")
    store = landing.beside.open(1)
    try:
        _fill(store, whole, models, tell)
    finally:
        store.close()
    landing.finish()
    return total


def _digests(whole: Whole) -> set[bytes]:
    rows = chain(whole.records(), whole.people())
    return {blake2b(orjson.dumps(row, option=SORTED), digest_size=16).digest() for row in rows}


def _fill(store: Store, whole: Whole, models: Models, tell: Tell) -> None:
    total, done = whole.count(), 0
    held = Counter[str]()
    rows = whole.records()
    while some := list(islice(rows, AT_ONCE)):
        for source, records in _by_source(some).items():
            _put(store, source, records, models)
            held[source] += len(records)
        done += len(some)
        tell("copying records", done, total)
    for source, people in _by_source(whole.people()).items():
        refused = store.put_people(PeopleBatch(source, people, models.person))["rejected"]
        if refused:
            raise StoreFault(f"a person of {source} cannot be moved: {refused[0]['message']}")
    for source, count in held.items():
        if store.time_index.counts[source] != count:
            raise StoreFault(f"not all records of {source} could be copied")


def _put(store: Store, source: str, records: list[Json], models: Models) -> None:
    refused = store.put(RecordBatch(source, records, models.record)).rejected
    if refused:
        raise StoreFault(f"a record of {source} cannot be moved: {refused[0]['message']}")


def _by_source(rows: Any) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = defaultdict(list)
    for source, row in rows:
        found[source].append(row)
    return found


class WholeFile:
    """All records of a search file, but for rows that the old program wrote. Errors: apsw.Error, OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('adjutant_records', 'adjutant_directory')"
        self._is_ours = self._connection.execute(tables).get == 2

    def count(self) -> int:
        """How many records there are."""
        return int(self._of("count(*)").get) if self._is_ours else 0

    def records(self) -> Iterator[tuple[str, Json]]:
        """Source and record, as received, the oldest first."""
        for source, original in self._of("records.source, metadata", "ORDER BY id") if self._is_ours else ():
            yield source, orjson.loads(original)

    def people(self) -> Iterator[tuple[str, Json]]:
        """Source and person, as received."""
        query = "SELECT source, own_id, names, addresses FROM adjutant_directory ORDER BY source, own_id"
        for row in self._connection.execute(query) if self._is_ours else ():
            yield person_of(*row)

    def is_empty(self) -> bool:
        """Whether there is nothing at all, not even of the old program."""
        tables = ("messages", "adjutant_directory")
        return not any(
            self._connection.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").get
            for table in tables
            if self._connection.table_exists(None, table)
        )

    def take_away(self) -> None:
        """Keeps the file as `search-migrated-N.db`, with the old program's rows."""
        self._connection.pragma("wal_checkpoint(TRUNCATE)")
        self.close()
        set_aside(self._path, "migrated")

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _of(self, what: str, order: str = "") -> apsw.Cursor:
        tables = "adjutant_records AS records JOIN messages USING (id)"  # that program may have removed some
        return self._connection.execute(f"SELECT {what} FROM {tables} {order}")


class FileLanding:
    """A search file that is to be made (Landing). Errors: those of FilePlace."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = path.with_suffix(".migrating")
        self.beside = FilePlace(self._beside)

    def __str__(self) -> str:
        return str(self._path)

    def there(self) -> WholeFile | None:
        """The file's records, to be closed."""
        return WholeFile(self._path) if self._path.exists() else None

    def clear(self) -> None:
        """Leaves no file beside it."""
        remove(self._beside)

    def finish(self) -> None:
        """Lets the file beside it take its place."""
        for path in beside(self._path):
            path.unlink(missing_ok=True)  # of the empty file that was there
        self._beside.replace(self._path)
        sync_folder(self._path.parent)


def person_of(source: str, own_id: str, names: str, addresses: str) -> tuple[str, Json]:
    """Source and person, from the columns of both stores."""
    return source, {"id": own_id, "names": orjson.loads(names), "addresses": orjson.loads(addresses)}
