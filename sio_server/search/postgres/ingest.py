"""Stores one batch of records in the database, as search/ingest does in the file.

Whoever puts locks the board's row, so that puts of several servers follow each other, and each is one
transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import orjson

from sio_server.search.ingest import (
    PutResult,
    RecordBatch,
    Row,
    check_room,
    compared,
    gone_of,
    latest_of,
    seconds_of,
    validated,
)
from sio_server.search.ops import fingerprint_of
from sio_server.search.postgres import lexemes, vocabulary
from sio_server.search.postgres.feed import BoardRow
from sio_server.search.postgres.labels import LabelNumbers
from sio_server.search.postgres.ops import PostgresOps
from sio_server.search.postgres.session import RecordsSession
from sio_server.search.postgres.tables import BOARDS, PUTS, RECORDS, WORDS, by_key, delete_by_key
from sio_server.search.tokenizer import Tokenizer

PUTS_KEPT = 10_000
"""Versions that another server can follow from; one that has slept longer reads all records again."""
PRUNED_EVERY = 500  # versions
_BOARD = (
    f"SELECT version, mark, top, records, tokens, people, labels FROM {BOARDS} WHERE board = %s FOR UPDATE"
)
_MOVES = (
    f"UPDATE {BOARDS} SET version = %s, mark = %s, top = %s, records = %s, tokens = %s, labels = %s"
    " WHERE board = %s"
)
_RECORD = {
    "id": "bigint",
    "source": "text",
    "own_id": "text",
    "digest": "text",
    "at": "text",
    "at_s": "bigint",
    "label": "integer",
    "kind": "text",
    "title": "text",
    "url": "text",
    "author": "text",
    "content": "text",
    "fields": "text",
}
"""The columns of a record that differ within a put."""
_INSERT = (
    f"INSERT INTO {RECORDS} (board, version, {', '.join(_RECORD)}) SELECT %s, %s, * FROM"
    f" json_to_recordset(%s::json) AS new ({', '.join(map(' '.join, _RECORD.items()))})"
)
"""Rows go as one JSON text: the driver takes 20 times as long to write arrays."""
_INSERT_WORDS = (
    f"INSERT INTO {WORDS} SELECT %s, id, size, is_long, words::tsvector FROM json_to_recordset(%s::json)"
    " AS new (id bigint, size integer, is_long boolean, words text)"
)


class PostgresIngest:
    """Stores batches through the writer's session."""

    def __init__(self, session: RecordsSession, no: int, tokenizer: Tokenizer) -> None:
        self._session = session
        self._no = no
        self._tokenizer = tokenizer
        self._labels = LabelNumbers(session, no, tokenizer)
        self._ops = PostgresOps(session)
        self._connection: object = None

    def put(self, batch: RecordBatch, held: int) -> PutResult:
        """Stores the batch, without `held`; it is on disk when this returns.

        `held` is how many records of its source this server knows of: others may have put some since.

        Errors: conflict (the op was used for another request), too_large; StoreFault with `unknown` when
        nobody knows; psycopg.Error, LogError, and then nothing was stored.
        """
        result = PutResult()
        rows = validated(batch, result)
        fingerprint = "" if batch.key is None else fingerprint_of(batch.source, batch.records)
        try:
            with self._session.storing(_BOARD, (self._session.board,)) as [row]:
                if self._connection is not self._session.connection:
                    self._labels.forget()
                    self._connection = self._session.connection
                answer = None if batch.key is None else self._ops.replay(batch.key, fingerprint)
                if answer is not None:
                    return PutResult(**answer, replayed=True)
                self._write(batch, held, rows, result, BoardRow(*row[:-1]), row[-1])
                if batch.key is not None:
                    self._ops.record(batch.key, fingerprint, result.answer())
        except BaseException:
            self._labels.forget()
            raise
        return result

    def _write(
        self,
        batch: RecordBatch,
        held: int,
        rows: Sequence[Row],
        result: PutResult,
        board: BoardRow,
        labels: int,
    ) -> None:
        latest = latest_of(rows, result)
        fresh, changed = compared(latest, self._known(batch.source, [*latest]), result)
        check_room((board.records, held), len(fresh), batch)
        own_ids = gone_of(batch)
        result.gone = [id for id, _ in self._known(batch.source, own_ids).values()] if own_ids else []
        result.removed = len(result.gone)
        if not (fresh or changed or result.gone):
            return
        written = [*changed, *enumerate(fresh, board.top + 1)]
        # What has changed is written anew. Of one that is both changed and gone only the end counts.
        out = {id for id, _ in changed} | {*result.gone}
        written = [(id, row) for id, row in written if id not in result.gone]
        size = -self._delete([*out]) if out else 0
        version = board.version + 1
        new_labels, sizes = self._insert(batch.source, version, written, labels) if written else (0, 0)
        records = board.records + len(fresh) - result.removed
        mark = secrets.token_hex(8)
        moved = (board.top + len(fresh), records, board.tokens + size + sizes, labels + new_labels)
        self._session.run(_MOVES, (version, mark, *moved, self._session.board))
        self._session.run(
            f"INSERT INTO {PUTS} VALUES (%s, %s, %s, %s, %s)",
            (self._session.board, version, mark, batch.source, result.gone),
        )
        if version % PRUNED_EVERY == 0:
            self._session.run(
                f"DELETE FROM {PUTS} WHERE board = %s AND version < %s",
                (self._session.board, version - PUTS_KEPT),
            )

    def _known(self, source: str, own_ids: list[str]) -> dict[str, tuple[int, str]]:
        """The stored ones of the source's records: id and digest by own id."""
        found = self._session.ask(
            by_key("own_id, id, digest", RECORDS, "own_id", "text", "board = %s AND source = %s"),
            (own_ids, self._session.board, source),
        )
        return {own_id: (id, digest) for own_id, id, digest in found}

    def _delete(self, ids: list[int]) -> int:
        """Deletes these records; returns how many tokens they had."""
        values = (ids, self._session.board)
        self._session.run(delete_by_key(RECORDS), values)
        return sum(size for (size,) in self._session.ask(f"{delete_by_key(WORDS)} RETURNING size", values))

    def _insert(
        self, source: str, version: int, rows: Sequence[tuple[int, Row]], labels: int
    ) -> tuple[int, int]:
        """Inserts these records; returns how many labels are new, and how many tokens they have."""
        numbers, new = self._labels.numbers((row.label for _, row in rows), labels)
        tokens = [[token for _, _, token in self._tokenizer(row.text)] for _, row in rows]
        values = [_values(id, source, row, numbers[row.label]) for id, row in rows]
        self._session.run(_INSERT, (self._session.board, version, orjson.dumps(values).decode()))
        words = [
            {"id": id, "size": len(of_one), "is_long": is_long, "words": text}
            for (id, _), of_one in zip(rows, tokens, strict=True)
            for text, is_long in [lexemes.words_of(self._no, id, of_one)]
        ]
        self._session.run(_INSERT_WORDS, (self._session.board, orjson.dumps(words).decode()))
        vocabulary.store(self._session, version, False, {token for some in tokens for token in some})
        on_labels = {token for label in new for part in label[:2] for _, _, token in self._tokenizer(part)}
        vocabulary.store(self._session, version, True, on_labels)
        return len(new), sum(map(len, tokens))


def _values(id: int, source: str, row: Row, label: int) -> dict[str, Any]:
    """By the columns of _RECORD."""
    return {
        "id": id,
        "source": source,
        "own_id": row.own_id,
        "digest": row.digest,
        "at": row.at,
        "at_s": seconds_of(row.at),
        "label": label,
        "kind": row.kind,
        "title": row.title,
        "url": row.url,
        "author": row.label.author,
        "content": row.text,
        "fields": _fields(row),
    }


def _fields(row: Row) -> str:
    """The record as received, as JSON, without its text."""
    original: dict[str, Any] = orjson.loads(row.original)
    del original["text"]
    return orjson.dumps(original).decode()
