"""A search file in this process, for tests that ask it thousands of questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.records import GivenRecord
from sio_server.search.answer import SearchRequest, answer
from sio_server.search.file import SearchFile
from sio_server.search.ingest import PutResult, RecordBatch

Json = Any
NOW_S = 1_790_000_000.0


def record(id: str, text: str, at: str = "2026-01-01T00:00:00Z", **more: Json) -> Json:
    """A record as a collector puts it."""
    return {"id": id, "text": text, "at": at, **more}


class Shelf:
    """An open file."""

    def __init__(self, path: Path) -> None:
        self.file = SearchFile(path, 1)

    def put(self, records: Sequence[Json], source: str = "notes", op: str | None = None) -> PutResult:
        """Puts the records as that source."""
        key = None if op is None else ("somebody", op)
        return self.file.ingest.put(RecordBatch(source, records, GivenRecord, key))

    def ask(self, query: str, is_cancelled: Callable[[], bool] = lambda: False, **asked: Json) -> Json:
        """The answer."""
        with self.file.reader() as reader:
            self.file.time_index.catch_up(reader.connection)
            return answer(reader, self.file.time_index, SearchRequest(query, **asked), NOW_S, is_cancelled)

    def ids(self, query: str, **asked: Json) -> list[str]:
        """The ids of the hits, without their source."""
        return [hit["id"].partition("/")[2] for hit in self.ask(query, **asked)["hits"]]


@contextmanager
def shelf(path: Path) -> Iterator[Shelf]:
    """A file that is closed again."""
    opened = Shelf(path)
    try:
        yield opened
    finally:
        opened.file.close()
