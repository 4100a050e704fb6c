"""Checksums that prove that a store has all its rows, unaltered (decision 62).

Each row has the checksum of its other columns in `sum`; `total`, in the head's row, is the sum of them all.
Pages have checksums too (files), but other SQLite programs do not write them, nor does SQLite in the WAL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import apsw
import orjson

from sio_server.registry.ops import EVERYTHING

COLUMNS = {
    "meta": "'', key, value",
    "items": "body, section, id, text_seq",
    "heads": "'', room, seq, mark",
    "changes": "body, seq, at_s, mark",
    "ops": "ack, principal, op, at_s, fingerprint",
    "resting": "'', section, code, id, label, seq, at_s",
    "former": "'', section, code, id, label, seq, at_s, given_s",
    "texts": "'', section, code, seq, label, at_s",
    "item_changes": "'', part, section, id, seq",
    "runs": "'', person, handle, seq, at_s, line, before, cancels, forward",
    "profiles": "'', person, body",
}
"""The columns that `sum` covers, the large one first. A run's `undone`, which alone changes, is added."""

IN_TOTAL = [table for table in COLUMNS if table != "heads"]
"""Without the heads, which share a page with the total itself."""

COUNTED = ("sum", "total")
"""The columns that hold sums; `add_all` computes them from the others."""

EPOCH = "epoch"
"""The key of the store's epoch."""

PROBE = "probe"
"""The key that readiness probes write and nobody reads: its sum is 0."""

_SUM = {table: f"row_sum({columns})" for table, columns in COLUMNS.items()}
_SUM["runs"] += " + undone"
_TOTAL = " + ".join(f"(SELECT coalesce(sum(sum), 0) FROM {table})" for table in IN_TOTAL)
_HEAD = f"WHERE room = '{EVERYTHING}'"

Query = tuple[str, tuple[Any, ...]]


def text_sum(text: str, body: bytes = b"") -> int:
    """The checksum of a row, from `body` and the text of its other columns, joined by spaces."""
    return crc32(text.encode(), crc32(body))


def row_sum(body: Any, *values: Any) -> int:
    """The checksum of a row, from its columns."""
    return text_sum(" ".join(in_text(value) for value in values), body.encode())


def in_text(value: str | float | None) -> str:
    """A column's value as text; times to the millisecond."""
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def register(connection: apsw.Connection) -> None:
    """Adds row_sum(...) to the connection's SQL."""
    connection.create_scalar_function("row_sum", row_sum, deterministic=True)  # type: ignore[arg-type]


def add_all(connection: apsw.Connection) -> None:
    """Gives every row its sum, and the head the total. Inside a transaction."""
    connection.execute("DELETE FROM meta WHERE key = ?", (PROBE,))
    connection.execute(f"INSERT OR IGNORE INTO heads (room, seq) VALUES ('{EVERYTHING}', 0)")
    for table, sum_of in _SUM.items():
        connection.execute(f"UPDATE {table} SET sum = {sum_of}")
    connection.execute(f"UPDATE heads SET total = {_TOTAL} {_HEAD}")


def is_total(connection: apsw.Connection) -> bool:
    """Whether the rows' sums add up to the head's total."""
    return bool(connection.execute(f"SELECT total = {_TOTAL} FROM heads {_HEAD}").get)


def altered(connection: apsw.Connection) -> bool:
    """Whether any row does not match its sum."""
    register(connection)
    fitting = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE sum <> {sum_of}" + (f" AND key <> '{PROBE}'" if table == "meta" else "")
        for table, sum_of in _SUM.items()
    )
    try:
        return connection.execute(f"{fitting} LIMIT 1").get is not None
    except UnicodeDecodeError:  # not a text that was ever written
        return True


def sum_of(table: str, key: str, names: Sequence[Any]) -> Query:
    """The query for the sum of the rows with these keys; `key` names the columns."""
    columns = ", ".join(f"value ->> {number}" for number in range(key.count(",") + 1))
    which = f"({key}) IN (SELECT {columns} FROM json_each(?))"
    return f"SELECT coalesce(sum(sum), 0) FROM {table} WHERE {which}", (orjson.dumps(names).decode(),)


def drop(connection: apsw.Connection, table: str, which: str, values: Iterable[Any]) -> None:
    """Deletes rows, and subtracts them from the total. Inside a transaction."""
    values = tuple(values)
    less = f"(SELECT coalesce(sum(sum), 0) FROM {table} WHERE {which})"
    connection.execute(f"UPDATE heads SET total = total - {less} {_HEAD}", values)
    connection.execute(f"DELETE FROM {table} WHERE {which}", values)


def set_meta(connection: apsw.Connection, key: str, value: str) -> None:
    """Stores a value under the key. Inside a transaction."""
    drop(connection, "meta", "key = ?", (key,))
    connection.execute(f"UPDATE heads SET total = total + ? {_HEAD}", (row_sum("", key, value),))
    connection.execute("INSERT INTO meta VALUES (?, ?, ?)", (key, value, row_sum("", key, value)))
