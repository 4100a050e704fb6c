"""The store's tables, as the list of migrations that led to them; the list only ever grows."""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE items (
        section TEXT NOT NULL, id TEXT NOT NULL, text_seq INTEGER NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (section, id)
    ) WITHOUT ROWID;
    CREATE TABLE heads (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE changes (seq INTEGER PRIMARY KEY, at_s REAL NOT NULL, body TEXT NOT NULL);
    CREATE INDEX changes_at ON changes (at_s);
    CREATE TABLE ops (
        principal TEXT NOT NULL, op TEXT NOT NULL, at_s REAL NOT NULL, fingerprint TEXT NOT NULL,
        ack TEXT NOT NULL, PRIMARY KEY (principal, op)
    ) WITHOUT ROWID;
    CREATE INDEX ops_at ON ops (at_s);
    CREATE TABLE resting (
        section TEXT NOT NULL, code TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
        seq INTEGER NOT NULL, at_s REAL NOT NULL, PRIMARY KEY (section, code)
    ) WITHOUT ROWID;
    CREATE TABLE texts (
        section TEXT NOT NULL, code TEXT NOT NULL, seq INTEGER NOT NULL, label TEXT NOT NULL,
        at_s REAL NOT NULL, PRIMARY KEY (section, code, seq)
    ) WITHOUT ROWID;
    CREATE INDEX texts_at ON texts (at_s);
    """,
)

VERSION = len(MIGRATIONS)
