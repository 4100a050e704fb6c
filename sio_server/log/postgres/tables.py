"""The log's tables on PostgreSQL, keyed by board, and one statement for each table of an append.

As on SQLite (log/schema), but without checksums: PostgreSQL has its own, for its pages and its WAL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import orjson

from sio_server.log.rows import Rows
from sio_server.registry.encoding import encode
from sio_server.registry.ops import Json

SCHEMA = "adjutant"
"""The schema of our own, so that the database may be shared with other programs."""
NEWEST = 2
"""The version of the tables; `boards.version` says which one wrote a board."""
CHANNEL = "adjutant"
"""What an append notifies: the name of its board."""

TEXT, INTEGER, REAL = "text", "bigint", "double precision"
COLUMNS: dict[str, dict[str, str]] = {
    "meta": {"key": TEXT, "value": TEXT},
    "heads": {"room": TEXT, "seq": INTEGER, "mark": TEXT},
    "items": {"section": TEXT, "id": TEXT, "text_seq": INTEGER, "body": TEXT},
    "changes": {"seq": INTEGER, "at_s": REAL, "body": TEXT, "mark": TEXT, "effects": TEXT},
    "ops": {"principal": TEXT, "op": TEXT, "at_s": REAL, "fingerprint": TEXT, "ack": TEXT},
    "resting": {"section": TEXT, "code": TEXT, "id": TEXT, "label": TEXT, "seq": INTEGER, "at_s": REAL},
    "former": {
        "section": TEXT,
        "code": TEXT,
        "id": TEXT,
        "label": TEXT,
        "seq": INTEGER,
        "at_s": REAL,
        "given_s": REAL,
    },
    "texts": {"section": TEXT, "code": TEXT, "seq": INTEGER, "label": TEXT, "at_s": REAL},
    "item_changes": {"section": TEXT, "id": TEXT, "seq": INTEGER},
    "runs": {
        "person": TEXT,
        "handle": TEXT,
        "seq": INTEGER,
        "at_s": REAL,
        "line": TEXT,
        "before": TEXT,
        "cancels": TEXT,
        "forward": INTEGER,
        "undone": INTEGER,
    },
    "profiles": {"person": TEXT, "body": TEXT, "changed": INTEGER},
}
"""Every table but `boards`. Bodies are text and not jsonb: marks are hashes of their exact bytes.

`changes.effects` is what another node needs to apply the change (state.followed); `profiles.changed` the
number in `boards.beside` as of the profile's last change.
"""
ADDED = {("boards", "beside"): INTEGER, ("changes", "effects"): TEXT, ("profiles", "changed"): INTEGER}
"""What version 2 added to the tables of version 1, which still writes them: each has a default."""
_OF_BOARD = f"board text NOT NULL REFERENCES {SCHEMA}.boards ON DELETE CASCADE"
OF_NODES = {
    "nodes": "node text PRIMARY KEY, until timestamptz NOT NULL",
    "holders": f"{_OF_BOARD} PRIMARY KEY, node text NOT NULL",
    "links": f"{_OF_BOARD}, source text NOT NULL, node text NOT NULL, PRIMARY KEY (board, source, node)",
    "told": f"{_OF_BOARD}, number bigint NOT NULL, at timestamptz NOT NULL, body text NOT NULL,"
    " PRIMARY KEY (board, number)",
}
"""Since version 2: the leases of all nodes (log/postgres/membership); which one holds each board; which
sources are connected to which; and what nodes tell each other, numbered by `boards.beside`."""
TOLD_S = 600.0  # what nodes tell each other is kept so long: one that lives reads it within a second
_DEFAULTS = {INTEGER: "0", TEXT: "''"}

KEYS: dict[str, tuple[str, ...]] = {
    "meta": ("key",),
    "heads": ("room",),
    "items": ("section", "id"),
    "changes": ("seq",),
    "ops": ("principal", "op"),
    "resting": ("section", "code"),
    "former": ("section", "code"),
    "texts": ("section", "code", "seq"),
    "item_changes": ("section", "id", "seq"),
    "runs": ("person", "handle"),
    "profiles": ("person",),
}
REPLACED = ("meta", "heads", "items", "resting", "former", "profiles")
"""The tables in which a new row may replace another."""

BOARDS = f"""
    CREATE TABLE IF NOT EXISTS {SCHEMA}.boards (
        board text PRIMARY KEY, version integer NOT NULL, epoch text NOT NULL,
        seq bigint NOT NULL, mark text NOT NULL, appended text NOT NULL
    )
