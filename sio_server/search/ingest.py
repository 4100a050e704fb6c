"""Stores one batch of records: validates each by itself, writes new and changed ones in one transaction.

A record is identified by its source and own id, and is unchanged if the digest of all its fields is: the same
batch twice has one effect. Records marked as gone are removed in the same transaction. One statement for each
table writes the rows, as in the log (decision 10).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import apsw
import orjson
from pydantic import BaseModel, ValidationError

from models.ack import ErrorCode
from sio_server.registry.errors import Refusal, faults_of
from sio_server.registry.ops import Json
from sio_server.registry.records import MOST_RECORDS, Most
from sio_server.search.labels import Label, Labels, label_of
from sio_server.search.ops import Ops, fingerprint_of
from sio_server.search.query import start_of
from sio_server.search.time_index import NO_TIME, TimeIndex

Numbers = Mapping[Label, int]
Execute = Callable[..., Any]
LAST_ID = 2**63 - 1  # SQLite's largest id
SORTED = orjson.OPT_SORT_KEYS

log = logging.getLogger("adjutant.search")


@dataclass(frozen=True)
class RecordBatch:
    """A request's raw records, to be validated as `model`; `key` is (principal, op), `most` the limits
    on the records of all sources and of one."""

    source: str
    records: Sequence[Any]
    model: type[BaseModel]
    key: tuple[str, str] | None = None
    most: Most = MOST_RECORDS


class Row(NamedTuple):
    """A valid record, ready to write; `original` is the record as received, as JSON."""

    own_id: str
    text: str
    at: str
    original: str
    digest: str
    kind: str | None
    title: str | None
    url: str | None
    label: Label


@dataclass
class PutResult:
    """What a batch did; `held` is the number of its source's records after it, `changed` are records that
    existed before, each with its new time and label."""

    indexed: int = 0
    unchanged: int = 0
    held: int = 0
    rejected: list[Json] = field(default_factory=list)
    replayed: bool = False
    changed: list[tuple[int, int, int]] = field(default_factory=list)
    removed: int = 0
    gone: list[int] = field(default_factory=list)

    def answer(self) -> Json:
        """Shape: models.records.PutRecordsDone."""
        counts = {"indexed": self.indexed, "unchanged": self.unchanged, "held": self.held}
        counts |= {"removed": self.removed} if self.removed else {}
        return counts | {"rejected": self.rejected}


class Ingest:
    """Stores batches through the writer's connection."""

    def __init__(self, connection: apsw.Connection, time_index: TimeIndex) -> None:
        self._connection = connection
        self._time_index = time_index
        self._labels = Labels(connection)
        self._ops = Ops(connection)
        self._seen_version: int | None = None

    def put(self, batch: RecordBatch) -> PutResult:
        """Stores the batch; it is on disk when this returns.

        Errors: conflict (the op was used for another request); apsw.Error, and then nothing was stored.
        """
        result = PutResult()
        rows = validated(batch, result)
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            self._notice_other_writers()
            earlier = self._replay(batch)
            if earlier is None:
                self._write(batch, rows, result)
                self._remove(batch, result)
                self._record_op(batch, result)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            self._labels.forget()
            raise
        self._update_time_index(batch.source, result)
        result = result if earlier is None else earlier
        result.held = self._time_index.counts[batch.source]
        return result

    def _notice_other_writers(self) -> None:
        """Forgets cached labels if another server on this file has written: it may have deleted some."""
        version = self._connection.pragma("data_version")
        if version != self._seen_version:
            self._labels.forget()
            self._seen_version = version

    def _replay(self, batch: RecordBatch) -> PutResult | None:
        if batch.key is None:
            return None
        answer = self._ops.replay(batch.key, fingerprint_of(batch.source, batch.records))
        return None if answer is None else PutResult(**answer, replayed=True)

    def _record_op(self, batch: RecordBatch, result: PutResult) -> None:
        if batch.key is not None:
            self._ops.record(batch.key, fingerprint_of(batch.source, batch.records), result.answer())

    def _update_time_index(self, source: str, result: PutResult) -> None:
        """Updates memory. The batch is on disk, so a failure here is only logged: the next search catches
        up."""
        try:
            self._time_index.catch_up(self._connection)
            for id, at_s, label in result.changed:
                self._time_index.set(id, at_s, label)
            self._time_index.remove(source, sorted(result.gone))
        except Exception:
            log.exception("new records are on disk but not yet in memory; the next search catches up")

    def _write(self, batch: RecordBatch, rows: Iterable[Row], result: PutResult) -> None:
        latest = latest_of(rows, result)
        fresh, changed = compared(latest, self._known(batch.source, [*latest]), result)
        held = self._time_index.records, self._time_index.counts[batch.source]
        check_room(held, len(fresh), batch)
        first = self._next_id(len(fresh)) if fresh else 0
        labels = self._labels.numbers(row.label for row in latest.values())
        self._insert([*enumerate(fresh, first)], batch.source, labels)
        self._update(changed, batch.source, labels)
        result.changed = [(id, seconds_of(row.at), labels[row.label]) for id, row in changed]

    def _remove(self, batch: RecordBatch, result: PutResult) -> None:
        """Removes records that are marked as gone; unknown ids are ignored."""
        own_ids = gone_of(batch)
        result.gone = [id for id, _ in self._known(batch.source, own_ids).values()] if own_ids else []
        result.removed = len(result.gone)
        for table in ("adjutant_entries", "adjutant_records", "messages") if result.gone else ():
            self._connection.execute(
                f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (_json(result.gone),)
            )

    def _known(self, source: str, own_ids: list[str]) -> dict[str, tuple[int, str]]:
        """The stored ones of the source's records: id and digest by own id."""
        found = self._connection.execute(
            "SELECT records.own_id, records.id, records.digest FROM json_each(?) AS asked"
            " CROSS JOIN adjutant_records AS records ON records.source = ? AND records.own_id = asked.value"
            " JOIN messages ON messages.id = records.id",  # the old program may have removed it
            (_json(own_ids), source),
        )
        return {own_id: (id, digest) for own_id, id, digest in found}

    def _next_id(self, more: int) -> int:
        """The next ids. None is used twice, as AUTOINCREMENT promises to the old program."""
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

    def _insert(self, rows: Sequence[tuple[int, Row]], source: str, labels: Numbers) -> None:
        if not rows:
            return
        values = _json([[id, row.text, source, day_of(row.at), row.original] for id, row in rows])
        self._connection.execute(
            "INSERT INTO messages (id, content, source, date, metadata)"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
            (values,),
        )
        self._describe(rows, source, labels)

    def _update(self, rows: Sequence[tuple[int, Row]], source: str, labels: Numbers) -> None:
        if not rows:
            return
        values = _json([[id, row.text, day_of(row.at), row.original] for id, row in rows])
        self._connection.execute(
            "UPDATE messages SET content = changed.value ->> 1, date = changed.value ->> 2,"
            " metadata = changed.value ->> 3 FROM json_each(?) AS changed"
            " WHERE messages.id = changed.value ->> 0",
            (values,),
        )
        self._describe(rows, source, labels)

    def _describe(self, rows: Sequence[tuple[int, Row]], source: str, labels: Numbers) -> None:
        """Writes the fields for which the old tables have no columns."""
        execute = self._connection.execute
        records = [
            [id, source, row.own_id, row.digest, row.kind, row.title, row.url, row.label.author]
            for id, row in rows
        ]
        execute(
            "INSERT OR REPLACE INTO adjutant_records"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
            " value ->> 6, value ->> 7 FROM json_each(?)",
            (_json(records),),
        )
        write_entries(execute, [(id, row.at, labels[row.label]) for id, row in rows])


