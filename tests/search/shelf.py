"""Records in this process, for tests that ask thousands of questions: in a search file, or in PostgreSQL
where that is in use (tests/postgres)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from models.records import GivenRecord
from sio_server.search.answer import SearchRequest, answer
from sio_server.search.cancellation import Cancellation
from sio_server.search.file import SearchFile
from sio_server.search.ingest import PutResult, RecordBatch
from sio_server.search.store import Store
from sio_server.search.tokenizer import Tokenizer
from tests import postgres

Json = Any
NOW_S = 1_790_000_000.0


def record(id: str, text: str, at: str = "2026-01-01T00:00:00Z", **more: Json) -> Json:
    """A record as a collector puts it."""
    return {"id": id, "text": text, "at": at, **more}


OpenedStore = TypeVar("OpenedStore", bound=Store)


class Shelf(Generic[OpenedStore]):
    """An open store."""

    def __init__(self, store: OpenedStore) -> None:
        self.file = store
        self.words = Tokenizer.alone()

    def put(self, records: Sequence[Json], source: str = "notes", op: str | None = None) -> PutResult:
        """Puts the records as that source."""
        key = None if op is None else ("somebody", op)
        return self.file.put(RecordBatch(source, records, GivenRecord, key))

    def ask(self, query: str, is_cancelled: Callable[[], bool] = lambda: False, **asked: Json) -> Json:
        """The answer."""
        request = SearchRequest(query, **asked)
        return self.file.look(
            Cancellation(),
            lambda reader: answer(reader, self.file.time_index, request, NOW_S, is_cancelled),
        )

    def ids(self, query: str, **asked: Json) -> list[str]:
        """The ids of the hits, without their source."""
        return [hit["id"].partition("/")[2] for hit in self.ask(query, **asked)["hits"]]


AnyShelf = Shelf[Any]
FileShelf = Shelf[SearchFile]


@contextmanager
def shelf(path: Path) -> Iterator[AnyShelf]:
    """Records of this path, which are closed again."""
    opened = Shelf(postgres.place_of_records(path).open(1))
    try:
        yield opened
    finally:
        opened.file.close()


@contextmanager
def file_shelf(path: Path) -> Iterator[FileShelf]:
    """A search file that is closed again."""
    opened = Shelf(SearchFile(path, 1))
    try:
        yield opened
    finally:
        opened.file.close()
