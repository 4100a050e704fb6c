"""Stores one batch of records: validates each by itself, writes what is new or changed in one transaction.

A record is identified by its source and its own id, and is unchanged if the digest of all its fields is: the
same batch twice has one effect. Rows are written by one statement per table, as in the log (decision 10).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw
import orjson
from pydantic import BaseModel, ValidationError

from models.ack import ErrorCode
from sio_server.registry.errors import Refusal, faults_of
from sio_server.registry.ops import Json
from sio_server.search.matching import person_words
from sio_server.search.query import start_of
from sio_server.search.time_index import NO_TIME, TimeIndex

OPS_KEPT_S = 24 * 3600
AUTHOR_FIELDS = ("from", "author", "sender", "user_name", "speaker", "user")
"""Fields of `meta` that may name the author; the first that does is shown, all of them are found."""
_ADDRESS_FIELDS = ("name", "real_name", "display_name", "email", "address")
AUTHOR_MAX = 200

NAMES_DEEP = 3
"""Levels of lists and objects that are searched for a name: mails nest an address in a list."""
LAST_ID = 2**63 - 1
SORTED = orjson.OPT_SORT_KEYS

log = logging.getLogger("adjutant.search")


@dataclass(frozen=True)
class RecordBatch:
    """A request's records as they came, to be validated as `model`; `key` is (principal, op)."""

    source: str
    records: Sequence[Any]
    model: type[BaseModel]
    key: tuple[str, str] | None = None


@dataclass(frozen=True)
class Row:
    """A valid record as it is written; `original` is the record as it came, as JSON."""

    own_id: str
    text: str
    at: str
    original: str
    digest: str
    kind: str | None
    title: str | None
    url: str | None
    authors: tuple[str, ...]


@dataclass
class PutResult:
    """What a batch did; `new_times` are those of records that were changed."""

    indexed: int = 0
    unchanged: int = 0
    rejected: list[Json] = field(default_factory=list)
    replayed: bool = False
    new_times: list[tuple[int, int]] = field(default_factory=list)

    def answer(self) -> Json:
        """Shape: models.records.PutRecordsDone."""
        return {"indexed": self.indexed, "unchanged": self.unchanged, "rejected": self.rejected}


