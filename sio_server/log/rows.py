"""A batch as rows, table by table, so that each table is written by one statement.

Each statement releases the interpreter's lock and then waits for it; beside a busy event loop that
costs milliseconds, so a batch of a hundred commits must not take hundreds of statements (decision 10).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import orjson

from sio_server.log.base import Entry
from sio_server.log.schema import PART
from sio_server.registry.encoding import encode
from sio_server.registry.ops import EVERYTHING, LineRecord
from sio_server.registry.persons import Profile, Profiles
from sio_server.state.commit import Commit
from sio_server.state.state import Effect

AT_ONCE = 1_000
"""Rows encoded at a time; every other thread waits meanwhile."""
FEW = 4
"""Most changes come alone: for this few rows JSON takes longer than it saves."""
LARGE_BYTES = 64 << 10

Row = tuple[Any, ...]


class Rows:
    """The rows of one append; of several rows with the same key the last one counts."""

    def __init__(self, entries: Sequence[Entry], now_s: float) -> None:
        self._now_s = now_s
        self._changes: list[Row] = []
        self._heads: dict[str, tuple[int, str]] = {}
        self._items: dict[tuple[str, str], Row | None] = {}
        self._resting: dict[tuple[str, str], Row | None] = {}
        self._former: dict[tuple[str, str], Row] = {}
        self._texts: list[Row] = []
        self._item_changes: list[Row] = []
        self._lines: list[Row] = []
        self._undone: list[Row] = []
        self._ops: dict[tuple[str, str], Row] = {}
        self._profiles: dict[str, Profile | None] = {}
        for entry in entries:
            self._add(entry)

    def statements(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """SQL and its values: those of a few rows, or one JSON array of many."""
        yield from self._insert_changes()
        yield from _insert("heads", 3, [(room, *head) for room, head in self._heads.items()])
        yield from _replace("items", 4, self._items)
        yield from _replace("resting", 6, self._resting)
        yield from _insert("former", 7, list(self._former.values()))
        yield from _insert("texts", 5, self._texts)
        yield from _insert("item_changes", 4, self._item_changes, "INSERT OR IGNORE")
        yield from _insert("runs", 9, self._lines)
        if self._undone:
            undone = "(SELECT value ->> 0 AS who, value ->> 1 AS which, value ->> 2 AS how FROM json_each(?))"
            which = "who = person AND which = handle"
            yield f"UPDATE runs SET undone = how FROM {undone} WHERE {which}", _values(self._undone)
        yield from _insert("ops", 5, list(self._ops.values()))
        for person in [person for person, profile in self._profiles.items() if profile is None]:
            yield "DELETE FROM profiles WHERE person = ?", (person,)
        found = [(name, encode(one.as_json()).decode()) for name, one in self._profiles.items() if one]
        yield from _insert("profiles", 2, found)

    def _insert_changes(self) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """A large body is passed by itself: inside JSON, megabytes would be copied several times."""
        small = [row for row in self._changes if len(row[2]) < LARGE_BYTES]
        rows = [(*row, body.decode(), mark) for *row, body, mark in small]
        yield from _insert("changes", 4, rows, "INSERT")
        for row in self._changes:
            if len(row[2]) >= LARGE_BYTES:
                yield "INSERT INTO changes VALUES (?, ?, CAST(? AS TEXT), ?)", row

    def _add(self, entry: Entry) -> None:
        if entry.commit is not None:
            self._add_commit(entry.commit, entry.effects)
        if entry.line_record is not None:
            self._add_line(*entry.line_record, changed=entry.commit is not None)
        self._profiles |= entry.profiles
        if entry.key is not None and entry.ack is not None:
            key = entry.key
            row = (key.principal, key.op, self._now_s, key.fingerprint, entry.ack.decode())
            self._ops[key.principal, key.op] = row

    def _add_commit(self, commit: Commit, effects: Sequence[Effect]) -> None:
        self._changes.append((commit.seq, self._now_s, commit.to_log(), commit.mark))
        self._heads |= dict.fromkeys((*commit.prev, EVERYTHING), (commit.seq, commit.mark))
        for effect in effects:
            name, row = (effect.section, effect.id), effect.row
            self._items[name] = None if row is None else (*name, row.text_seq, row.json.decode())
            self._item_changes.append((commit.seq // PART, *name, commit.seq))
            if effect.code is not None:
                self._add_code(effect, effect.code, commit.seq)

    def _add_code(self, effect: Effect, code: str, seq: int) -> None:
        rest, name = effect.rest, (effect.section, code)
        if rest is not None:
            row = (*name, rest.id, rest.label, rest.seq, rest.at_s)
            self._resting[name] = row if rest.given_s is None else None
            if rest.given_s is not None:
                self._former[name] = (*row, rest.given_s)
        elif effect.restored:
            self._resting[name] = None
        if effect.label is not None:
            self._texts.append((*name, seq, effect.label, self._now_s))

    def _add_line(self, person: str, record: LineRecord, changed: bool) -> None:
        self._undone += [(person, handle, 1 if changed else 2) for handle in record.undoes]
        if not changed:
            return
        before = encode([vars(item) for item in record.before]).decode()
        cancels = orjson.dumps(record.cancels).decode()
        row = (person, record.handle, record.seq, self._now_s)
        self._lines.append((*row, record.line, before, cancels, record.forward, False))
        self._item_changes += [(record.seq // PART, *name, record.seq) for name in record.also]


def profiles_in(rows: list[Row]) -> Profiles:
    """What is kept of persons, of (person, body). Errors: TypeError, when another version wrote it."""
    return {person: Profile(**orjson.loads(body)) for person, body in rows}


def _insert(
    table: str, columns: int, rows: list[Row], how: str = "INSERT OR REPLACE"
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Frees the rows as it takes them."""
    if 0 < len(rows) <= FEW:
        row = f"({', '.join('?' * columns)})"
        yield f"{how} INTO {table} VALUES {', '.join([row] * len(rows))}", tuple(chain(*rows))
        rows.clear()
    while rows:
        some = _values(rows[:AT_ONCE])
        del rows[:AT_ONCE]
        yield f"{how} INTO {table} SELECT {_columns(columns)} FROM json_each(?)", some


def _replace(
    table: str, columns: int, rows: dict[tuple[str, str], Row | None]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    gone = [name for name, row in rows.items() if row is None]
    if gone:
        key = {"items": "id", "resting": "code"}[table]
        which = f"(section, {key}) IN (SELECT {_columns(2)} FROM json_each(?))"
        yield f"DELETE FROM {table} WHERE {which}", _values(gone)
    left = [row for row in rows.values() if row is not None]
    rows.clear()
    yield from _insert(table, columns, left)


def _values(rows: Sequence[Row]) -> tuple[str]:
    return (orjson.dumps(rows).decode(),)


def _columns(count: int) -> str:
    return ", ".join(f"value ->> {number}" for number in range(count))
