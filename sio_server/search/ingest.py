"""One put: each record validated by itself, then what is new or changed written in one transaction.

A record is known by its source and its own id, and unchanged by the digest of all that was said of it: the
same put twice has one effect. Rows are written by one statement for each table, as in the log.
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
from sio_server.registry.records import Json
from sio_server.search.matching import person_words
from sio_server.search.query import begin_of
from sio_server.search.time_index import UNKNOWN, Spans

OPS_KEPT_S = 24 * 3600
AUTHOR_FIELDS = ("from", "author", "sender", "user_name", "speaker", "user")
"""Where the original may say who wrote it; the first that does is shown, and all of them are found."""
_ADDRESS_FIELDS = ("name", "real_name", "display_name", "email", "address")
AUTHOR_MAX = 200
META_SORTED = orjson.OPT_SORT_KEYS

NAMES_DEEP = 3
LAST_ID = 2**63 - 1

log = logging.getLogger("adjutant.search")


@dataclass(frozen=True)
class Batch:
    """What was sent: `records` as they came, each to be what `given` says; `key` is (principal, op)."""

    source: str
    records: Sequence[Any]
    given: type[BaseModel]
    key: tuple[str, str] | None = None


@dataclass(frozen=True)
class Row:
    """A record that fits, as it is written; `said` is the original record, as JSON."""

    own_id: str
    text: str
    at: str
    said: str
    digest: str
    kind: str | None
    title: str | None
    url: str | None
    people: tuple[str, ...]


@dataclass
class Taken:
    """What became of a put; `moved` are records whose time changed, with the new one."""

    indexed: int = 0
    unchanged: int = 0
    rejected: list[Json] = field(default_factory=list)
    replayed: bool = False
    moved: list[tuple[int, int]] = field(default_factory=list)

    def answer(self) -> Json:
        """Shape: models.records.PutRecordsDone."""
        return {"indexed": self.indexed, "unchanged": self.unchanged, "rejected": self.rejected}


class Taking:
    """Takes batches in, on the writer's connection."""

    def __init__(self, connection: apsw.Connection, spans: Spans) -> None:
        self._connection = connection
        self._spans = spans
        self._people: dict[tuple[str, ...], int] = {}

    def put(self, batch: Batch, now_s: float) -> Taken:
        """Takes the batch in; when this returns it is on disk.

        Errors: conflict (the op was used for something else); apsw.Error, and then nothing was taken in.
        """
        taken = Taken()
        rows = _sort_out(batch, taken)
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            known = None if batch.key is None else self._replay(batch)
            if known is None:
                self._write(batch, rows, taken)
                if batch.key is not None:
                    self._keep(batch, taken, now_s)
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            self._people.clear()
            raise
        self._remember(taken)
        return taken if known is None else known

    def _remember(self, taken: Taken) -> None:
        """It is on disk, so nothing here may fail it: what is missed is caught up with by the next search."""
        try:
            self._spans.catch_up(self._connection)
            for id, at_s in taken.moved:
                self._spans.move(id, at_s)
        except Exception:
            log.exception("records that were taken in are not in memory yet")

    def _write(self, batch: Batch, rows: Iterable[Row], taken: Taken) -> None:
        latest: dict[str, Row] = {}
        for row in rows:
            if row.own_id in latest:  # twice in one batch: the last counts
                taken.unchanged += 1
            latest[row.own_id] = row
        known = self._known(batch.source, [*latest])
        fresh, changed = [], []
        for own_id, row in latest.items():
            id, digest = known.get(own_id, (None, None))
            if id is None:
                fresh.append(row)
            elif digest == row.digest:
                taken.unchanged += 1
            else:
                changed.append((id, row))
        taken.indexed = len(fresh) + len(changed)
        first = self._next_id(len(fresh)) if fresh else 0
        self._insert([*enumerate(fresh, first)], batch.source)
        self._update(changed, batch.source)
        taken.moved = [(id, _seconds(row.at)) for id, row in changed]

    def _known(self, source: str, own_ids: list[str]) -> dict[str, tuple[int, str]]:
        """Those of the source's records that are in the index: id and digest."""
        found = self._connection.execute(
            "SELECT records.own_id, records.id, records.digest FROM json_each(?) AS asked"
            " CROSS JOIN adjutant_records AS records ON records.source = ? AND records.own_id = asked.value"
            " JOIN messages ON messages.id = records.id",  # the old program may have removed it
            (_json(own_ids), source),
        )
        return {own_id: (id, digest) for own_id, id, digest in found}

    def _next_id(self, more: int) -> int:
        """No id is given twice, as AUTOINCREMENT promises to the old program."""
        found = self._connection.execute(
            "SELECT max(ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0),"
            " ifnull((SELECT max(id) FROM messages), 0))"
        ).get
        first = int(found) + 1
        if first + more > LAST_ID:
            message = "A record in the search file has the last id there can be: no other can be added."
            raise Refusal(ErrorCode.STORAGE_UNAVAILABLE, message)
        return first

    def _insert(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        if not rows:
            return
        said = _json([[id, row.text, source, row.at, row.said] for id, row in rows])
        self._connection.execute(
            "INSERT INTO messages (id, content, source, date, metadata)"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
            (said,),
        )
        self._describe(rows, source)

    def _update(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        if not rows:
            return
        said = _json([[id, row.text, row.at, row.said] for id, row in rows])
        self._connection.execute(
            "UPDATE messages SET content = said.value ->> 1, date = said.value ->> 2,"
            " metadata = said.value ->> 3 FROM json_each(?) AS said WHERE messages.id = said.value ->> 0",
            (said,),
        )
        self._connection.execute(
            "DELETE FROM adjutant_authors WHERE id IN (SELECT value FROM json_each(?))",
            (_json([id for id, _ in rows]),),
        )
        self._describe(rows, source)

    def _describe(self, rows: Sequence[tuple[int, Row]], source: str) -> None:
        """What the old tables have no place for."""
        described = [
            [id, source, row.own_id, row.digest, row.kind, row.title, row.url, _shown(row.people)]
            for id, row in rows
        ]
        self._connection.execute(
            "INSERT OR REPLACE INTO adjutant_records"
            " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,"
            " value ->> 6, value ->> 7 FROM json_each(?)",
            (_json(described),),
        )
        self.note_authors([(id, row.people) for id, row in rows])

    def note_authors(self, written: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Keeps who wrote which record."""
        authors = [[self._person(people), id] for id, people in written if people]
        if authors:
            self._connection.execute(
                "INSERT OR IGNORE INTO adjutant_authors SELECT value ->> 0, value ->> 1 FROM json_each(?)",
                (_json(authors),),
            )

    def _person(self, people: tuple[str, ...]) -> int:
        """The number of a person; all names under which a record has its author are one."""
        number = self._people.get(people)
        if number is None:
            words = "".join(f" {name} /" for name in map(person_words, people) if name)
            execute = self._connection.execute
            execute("INSERT OR IGNORE INTO adjutant_people (words) VALUES (?)", (words,))
            number = int(execute("SELECT no FROM adjutant_people WHERE words = ?", (words,)).get)
            self._people[people] = number
        return number

    def _replay(self, batch: Batch) -> Taken | None:
        """The answer that this op got before."""
        found = self._connection.execute(
            "SELECT fingerprint, answer FROM adjutant_ops WHERE principal = ? AND op = ?", batch.key
        ).get
        if found is None:
            return None
        fingerprint, answer = found
        if fingerprint != _fingerprint(batch):
            message = "This op was used for another request: choose a new one for each request."
            raise Refusal(ErrorCode.CONFLICT, message)
        return Taken(**orjson.loads(answer), replayed=True)

    def _keep(self, batch: Batch, taken: Taken, now_s: float) -> None:
        assert batch.key is not None
        execute = self._connection.execute
        execute("DELETE FROM adjutant_ops WHERE at_s < ?", (now_s - OPS_KEPT_S,))
        values = (*batch.key, now_s, _fingerprint(batch), _json(taken.answer()))
        execute("INSERT INTO adjutant_ops VALUES (?, ?, ?, ?, ?)", values)


def _sort_out(batch: Batch, taken: Taken) -> list[Row]:
    """The records that fit; the others are named in `taken`."""
    rows = []
    for index, record in enumerate(batch.records):
        try:
            rows.append(_row(batch.given.model_validate(record), record))
        except ValidationError as error:
            path, message = faults_of(error)[0]
            id = record.get("id") if isinstance(record, dict) else None
            named = {"id": id[:255]} if isinstance(id, str) else {}
            taken.rejected.append({"index": index, **named, "path": path, "message": message})
    return rows


def _row(given: Any, record: Any) -> Row:
    said = orjson.dumps(record, option=META_SORTED)
    return Row(
        given.id,
        given.text,
        given.at,
        said.decode(),
        hashlib.blake2b(said, digest_size=12).hexdigest(),
        given.kind,
        given.title,
        given.url,
        people_in(given.meta or {}),
    )


def people_in(meta: Any) -> tuple[str, ...]:
    """The names and addresses of who wrote it, as the original's own fields say."""
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


def _shown(people: tuple[str, ...]) -> str | None:
    return people[0] if people else None


def _seconds(at: str) -> int:
    begins_s = begin_of(at)
    return UNKNOWN if begins_s is None else int(begins_s // 1)


def _fingerprint(batch: Batch) -> str:
    sent = orjson.dumps([batch.source, batch.records], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(sent).hexdigest()


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
