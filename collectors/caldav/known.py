"""What earlier runs read of an account's calendars, in a file: by it a run fetches only what changed."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS calendars (url TEXT PRIMARY KEY, token TEXT);
CREATE TABLE IF NOT EXISTS objects (
    calendar TEXT, url TEXT, data BLOB, PRIMARY KEY (calendar, url)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);
"""
_FORMAT = 1


class Known:
    """Opened for one run. A file that is damaged or of another format is begun anew."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._db = _opened(path)
        except sqlite3.DatabaseError:
            path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
            self._db = _opened(path)

    def close(self) -> None:
        self._db.close()

    def note(self, name: str) -> str:
        found = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return found[0] if found else ""

    def set_note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def token(self, calendar: str) -> str | None:
        """What the server gave to ask by for what changed; None for a calendar that is new."""
        found = self._db.execute("SELECT token FROM calendars WHERE url = ?", (calendar,)).fetchone()
        return found[0] if found else None

    def urls(self, calendar: str) -> set[str]:
        """The objects that are known."""
        found = self._db.execute("SELECT url FROM objects WHERE calendar = ?", (calendar,))
        return {url for (url,) in found}

    def change(
        self, calendar: str, token: str | None, changed: Iterable[tuple[str, bytes]], gone: Collection[str]
    ) -> None:
        """All of it, or nothing: a token without its changes would lose them."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?)",
                [(calendar, url, data) for url, data in changed],
            )
            self._db.executemany(
                "DELETE FROM objects WHERE calendar = ? AND url = ?", [(calendar, url) for url in gone]
            )
            self._db.execute("INSERT OR REPLACE INTO calendars VALUES (?, ?)", (calendar, token))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def forget_others(self, calendars: Collection[str]) -> None:
        """Calendars that are no more, or not wanted."""
        for (url,) in self._db.execute("SELECT url FROM calendars").fetchall():
            if url not in calendars:
                self._db.execute("DELETE FROM objects WHERE calendar = ?", (url,))
                self._db.execute("DELETE FROM calendars WHERE url = ?", (url,))

    def objects(self, calendar: str) -> Iterator[bytes]:
        """What is in the calendar, as iCalendar texts."""
        found = self._db.execute("SELECT data FROM objects WHERE calendar = ? ORDER BY url", (calendar,))
        yield from (data for (data,) in found)


def _opened(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # never readable for others, not even at first
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _FORMAT):
            raise sqlite3.DatabaseError("it is of another format")
        for statement in filter(str.strip, _TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_FORMAT}")
    except BaseException:
        db.close()
        raise
    return db
