"""The store's tables, as an append-only list of migrations."""

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
    """
    CREATE TABLE former (
        section TEXT NOT NULL, code TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL,
        seq INTEGER NOT NULL, at_s REAL NOT NULL, given_s REAL NOT NULL, PRIMARY KEY (section, code)
    ) WITHOUT ROWID;
    CREATE TABLE item_changes (
        part INTEGER NOT NULL, section TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL,
        PRIMARY KEY (part, section, id, seq)
    ) WITHOUT ROWID;
    INSERT OR IGNORE INTO item_changes
        SELECT seq / 1000, change.value ->> '$.section', change.value ->> '$.id', seq
        FROM changes, json_each(body, '$.changes') AS change;
    CREATE TABLE runs (
        person TEXT NOT NULL, handle TEXT NOT NULL, seq INTEGER NOT NULL, at_s REAL NOT NULL,
        line TEXT NOT NULL, before TEXT NOT NULL, cancels TEXT NOT NULL, forward INTEGER NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0, -- 1 by a commit, 2 without one
        PRIMARY KEY (person, handle)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX runs_seq ON runs (seq);
    CREATE INDEX runs_newest ON runs (person, seq);
    CREATE INDEX runs_at ON runs (at_s);
    """,
    """
    ALTER TABLE changes ADD COLUMN mark TEXT NOT NULL DEFAULT '';
    ALTER TABLE heads ADD COLUMN mark TEXT NOT NULL DEFAULT '';
    """,
    """
    CREATE TABLE profiles (person TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE meta ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE items ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE heads ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE changes ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE ops ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE resting ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE former ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE texts ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE item_changes ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE runs ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE profiles ADD COLUMN sum INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE heads ADD COLUMN total INTEGER NOT NULL DEFAULT 0;
    """,
)

VERSION = len(MIGRATIONS)
WITH_SUMS = 5
"""The version from which rows have checksums (sums.add_all); later tables have them from the start."""
PART = 1_000
"""Seqs in one part of `item_changes`. It keeps a batch's rows together on a few pages; sorted by item alone,
each row would touch a page of its own."""
