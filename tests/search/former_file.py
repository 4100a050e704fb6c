"""A search file as an earlier version left it: instants as dates, authors in tables of their own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.search import old_file

Json = Any

TABLES = """
CREATE TABLE adjutant_records (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, own_id TEXT NOT NULL, digest TEXT NOT NULL,
    kind TEXT, title TEXT, url TEXT, author TEXT
);
CREATE UNIQUE INDEX adjutant_records_own ON adjutant_records (source, own_id);
CREATE TABLE adjutant_people (no INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);
CREATE TABLE adjutant_authors (
    person INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (person, id)
) WITHOUT ROWID;
CREATE TABLE adjutant_ops (
    principal TEXT NOT NULL, op TEXT NOT NULL, at_s REAL NOT NULL, fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL, PRIMARY KEY (principal, op)
) WITHOUT ROWID;
CREATE TABLE adjutant_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO adjutant_meta VALUES ('adopted', '5');
"""


def make(path: Path, records: Iterable[Json], source: str = "notes") -> None:
    """An old file, to which that version has added these records."""
    old_file.make(path)
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    for record in records:
        cursor = connection.execute(
            "INSERT INTO messages (content, source, date, metadata) VALUES (?, ?, ?, ?)",
            (record["text"], source, record["at"], json.dumps(record)),
        )
        connection.execute(
            "INSERT INTO adjutant_records VALUES (?, ?, ?, 'digest', NULL, ?, NULL, NULL)",
            (cursor.lastrowid, source, record["id"], record.get("title")),
        )
    connection.commit()
    connection.close()