def write_entries(execute: Execute, entries: Sequence[tuple[int, str | None, int]]) -> None:
    """Writes the exact time and the label of rows: (id, at, label)."""
    execute(
        "INSERT OR REPLACE INTO adjutant_entries"
        " SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)",
        (_json(entries),),
    )


def day_of(at: str) -> str:
    """A day or an instant in UTC as the old program writes dates; else its queries for days miss the row."""
    return at[:10]


def validated(batch: RecordBatch, result: PutResult) -> list[Row]:
    """The valid records; the others are listed in `result`."""
    rows = []
    for index, record in enumerate(batch.records):
        if _is_gone(record):
            continue
        try:
            rows.append(_row(batch.model.model_validate(record), record))
        except ValidationError as error:
            path, message = faults_of(error)[0]
            id = record.get("id") if isinstance(record, dict) else None
            named = {"id": id[:255]} if isinstance(id, str) else {}
            result.rejected.append({"index": index, **named, "path": path, "message": message})
    return rows


def latest_of(rows: Iterable[Row], result: PutResult) -> dict[str, Row]:
    """The rows by their own ids; of one that comes twice in a batch the last counts."""
    latest: dict[str, Row] = {}
    for row in rows:
        result.unchanged += row.own_id in latest
        latest[row.own_id] = row
    return latest


def compared(
    latest: Mapping[str, Row], known: Mapping[str, tuple[int, str]], result: PutResult
) -> tuple[list[Row], list[tuple[int, Row]]]:
    """The rows that are new, and those that have changed, by their ids; `known` has id and digest of those
    that are stored."""
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
    return fresh, changed


def check_room(held: tuple[int, int], more: int, batch: RecordBatch) -> None:
    """Records that are there already may be sent again when there is no room for new ones. `held` is how many
    there are of all sources, and of this one.

    Errors: Refusal with too_large.
    """
    for whose, number, most in zip(("", f" of {batch.source}"), held, batch.most, strict=True):
        if more and number + more > most:
            message = f"There are {number:,} records{whose}, and may be {most:,}: no more are taken."
            raise Refusal(ErrorCode.TOO_LARGE, message)


def gone_of(batch: RecordBatch) -> list[str]:
    """The own ids of records that are marked as gone."""
    return [record["id"] for record in batch.records if _is_gone(record)]


def _is_gone(record: Any) -> bool:
    """Whether it only marks a record as gone: `{"id": "m1", "gone": true}`."""
    return (
        isinstance(record, dict)
        and record.keys() == {"id", "gone"}
        and record["gone"] is True
        and isinstance(record["id"], str)
    )


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
        label_of(valid.title, valid.meta),
    )


def seconds_of(at: str) -> int:
    """A day or an instant in whole seconds since the epoch."""
    start_s = start_of(at)
    return NO_TIME if start_s is None else int(start_s // 1)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