class Ingest:
    """Stores batches through the writer's connection."""

    def __init__(self, connection: apsw.Connection, time_index: TimeIndex) -> None:
        self._connection = connection
        self._time_index = time_index
        self._people: dict[tuple[str, ...], int] = {}

    def put(self, batch: RecordBatch, now_s: float) -> PutResult:
        """Stores the batch; it is on disk when this returns.

        Errors: conflict (the op was used for another request); apsw.Error, and then nothing was stored.
        """
        result = PutResult()
        rows = _validate(batch, result)
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            earlier = None if batch.key is None else self._replay(batch)
            if earlier is None:
                self._write(batch, rows, result)
                if batch.key is not None:
                    self._record_op(batch, result, now_s)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            self._people.clear()
            raise
        self._update_time_index(result)
        return result if earlier is None else earlier

    def _update_time_index(self, result: PutResult) -> None:
        """The batch is on disk, so nothing here may fail it; the next search catches up in any case."""
        try:
            self._time_index.catch_up(self._connection)
            for id, at_s in result.new_times:
                self._time_index.set_time(id, at_s)
        except Exception:
            log.exception("new records are on disk but not yet in memory; the next search catches up")

    def _write(self, batch: RecordBatch, rows: Iterable[Row], result: PutResult) -> None:
        latest: dict[str, Row] = {}
        for row in rows:
            if row.own_id in latest:  # twice in one batch: the last one counts
                result.unchanged += 1
            latest[row.own_id] = row
        known = self._known(batch.source, [*latest])
        fresh, changed = [], []
        for own_id, row in latest.items():
            id, digest = known.get(own_id, (None, None))
            if id is None:
                fresh.append(row)
            elif digest == row.digest:
                result.unchanged += 1
            else:
                changed.append((id, row))
        result.indexed = len(fresh) + len(changed)
        first = self._next_id(len(fresh)) if fresh else 0
        self._insert([*enumerate(fresh, first)], batch.source)
        self._update(changed, batch.source)
        result.new_times = [(id, _seconds(row.at)) for id, row in changed]

    def _known(self, source: str, own_ids: list[str]) -> dict[str, tuple[int, str]]:
        """Those of the source's records that are stored: id and digest by own id."""
        found = self._connection.execute(
            "SELECT records.own_id, records.id, records.digest FROM json_each(?) AS asked"
            " CROSS JOIN adjutant_records AS records ON records.source = ? AND records.own_id = asked.value"
            " JOIN messages ON messages.id = records.id",  # the old program may have removed it
            (_json(own_ids), source),
        )
        return {own_id: (id, digest) for own_id, id, digest in found}

    def _next_id(self, more: int) -> int:
        """No id is used twice, as AUTOINCREMENT promises to the old program."""
        found = self._connection.execute(
            "SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0),"
            " ifnull((SELECT max(id) FROM messages), 0))"
        ).get
        first = int(found) + 1
        if first + more > LAST_ID:
            message = (
                "The search file has no free record ids (one has the largest possible): start a new file."
            )
            raise Refusal(ErrorCode.STORAGE_UNAVAILABLE, message)
        return first

    def _insert(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        if not rows:
            return
        values = _json([[id, row.text, source, row.at, row.original] for id, row in rows])
        self._connection.execute(
            "INSERT INTO messages (id, content, source, date, metadata)"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
            (values,),
        )
        self._describe(rows, source)

    def _update(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        if not rows:
            return
        values = _json([[id, row.text, row.at, row.original] for id, row in rows])
        self._connection.execute(
            "UPDATE messages SET content = changed.value ->> 1, date = changed.value ->> 2,"
            " metadata = changed.value ->> 3 FROM json_each(?) AS changed"
            " WHERE messages.id = changed.value ->> 0",
            (values,),
        )
        self._connection.execute(
            "DELETE FROM adjutant_authors WHERE id IN (SELECT value FROM json_each(?))",
            (_json([id for id, _ in rows]),),
        )
        self._describe(rows, source)

    def _describe(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        """Writes what the old tables have no columns for."""
        values = [
            [id, source, row.own_id, row.digest, row.kind, row.title, row.url, _shown(row.authors)]
            for id, row in rows
        ]
        self._connection.execute(
            "INSERT OR REPLACE INTO adjutant_records"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
            " value ->> 6, value ->> 7 FROM json_each(?)",
            (_json(values),),
        )
        self.add_authors([(id, row.authors) for id, row in rows])

    def add_authors(self, authors: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Adds who wrote which record: (id, the author's names)."""
        values = [[self._person(names), id] for id, names in authors if names]
        if values:
            self._connection.execute(
                "INSERT OR IGNORE INTO adjutant_authors SELECT value ->> 0, value ->> 1 FROM json_each(?)",
                (_json(values),),
            )

    def _person(self, names: tuple[str, ...]) -> int:
        """The number of the person with exactly these names."""
        number = self._people.get(names)
        if number is None:
            words = "".join(f" {name} /" for name in map(person_words, names) if name)
            execute = self._connection.execute
            execute("INSERT OR IGNORE INTO adjutant_people (words) VALUES (?)", (words,))
            number = int(execute("SELECT no FROM adjutant_people WHERE words = ?", (words,)).get)
            self._people[names] = number
        return number

    def _replay(self, batch: RecordBatch) -> PutResult | None:
        """The answer that this op got before; None when it is new."""
        found = self._connection.execute(
            "SELECT fingerprint, answer FROM adjutant_ops WHERE principal = ? AND op = ?", batch.key
        ).get
        if found is None:
            return None
        fingerprint, answer = found
        if fingerprint != _fingerprint(batch):
            message = "This op was used for another request: use a new op for each request."
            raise Refusal(ErrorCode.CONFLICT, message)
        return PutResult(**orjson.loads(answer), replayed=True)

    def _record_op(self, batch: RecordBatch, result: PutResult, now_s: float) -> None:
        assert batch.key is not None
        execute = self._connection.execute
        execute("DELETE FROM adjutant_ops WHERE at_s < ?", (now_s - OPS_KEPT_S,))
        values = (*batch.key, now_s, _fingerprint(batch), _json(result.answer()))
        execute("INSERT INTO adjutant_ops VALUES (?, ?, ?, ?, ?)", values)


def _validate(batch: RecordBatch, result: PutResult) -> list[Row]:
    """The valid records; the others are named in `result`."""
    rows = []
    for index, record in enumerate(batch.records):
        try:
            rows.append(_row(batch.model.model_validate(record), record))
        except ValidationError as error:
            path, message = faults_of(error)[0]
            id = record.get("id") if isinstance(record, dict) else None
            named = {"id": id[:255]} if isinstance(id, str) else {}
            result.rejected.append({"index": index, **named, "path": path, "message": message})
    return rows


def _row(valid: Any, record: Any) -> Row:
    original = orjson.dumps(record, option=SORTED)
    return Row(
        valid.id,
        valid.text,
        valid.at,
        original.decode(),
        hashlib.blake2b(original, digest_size=12).hexdigest(),
        valid.kind,
        valid.title,
        valid.url,
        authors_of(valid.meta or {}),
    )


def authors_of(meta: Any) -> tuple[str, ...]:
    """The author's names and addresses, from the original's own fields."""
    if not isinstance(meta, dict):
        return ()
    names = [name for field in AUTHOR_FIELDS if field in meta for name in _names(meta[field])]
    return tuple(dict.fromkeys(name[:AUTHOR_MAX] for name in names))


def _names(value: Any, deep: int = NAMES_DEEP) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield value.strip()
    elif isinstance(value, dict) and deep:
        for field_name in _ADDRESS_FIELDS:
            yield from _names(value.get(field_name), deep - 1)
    elif isinstance(value, list) and deep:
        for one in value[:1]:
            yield from _names(one, deep - 1)


def _shown(authors: tuple[str, ...]) -> str | None:
    return authors[0] if authors else None


def _seconds(at: str) -> int:
    start_s = start_of(at)
    return NO_TIME if start_s is None else int(start_s // 1)


def _fingerprint(batch: RecordBatch) -> str:
    sent = orjson.dumps([batch.source, batch.records], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(sent).hexdigest()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
