"""A batch as rows, table by table, so that one statement writes each table (decision 10).

Each statement releases the interpreter's lock and waits to get it back; beside a busy event loop that costs
milliseconds, so a batch of a hundred commits must not take hundreds of statements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

import orjson

from sio_server.log.base import Entry
from sio_server.log.schema import PART
from sio_server.log.sums import Query, in_text, row_sum, sum_of, text_sum
from sio_server.registry.encoding import encode
from sio_server.registry.ops import EVERYTHING, LineRecord
from sio_server.registry.persons import Profile, Profiles
from sio_server.state.commit import Commit
from sio_server.state.state import Effect
from sio_server.state.state import Row as StateRow

AT_ONCE = 1_000
"""Rows encoded at a time, while every other thread waits."""
FEW = 4
"""Most changes come alone: for so few rows JSON costs more than it saves."""
LARGE_BYTES = 64 << 10  # of a change's body: copying it as JSON would show


Row = tuple[Any, ...]
Name = tuple[str, str]
Table = dict[Row, Row | None]


REPLACE = "INSERT OR REPLACE"
KEYS = {
    "items": "section, id",
    "resting": "section, code",
    "former": "section, code",
    "profiles": "person",
}
"""The tables in which a new row may replace another."""

UNDONE, UNDONE_WITHOUT_A_COMMIT = 1, 2  # values of runs.undone; 0: not undone
_UNDONE = "(SELECT value ->> 0 AS who, value ->> 1 AS which, value ->> 2 AS how FROM json_each(?))"
_THAT_RUN = "who = person AND which = handle"
ItemSums = dict[str, dict[str, int]]
"""By section and id."""


class Rows:
    """The rows of one append, each with its checksum (sums); of rows with the same key the last one wins."""

    def __init__(self, entries: Sequence[Entry], now_s: float) -> None:
        self._now_s = now_s
        self._now = in_text(now_s)
        self._sum = 0
        self._item_sums: list[tuple[str, str, int]] = []
        self._heads: dict[str, tuple[int, str]] = {}
        self._changes: list[Row] = []
        self._items, self._resting, self._former, self._profiles = Table(), Table(), Table(), Table()
        self._texts, self._item_changes, self._lines, self._ops = Table(), Table(), Table(), Table()
        self._undone: dict[Name, int] = {}
        for entry in entries:
            self._add(entry)

    def more(self, items: ItemSums) -> int:
        """The amount by which the rows raise the store's total, given its items' current sums."""
        more = self._sum
        for (section, id), row in self._items.items():
            more -= items[section].get(id, 0)
            self._item_sums.append((section, id, 0 if row is None else row[-1]))
        return more

    def note_sums(self, items: ItemSums) -> None:
        """Updates the sums of the items, once the rows are written."""
        for section, id, sum_ in self._item_sums:
            if sum_:
                items[section][id] = sum_
            else:
                items[section].pop(id, None)

    def replaced(self) -> Iterator[Query]:
        """Queries for the amounts that the total loses: the sums of replaced rows other than items."""
        rare = (("resting", self._resting), ("former", self._former), ("profiles", self._profiles))
        for table, rows in rare:
            if rows:
                yield sum_of(table, KEYS[table], list(rows))
        if self._undone:
            query = f"SELECT coalesce(sum(undone - how), 0) FROM runs JOIN {_UNDONE} ON {_THAT_RUN}"
            yield query, self._undone_values()

    def statements(self, total: int) -> Iterator[Query]:
        """SQL with its values: those of a few rows, or many as one JSON array. `total` is the new total."""
        yield from self._insert_changes()
        if not self._heads:
            yield f"UPDATE heads SET total = ? WHERE room = '{EVERYTHING}'", (total,)
        yield from _insert("heads", self._head_rows(total), REPLACE)
        yield from _replace("items", self._items)
        yield from _replace("resting", self._resting)
        yield from _replace("former", self._former)
        yield from _insert("texts", list(self._texts.values()))
        yield from _insert("item_changes", list(self._item_changes.values()))
        if self._undone:
            moves = "SET undone = how, sum = sum + how - undone"
            yield f"UPDATE runs {moves} FROM {_UNDONE} WHERE {_THAT_RUN}", self._undone_values()
        yield from _insert("runs", list(self._lines.values()))
        yield from _insert("ops", list(self._ops.values()))
        yield from _replace("profiles", self._profiles)

    def tables(self) -> Iterator[tuple[str, list[Row], list[Row]]]:
        """Each table's keys that go and rows that come, without sums: for a log that keeps none.

        Of `runs`, what is undone is in `undone`.
        """
        yield "changes", [], [(seq, at_s, body.decode(), mark) for seq, at_s, body, mark, _ in self._changes]
        yield "heads", [], [(room, seq, mark) for room, (seq, mark) in self._heads.items()]
        for table, rows in (
            ("items", self._items),
            ("resting", self._resting),
            ("former", self._former),
            ("texts", self._texts),
            ("ops", self._ops),
            ("profiles", self._profiles),
        ):
            gone = [key for key, row in rows.items() if row is None]
            yield table, gone, [row[:-1] for row in rows.values() if row is not None]
        yield "item_changes", [], [*self._item_changes]
        yield "runs", [], [row[:-1] for row in self._lines.values() if row is not None]

    @property
    def undone(self) -> list[tuple[str, str, int]]:
        """Earlier lines that are undone now: person, handle, how."""
        return [(*name, how) for name, how in self._undone.items()]

    def _head_rows(self, total: int) -> list[Row]:
        return [
            (room, seq, mark, text_sum(f"{room} {seq} {mark}"), total if room == EVERYTHING else 0)
            for room, (seq, mark) in self._heads.items()
        ]

    def _undone_values(self) -> tuple[str]:
        return _values(self.undone)

    def _insert_changes(self) -> Iterator[Query]:
        """Inserts the changes; large bodies alone, because inside JSON they would be copied several times."""
        small = [row for row in self._changes if len(row[2]) < LARGE_BYTES]
        rows = [(seq, at_s, body.decode(), mark, sum_) for seq, at_s, body, mark, sum_ in small]
        yield from _insert("changes", rows)
        for row in self._changes:
            if len(row[2]) >= LARGE_BYTES:
                yield "INSERT INTO changes VALUES (?, ?, CAST(? AS TEXT), ?, ?)", row

    def _add(self, entry: Entry) -> None:
        if entry.commit is not None:
            self._add_commit(entry.commit, entry.effects)
        if entry.line_record is not None:
            self._add_line(*entry.line_record, changed=entry.commit is not None)
        for person, profile in entry.profiles.items():
            row = None if profile is None else _summed(person, encode(profile.as_json()).decode())
            self._take(self._profiles, (person,), row)
        if entry.key is not None and entry.ack is not None:
            key = entry.key
            row = (key.principal, key.op, self._now_s, key.fingerprint, entry.ack.decode())
            sum_ = text_sum(f"{key.principal} {key.op} {self._now} {key.fingerprint}", entry.ack)
            self._take(self._ops, row[:2], (*row, sum_))

    def _add_commit(self, commit: Commit, effects: Sequence[Effect]) -> None:
        seq, body, mark = commit.seq, commit.to_log(), commit.mark
        sum_ = text_sum(f"{seq} {self._now} {mark}", body)
        self._sum += sum_
        self._changes.append((seq, self._now_s, body, mark, sum_))
        self._heads |= dict.fromkeys((*commit.prev, EVERYTHING), (seq, mark))
        for effect in effects:
            section, id, row = effect.section, effect.id, effect.row
            self._take(self._items, (section, id), None if row is None else _item(section, id, row))
            self._note_change(section, id, seq)
            if effect.code is not None:
                self._add_code(effect, effect.code, seq)

    def _add_code(self, effect: Effect, code: str, seq: int) -> None:
        rest, name = effect.rest, (effect.section, code)
        if rest is not None:
            row = (*name, rest.id, rest.label, rest.seq, rest.at_s)
            self._take(self._resting, name, _summed(*row) if rest.given_s is None else None)
            if rest.given_s is not None:
                self._take(self._former, name, _summed(*row, rest.given_s))
        elif effect.restored:
            self._take(self._resting, name, None)
        if effect.label is not None:
            sum_ = text_sum(f"{effect.section} {code} {seq} {effect.label} {self._now}")
            self._take(self._texts, (*name, seq), (*name, seq, effect.label, self._now_s, sum_))

    def _add_line(self, person: str, record: LineRecord, changed: bool) -> None:
        # Without `cancels` it did more than undo: what it undid may have been done again, and is still there.
        how = UNDONE if changed or not record.cancels else UNDONE_WITHOUT_A_COMMIT
        for name in ((person, handle) for handle in record.undoes):
            row = self._lines.get(name)
            if row is None:
                self._undone[name] = how
            else:
                self._take(self._lines, name, (*row[:-2], how, row[-1] + how))
        if not changed:
            return
        before = encode([vars(item) for item in record.before]).decode()
        cancels, forward = orjson.dumps(record.cancels).decode(), int(record.forward)
        line = (person, record.handle, record.seq, self._now_s, record.line, before, cancels, forward)
        self._take(self._lines, (person, record.handle), (*line, 0, row_sum("", *line)))
        for name in record.also:
            self._note_change(*name, record.seq)

    def _note_change(self, section: str, id: str, seq: int) -> None:
        part = seq // PART
        sum_ = text_sum(f"{part} {section} {id} {seq}")
        self._take(self._item_changes, (section, id, seq), (part, section, id, seq, sum_))

    def _take(self, rows: Table, key: Row, row: Row | None) -> None:
        old = rows.get(key)
        self._sum += (0 if row is None else row[-1]) - (0 if old is None else old[-1])
        rows[key] = row


def profiles_in(rows: list[Row]) -> Profiles:
    """Profiles from rows of (person, body). Errors: TypeError, if another version wrote them."""
    return {person: Profile(**orjson.loads(body)) for person, body in rows}


def _summed(*row: Any) -> Row:
    return (*row, row_sum("", *row))


def _item(section: str, id: str, row: StateRow) -> Row:
    sum_ = text_sum(f"{section} {id} {row.text_seq}", row.json)
    return (section, id, row.text_seq, row.json.decode(), sum_)


def _insert(table: str, rows: list[Any], how: str = "INSERT") -> Iterator[Query]:
    """Yields the inserts, and frees the rows on the way."""
    if 0 < len(rows) <= FEW:
        yield _insert_few(how, table, len(rows[0]), len(rows)), tuple(chain(*rows))
        rows.clear()
    while rows:
        columns = _columns(len(rows[0]))
        some = _values(rows[:AT_ONCE])
        del rows[:AT_ONCE]
        yield f"{how} INTO {table} SELECT {columns} FROM json_each(?)", some


@cache
def _insert_few(how: str, table: str, columns: int, rows: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"{how} INTO {table} VALUES {', '.join([row] * rows)}"


def _replace(table: str, rows: Table) -> Iterator[Query]:
    gone = [key for key, row in rows.items() if row is None]
    if gone:
        which = f"({KEYS[table]}) IN (SELECT {_columns(len(gone[0]))} FROM json_each(?))"
        yield f"DELETE FROM {table} WHERE {which}", _values(gone)
    left = [row for row in rows.values() if row is not None]
    rows.clear()
    yield from _insert(table, left, REPLACE)


def _values(rows: Sequence[Row]) -> tuple[str]:
    return (orjson.dumps(rows).decode(),)


def _columns(count: int) -> str:
    return ", ".join(f"value ->> {number}" for number in range(count))
