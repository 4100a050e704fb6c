"""What earlier runs read of a mailbox, in a file: by it a run reads only what is new, wherever the last one
was killed. No text of a mail is in it, but the invitations are.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

INVITATIONS_MAX = 2_000
INVITATION_BYTES_MAX = 256 << 10
_TABLES = """
CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, validity INTEGER, status TEXT);
CREATE TABLE IF NOT EXISTS copies (
    folder TEXT, uid INTEGER, record TEXT, PRIMARY KEY (folder, uid)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS copies_record ON copies (record);
CREATE TABLE IF NOT EXISTS invitations (
    record TEXT, number INTEGER, at TEXT, data BLOB, PRIMARY KEY (record, number));
CREATE TABLE IF NOT EXISTS people (address TEXT, written TEXT, PRIMARY KEY (address, written)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT);
"""
_FORMAT = 1


@dataclass(frozen=True)
class Copy:
    """A mail in a folder, and the id of its record; `invitations` are the calendars in it."""

    uid: int
    record: str
    at: str = ""
    invitations: tuple[bytes, ...] = ()


class Known:
    """Opened for one run. A file that is damaged or of another format is begun anew: all is read again, which
    changes nothing on the board."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = _opened(path)

    def close(self) -> None:
        self._db.close()

    def forget_all(self) -> None:
        """Nothing is known any more, as on a new board."""
        for table in ("folders", "copies", "invitations", "people"):
            self._db.execute(f"DELETE FROM {table}")

    def note(self, name: str) -> str:
        """What was noted down; "" for nothing."""
        found = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return found[0] if found else ""

    def set_note(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def folders(self) -> dict[str, tuple[int, str]]:
        """Those that were read, each with its UIDVALIDITY and what the server said of it then."""
        return {name: (validity, said) for name, validity, said in self._db.execute("SELECT * FROM folders")}

    def set_folder(self, name: str, validity: int, said: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", (name, validity, said))

    def uids(self, folder: str) -> set[int]:
        return {uid for (uid,) in self._db.execute("SELECT uid FROM copies WHERE folder = ?", (folder,))}

    def has(self, record: str) -> bool:
        """Whether a copy of it was read."""
        return self._db.execute("SELECT 1 FROM copies WHERE record = ?", (record,)).fetchone() is not None

    def add(self, folder: str, copies: Iterable[Copy]) -> None:
        """These were read, and are on the board."""
        with closing(self._db.execute("BEGIN IMMEDIATE")):
            pass
        for one in copies:
            self._db.execute("INSERT OR REPLACE INTO copies VALUES (?, ?, ?)", (folder, one.uid, one.record))
            for number, data in enumerate(one.invitations):
                row = (one.record, number, one.at, data)
                self._db.execute("INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?)", row)
        self._db.execute("COMMIT")

    def without(self, folder: str, uids: Collection[int]) -> list[str]:
        """The records of which no copy is left when these are gone; `remove` takes note of it."""
        gone = self._records_of(folder, uids)
        return [record for record, number in gone.items() if self._copies(record) == number]

    def remove(self, folder: str, uids: Collection[int]) -> None:
        records = self._records_of(folder, uids)
        with closing(self._db.execute("BEGIN IMMEDIATE")):
            pass
        self._db.executemany(
            "DELETE FROM copies WHERE folder = ? AND uid = ?", [(folder, uid) for uid in uids]
        )
        for record in records:
            if not self._copies(record):
                self._db.execute("DELETE FROM invitations WHERE record = ?", (record,))
        self._db.execute("COMMIT")

    def rename_validity(self, folder: str) -> None:
        """The folder's UIDs mean other mails now: what was read of it is kept under a name of its own until
        the folder is read again, so that nothing is missing in between."""
        self._db.execute("UPDATE OR REPLACE copies SET folder = ? WHERE folder = ?", (was(folder), folder))
        self._db.execute("DELETE FROM folders WHERE name = ?", (folder,))

    def drop_folder(self, name: str) -> None:
        self._db.execute("DELETE FROM folders WHERE name = ?", (name,))

    def folders_with_copies(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT DISTINCT folder FROM copies")]

    def meet(self, address: str, written: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO people VALUES (?, ?)", (address, written))

    def written(self, address: str) -> list[str]:
        """All ways in which this person was written."""
        found = self._db.execute("SELECT written FROM people WHERE address = ?", (address,))
        return [text for (text,) in found]

    def invitations(self) -> Iterator[tuple[str, bytes]]:
        """The newest, each with its record."""
        rows = self._db.execute(
            "SELECT record, data FROM invitations ORDER BY at DESC LIMIT ?", (INVITATIONS_MAX,)
        )
        yield from rows

    def _records_of(self, folder: str, uids: Collection[int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for uid in uids:
            row = self._db.execute(
                "SELECT record FROM copies WHERE folder = ? AND uid = ?", (folder, uid)
            ).fetchone()
            if row is not None:
                found[row[0]] = found.get(row[0], 0) + 1
        return found

    def _copies(self, record: str) -> int:
        found = self._db.execute("SELECT count(*) FROM copies WHERE record = ?", (record,)).fetchone()
        return int(found[0])


def was(folder: str) -> str:
    """What a folder is called whose UIDs do not count any more; no folder of a server has such a name."""
    return f"\0{folder}"


def _opened(path: Path) -> sqlite3.Connection:
    try:
        return _with_tables(path)
    except sqlite3.DatabaseError:
        path.rename(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
        return _with_tables(path)


def _with_tables(path: Path) -> sqlite3.Connection:
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)  # never readable for others, not even at first
    os.close(handle)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    try:
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _FORMAT):
            raise sqlite3.DatabaseError("it is of another format")
        db.execute("PRAGMA journal_mode = WAL")
        for statement in filter(str.strip, _TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {_FORMAT}")
    except BaseException:
        db.close()
        raise
    return db
