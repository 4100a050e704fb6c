"""Where records are kept, as the rest of search sees it: a file of SQLite (file) or PostgreSQL (postgres).

What is found, in which order and how it is counted is decided above, from memory (time_index) and from the
few questions below; an engine answers those by its own full-text index.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from sio_server.people.directory import Directory
from sio_server.people.entries import Entry
from sio_server.registry.ops import Json
from sio_server.search.cancellation import Cancellation
from sio_server.search.faults import StoreFault
from sio_server.search.ingest import PutResult, RecordBatch
from sio_server.search.people import PeopleBatch
from sio_server.search.query import Query, Term, parse
from sio_server.search.time_index import TimeIndex
from sio_server.search.tokenizer import Tokenizer

TEXT_READ = 100_000
"""Characters read of a hit's text: the most of a record; old rows may have more."""
META_READ = 200_000
"""Bytes of the original's fields that are read for names; more are not parsed."""
FEW_KEPT = 500  # remembered; the oldest goes

T = TypeVar("T")
Ranked = tuple[int, float]
"""An id and its bm25; smaller is better."""
Row = tuple[Any, ...]
"""Id, text, source, date, exact time, own id, kind, title, url, author; texts may be bytes (decode)."""
OpenedRow = tuple[Any, ...]
"""Id, length of the text, the part of it, source, date, exact time, kind, title, url, author, original."""


class Texts(Protocol):
    """The full-text index of the records' texts. Errors of all: the engine's, INTERRUPTED."""

    samples: bool
    """Whether any part of the ids is searched in a part of the time."""

    def whole(self, query: Query, at_most: int = -1) -> list[int] | None:
        """The ids, ascending, of all records that match the query's words; None if more than `at_most`."""

    def ids(self, query: Query, first: int, last: int, limit: int = -1) -> list[int]:
        """The ids, ascending, of those from `first` to `last`: a block, or any range where it `samples`."""

    def among(self, query: Query, ids: list[int]) -> list[int]:
        """Those of the ids, ascending, that match the query's words."""

    def count(self, terms: list[Term], at_most: int) -> int:
        """How many records have one of the terms, counted up to `at_most`."""

    def ranked(self, query: Query, limit: int = -1) -> list[Ranked]:
        """The first matches, with ranks."""

    def ranks(self, query: Query, ids: Sequence[int]) -> Iterable[Ranked]:
        """The ranks of these matches."""


class LabelFinder(Protocol):
    """The full-text index of labels (labels)."""

    def matching(self, terms: list[Term]) -> frozenset[int]:
        """The labels with one of the terms."""

    def containing(self, text: str) -> frozenset[int]:
        """The labels that contain this text literally."""

    def records(self, labels: Iterable[int]) -> list[int]:
        """The ids, ascending, of the records with one of these labels."""

    def of_people(self, names: Iterable[str]) -> frozenset[int]:
        """The labels of one of these authors; whole words of a name are enough."""


class RunFinder(Protocol):
    """Words inside runs (runs.Runs)."""

    def of(self, words: Sequence[str]) -> dict[str, list[Term]]:
        """What the index has with each word inside."""

    def widen(self, query: Query) -> None:
        """Makes the query find its words inside runs, too."""


class Rows(Protocol):
    """The records themselves."""

    def of(self, ids: Sequence[int]) -> Iterator[Row]:
        """These records, in this order."""

    def named(self, source: str, own_id: str, first: int, many: int) -> OpenedRow | None:
        """The source's record with this id of its own; of its text `many` characters from `first` on."""

    def numbered(self, id: int, first: int, many: int) -> OpenedRow | None:
        """The row of the old program with this id."""


class Reader:
    """What a search reads from, for one thread at a time."""

    def __init__(
        self, tokenizer: Tokenizer, text: Texts, labels: LabelFinder, runs: RunFinder, rows: Rows
    ) -> None:
        self.tokenizer = tokenizer
        self.text = text
        self.labels = labels
        self.runs = runs
        self.rows = rows
        self.few = Few()

    def parse(self, text: str, people: Directory) -> Query:
        """The text as a query of these records."""
        query = parse(text, self.tokenizer, people)
        self.runs.widen(query)
        return query


class Few:
    """Expressions that had few matches when they were last searched."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, None] = OrderedDict()

    def add(self, expression: str) -> None:
        """Remembers the expression, and forgets the oldest."""
        self._kept[expression] = None
        self._kept.move_to_end(expression)
        if len(self._kept) > FEW_KEPT:
            self._kept.popitem(last=False)

    def __contains__(self, expression: str) -> bool:
        return expression in self._kept


class Store(Protocol):
    """Open records of one board. Its methods block. Errors of all: those of its Place."""

    time_index: TimeIndex

    @property
    def read_only(self) -> str | None:
        """Why nothing can be added; None if it can."""

    def look(self, search: Cancellation, ask: Callable[[Reader], T]) -> T | None:
        """Reads from one snapshot; None if the search was cancelled."""

    def put(self, batch: RecordBatch) -> PutResult:
        """Stores the batch; it is on disk when this returns. Errors: also Refusal."""

    def put_people(self, batch: PeopleBatch) -> Json:
        """Stores people. Shape: models.people.PutPeopleDone."""

    def entries(self) -> list[Entry]:
        """All people of all sources, in a stable order."""

    def catch_up(self) -> None:
        """Takes new records into memory."""

    def notice_other_writers(self) -> bool:
        """Takes over what others changed or removed; whether the people may be others now."""

    def adopt(self) -> bool:
        """Adopts some rows of other programs or earlier versions; returns whether there may be more."""

    def has_become_writable(self) -> bool:
        """Whether what is read-only has become writable; it then has to be reopened."""

    def probe(self) -> None:
        """Checks that it can be written, by a small write."""

    def size_bytes(self) -> int:
        """The size on disk in bytes."""

    def close(self) -> None:
        """Closes all connections."""


class Place(Protocol):
    """Where the records of one board are kept."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its store's methods raise, besides Refusal."""

    def open(self, readers: int) -> Store:
        """Opens it, for so many searches at once. Blocks."""

    def fault_of(self, error: Exception) -> StoreFault:
        """The error as a sentence."""

    def version(self) -> Any:
        """Changes when what is permanently wrong may have been mended."""

    def is_lost(self, error: Exception) -> bool:
        """Whether it has to be opened again after this error."""

    def is_full(self, error: Exception) -> bool:
        """Whether there was no room on the disk."""

    def has_room(self) -> bool:
        """Whether there is some again."""

    def __str__(self) -> str: ...