"""
"""One row for each board. Who appends locks it; `appended` names the last append, whether or not that moved
the head, so that its outcome can be read after a connection was lost. `beside` (since version 2) counts what
changed beside the state: profiles, and who sees private sources."""

INDEXES = (
    ("changes", "at_s"),
    ("ops", "at_s"),
    ("texts", "at_s"),
    ("runs", "seq"),
    ("runs", "at_s"),
)

JOINED_KEPT = 256
"""Of the statements that are composed of several; a hundred are usual, of some ten tables."""

Row = tuple[Any, ...]
Statement = tuple[bytes, tuple[Any, ...]]
"""A query, in bytes: what is composed is put together anew each time that it is run; and its values."""


def create() -> Iterator[str]:
    """The statements that make the tables where they are missing, and what they lack."""
    yield f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"
    yield BOARDS
    for table, columns in COLUMNS.items():
        first = ((name, kind) for name, kind in columns.items() if (table, name) not in ADDED)
        listed = ", ".join(f"{name} {kind} NOT NULL" for name, kind in first)
        key = ", ".join(KEYS[table])
        yield (
            f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{table} (board text NOT NULL"
            f" REFERENCES {SCHEMA}.boards ON DELETE CASCADE, {listed}, PRIMARY KEY (board, {key}))"
        )
    for table, column in INDEXES:
        name = f"{table}_{column}"
        yield f"CREATE INDEX IF NOT EXISTS {name} ON {SCHEMA}.{table} (board, {column})"
    for name, listed in OF_NODES.items():
        yield f"CREATE TABLE IF NOT EXISTS {SCHEMA}.{name} ({listed})"
    for (table, column), kind in ADDED.items():
        added = f"{column} {kind} NOT NULL DEFAULT {_DEFAULTS[kind]}"
        yield f"ALTER TABLE {SCHEMA}.{table} ADD COLUMN IF NOT EXISTS {added}"


def statements(board: str, rows: Rows, effects: Mapping[int, str], beside: int) -> Iterator[Statement]:
    """What an append writes, but for the row in `boards`; `effects` by position."""
    if rows.undone:
        yield undo(board, rows.undone)
    for table, gone, come in rows.tables():
        if table == "changes":
            come = [(*row, effects[row[0]]) for row in come]
        elif table == "profiles":
            come = [(*row, beside) for row in come]
        if gone:
            yield remove(board, table, gone)
        if come:
            yield put(board, table, come)


def in_one(parts: Sequence[Statement]) -> Statement:
    """All of them as one statement, which has the answer of the last: no two may write the same row, and none
    sees what another writes. The driver takes longer for each statement than for what is in it."""
    return _joined(tuple(query for query, _ in parts)), (*chain.from_iterable(values for _, values in parts),)


def told(board: str, what: Json) -> Statement:
    """Keeps what other nodes are told for those that follow; run before `boards.beside` is raised, or in one
    with what raises it."""
    return _TOLD, (encode(what).decode(), board)


def put(board: str, table: str, rows: Sequence[Row]) -> Statement:
    """Inserts the rows, or replaces those with the same key."""
    return _put(table), (board, _in_json(COLUMNS[table], rows))


def undo(board: str, lines: Sequence[tuple[str, str, int]]) -> Statement:
    """Marks earlier lines (person, handle, how) as undone."""
    return _UNDO, (_in_json(_UNDONE, lines), board)


def remove(board: str, table: str, keys: Sequence[Row]) -> Statement:
    """Deletes the rows with these keys."""
    return _remove(table), (board, _in_json(KEYS[table], keys))


def _in_json(names: Iterable[str], rows: Iterable[Row]) -> str:
    """The rows as one JSON text: the driver takes 15 times as long to write an array for each column."""
    listed = [*names]
    return orjson.dumps([dict(zip(listed, row, strict=True)) for row in rows]).decode()


def _rows(columns: Mapping[str, str], name: str) -> str:
    """Where a statement finds the rows of `_in_json`."""
    return f"json_to_recordset(%s::json) AS {name} ({_listed(columns)})"


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


_TOLD = (
    f"INSERT INTO {SCHEMA}.told (board, number, at, body) SELECT board, beside + 1, clock_timestamp(), %s"
    f" FROM {SCHEMA}.boards WHERE board = %s"
).encode()
_UNDONE = {"who": TEXT, "which": TEXT, "how": INTEGER}
_UNDO = (
    f"UPDATE {SCHEMA}.runs AS run SET undone = how FROM {_rows(_UNDONE, 'undone_now')}"
    " WHERE board = %s AND person = who AND handle = which"
).encode()


@lru_cache(JOINED_KEPT)
def _joined(queries: tuple[bytes, ...]) -> bytes:
    *first, last = queries
    named = [b"part_%d AS (%b)" % (number, query) for number, query in enumerate(first)]
    return b"WITH " + b", ".join(named) + b" " + last if named else last


@cache
def _put(table: str) -> bytes:
    columns = COLUMNS[table]
    query = f"INSERT INTO {SCHEMA}.{table} (board, {', '.join(columns)})"
    query += f" SELECT %s, * FROM {_rows(columns, 'new')}"
    return (query + _on_conflict(table) if table in REPLACED else query).encode()


@cache
def _remove(table: str) -> bytes:
    key = {name: COLUMNS[table][name] for name in KEYS[table]}
    query = f"DELETE FROM {SCHEMA}.{table} WHERE board = %s"
    return f"{query} AND ({', '.join(key)}) IN (SELECT * FROM {_rows(key, 'gone')})".encode()


def _on_conflict(table: str) -> str:
    key = KEYS[table]
    sets = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[table] if name not in key)
    return f" ON CONFLICT (board, {', '.join(key)}) DO UPDATE SET {sets}"
