"""The log's tables on PostgreSQL, keyed by board, and one statement for each table of an append.

As on SQLite (log/schema), but without checksums: PostgreSQL has its own, for its pages and its WAL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from psycopg.sql import SQL, Composed, Identifier

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

Row = tuple[Any, ...]
Statement = tuple[Composed, tuple[Any, ...]]


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


def told(board: str, what: Json) -> Statement:
    """Keeps what other nodes are told for those that follow; run before `boards.beside` is raised."""
    return _TOLD, (encode(what).decode(), board)


def put(board: str, table: str, rows: Sequence[Row]) -> Statement:
    """Inserts the rows, or replaces those with the same key; one array for each column."""
    return _put(table), (board, *_columns(rows))


def undo(board: str, lines: Sequence[tuple[str, str, int]]) -> Statement:
    """Marks earlier lines (person, handle, how) as undone."""
    return _UNDO, (*_columns(lines), board)


def remove(board: str, table: str, keys: Sequence[Row]) -> Statement:
    """Deletes the rows with these keys."""
    return _remove(table), (board, *_columns(keys))


def _columns(rows: Sequence[Row]) -> Iterator[list[Any]]:
    return (list(column) for column in zip(*rows, strict=True))


_TOLD = SQL(
    "INSERT INTO {} (board, number, at, body) SELECT board, beside + 1, clock_timestamp(), %s FROM {}"
    " WHERE board = %s"
).format(Identifier(SCHEMA, "told"), Identifier(SCHEMA, "boards"))
_UNDO = SQL(
    "UPDATE {} AS run SET undone = how"
    " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS undone_now (who, which, how)"
    " WHERE board = %s AND person = who AND handle = which"
).format(Identifier(SCHEMA, "runs"))


@cache
def _put(table: str) -> Composed:
    columns = COLUMNS[table]
    query = SQL("INSERT INTO {} (board, {}) SELECT %s, * FROM unnest({})").format(
        Identifier(SCHEMA, table), _names(columns), _arrays(columns.values())
    )
    return query + _on_conflict(table) if table in REPLACED else query


@cache
def _remove(table: str) -> Composed:
    key = KEYS[table]
    return SQL("DELETE FROM {} WHERE board = %s AND ({}) IN (SELECT * FROM unnest({}))").format(
        Identifier(SCHEMA, table), _names(key), _arrays(COLUMNS[table][name] for name in key)
    )


def _on_conflict(table: str) -> Composed:
    key = KEYS[table]
    rest = [name for name in COLUMNS[table] if name not in key]
    sets = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in rest)
    return SQL(" ON CONFLICT (board, {}) DO UPDATE SET {}").format(_names(key), sets)


def _names(names: Iterable[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))


def _arrays(kinds: Iterable[str]) -> Composed:
    return SQL(", ").join(SQL("%s::" + kind + "[]") for kind in kinds)
