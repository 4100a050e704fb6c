"""The search file's tables: the old program's, unchanged, and Adjutant's own beside them."""

from __future__ import annotations

VERSION = 2
"""The old program's `user_version`; unchanged, because that program checks it."""

OLD_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content TEXT NOT NULL,
    source TEXT NOT NULL,
    date TEXT NOT NULL,
    metadata TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE VIRTUAL TABLE IF NOT EXISTS messages_fts USING fts5(
    content, content=messages, content_rowid=id, tokenize='porter unicode61'
);
CREATE TRIGGER IF NOT EXISTS messages_ai AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts (rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER IF NOT EXISTS messages_ad AFTER DELETE ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.id, old.content);
END;
CREATE TRIGGER IF NOT EXISTS messages_au AFTER UPDATE ON messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, content) VALUES ('delete', old.id, old.content);
    INSERT INTO messages_fts (rowid, content) VALUES (new.id, new.content);
END;
CREATE TABLE IF NOT EXISTS archives (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT UNIQUE NOT NULL,
    source TEXT NOT NULL,
    indexed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    record_count INTEGER DEFAULT 0,
    checksum TEXT,
    status TEXT DEFAULT 'active'
);
CREATE TABLE IF NOT EXISTS search_metadata (
    key TEXT PRIMARY KEY,
    value TEXT,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS idx_messages_source ON messages (source);
CREATE INDEX IF NOT EXISTS idx_messages_date ON messages (date);
CREATE INDEX IF NOT EXISTS idx_messages_created_at ON messages (created_at);
"""

OLD_TABLES = frozenset({"messages", "messages_fts"})
"""The tables that a search file must have."""

REQUIRED_QUERIES = (
    "SELECT id, content, source, date, metadata FROM messages LIMIT 0",
    "SELECT rowid, rank FROM messages_fts WHERE messages_fts MATCH 'x' LIMIT 0",
)
"""Statements that must work on these tables."""

OWN_SCHEMA = {
    "adjutant_records": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_records (
            id INTEGER PRIMARY KEY, -- of messages
            source TEXT NOT NULL, own_id TEXT NOT NULL, digest TEXT NOT NULL,
            kind TEXT, title TEXT, url TEXT, author TEXT
        );
        CREATE UNIQUE INDEX IF NOT EXISTS {schema}adjutant_records_own ON adjutant_records (source, own_id);
    """,
    "adjutant_entries": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_entries (
            id INTEGER PRIMARY KEY, -- of messages
            at TEXT, -- an instant or a day; NULL for the old program's rows: `messages.date` counts
            label INTEGER NOT NULL
        );
        CREATE INDEX IF NOT EXISTS {schema}adjutant_entries_label ON adjutant_entries (label);
    """,
    "adjutant_labels": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_labels (
            no INTEGER PRIMARY KEY, about TEXT NOT NULL, people TEXT NOT NULL, UNIQUE (about, people)
        );
        CREATE VIRTUAL TABLE IF NOT EXISTS {schema}adjutant_labels_fts USING fts5(
            about, people, content=adjutant_labels, content_rowid=no, tokenize='porter unicode61'
        );
        CREATE TRIGGER IF NOT EXISTS {schema}adjutant_labels_ai AFTER INSERT ON adjutant_labels BEGIN
            INSERT INTO adjutant_labels_fts (rowid, about, people) VALUES (new.no, new.about, new.people);
        END;
        CREATE TRIGGER IF NOT EXISTS {schema}adjutant_labels_ad AFTER DELETE ON adjutant_labels BEGIN
            INSERT INTO adjutant_labels_fts (adjutant_labels_fts, rowid, about, people)
            VALUES ('delete', old.no, old.about, old.people);
        END;
    """,
    "adjutant_directory": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_directory (
            source TEXT NOT NULL, own_id TEXT NOT NULL, names TEXT NOT NULL, -- a JSON list, as is the next
            addresses TEXT NOT NULL, PRIMARY KEY (source, own_id)
        ) WITHOUT ROWID;
    """,
    "adjutant_ops": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_ops (
            principal TEXT NOT NULL, op TEXT NOT NULL, at_s REAL NOT NULL, fingerprint TEXT NOT NULL,
            answer TEXT NOT NULL, PRIMARY KEY (principal, op)
        ) WITHOUT ROWID;
    """,
    "adjutant_meta": """
        CREATE TABLE IF NOT EXISTS {schema}adjutant_meta (
            key TEXT PRIMARY KEY, value TEXT NOT NULL
        ) WITHOUT ROWID;
    """,
}
"""By table. `{schema}` is empty, or `temp.` for a file that is read-only and lacks the table."""

FORMER_TABLES = ("adjutant_people", "adjutant_authors")
"""Tables of earlier versions, replaced by labels."""
