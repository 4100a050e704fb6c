"""A search file as the old system made it, by plain SQL, and what that system does to it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL,
    metadata TEXT, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
CREATE VIRTUAL TABLE messages_fts USING fts5(
    content, content=messages, content_rowid=id, tokenize='porter unicode61'
);
CREATE TRIGGER messages_ai AFTER INSERT ON messages BEGIN
    INSERT INTO messages_fts(rowid, content) VALUES (new.id, new.content);
END;
CREATE TRIGGER messages_ad AFTER DELETE ON messages BEGIN
    INSERT INTO messages_fts(messages_fts, rowid, content) VALUES('delete', old.id, old.content);
END;
CREATE TRIGGER messages_au AFTER UPDATE ON messages BEGIN
    INSERT INTO messages_fts(messages_fts, rowid, content) VALUES('delete', old.id, old.content);
    INSERT INTO messages_fts(rowid, content) VALUES (new.id, new.content);
END;
CREATE TABLE archives (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE NOT NULL, source TEXT NOT NULL,
    indexed_at TIMESTAMP, record_count INTEGER, checksum TEXT, status TEXT
);
CREATE TABLE search_metadata (key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP);
CREATE INDEX idx_messages_source ON messages(source);
CREATE INDEX idx_messages_date ON messages(date);
CREATE INDEX idx_messages_created_at ON messages(created_at);
PRAGMA user_version = 2;
"""
OLD_TABLES = ("messages", "messages_fts", "archives", "search_metadata")

ROWS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("The budget is due on Friday", "slack", "2025-08-01", {"user_name": "Ana Silva", "ts": "1754"}),
    ("Ship the release notes", "drive", "2025-08-02T10:00:00", {"author": "Ben Lee"}),
    ("Budget review with the board", "calendar", "2025-08-03 09:30:00+02:00", {"id": 7}),
    ("Nobody knows when this was: budget", "slack", "some day", {}),
    ("A stamp of Slack's for the budget", "slack", "1754300000.000200", {}),
)


def make(path: Path, rows: Iterable[tuple[str, str, str, dict[str, Any]]] = ROWS) -> None:
    """A new file with these rows: content, source, date, metadata."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    put(connection, rows)
    connection.close()


def put(connection: sqlite3.Connection, rows: Iterable[tuple[str, str, str, dict[str, Any]]]) -> None:
    """Adds rows as the old program does."""
    connection.executemany(
        "INSERT INTO messages (content, source, date, metadata) VALUES (?, ?, ?, ?)",
        [(content, source, date, json.dumps(said)) for content, source, date, said in rows],
    )
    connection.commit()


def find(path: Path, words: str) -> list[str]:
    """What the old program finds."""
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT content FROM messages_fts WHERE messages_fts MATCH ? ORDER BY rank", (words,)
    ).fetchall()
    connection.close()
    return [content for (content,) in found]


def on_day(path: Path, day: str) -> list[str]:
    """What the old program finds for a day: it compares dates as texts."""
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT content FROM messages WHERE date >= ? AND date <= ? ORDER BY id", (day, day)
    ).fetchall()
    connection.close()
    return [content for (content,) in found]


def check(path: Path) -> None:
    """The file is whole, and its index fits its rows."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.execute("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")
    connection.close()


def shape(path: Path) -> dict[str, str]:
    """The old tables, indexes and triggers, by name, as they were declared."""
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE tbl_name IN (?, ?, ?, ?) AND sql NOT NULL", OLD_TABLES
    ).fetchall()
    version = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return dict(found) | {"user_version": str(version[0])}
