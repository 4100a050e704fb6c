"""Keeps what could not be sent in a file, in order and within bounds, until the server is back."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collectors.batches import Batch
from collectors.database import opened, set_aside, transaction

BYTES_MAX, MESSAGES_MAX = 64 << 20, 20_000  # days of a busy source, and no burden for a disk
_FORMAT = 1
_TABLES = """
CREATE TABLE batches (
    id INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT NOT NULL UNIQUE, event TEXT NOT NULL,
    whole INTEGER NOT NULL, replaces INTEGER NOT NULL, items INTEGER NOT NULL);
CREATE TABLE messages (
    batch INTEGER NOT NULL REFERENCES batches ON DELETE CASCADE, number INTEGER NOT NULL,
    payload TEXT NOT NULL, PRIMARY KEY (batch, number));
"""


def place_of(url: str, board: str | None) -> str:
    """Where something is delivered to, for what is kept about it: a board of its own has its own."""
    return url if board is None else f"{url.rstrip('/')}#board={board}"


class SpoolError(Exception):
    """A batch cannot be kept; the message is a sentence that says why, and what to do."""


class SpoolFull(SpoolError):
    """There is no room for the batch; earlier ones are still there."""


def spool_folder() -> Path:
    """The default folder for spools."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "adjutant"


class Spool:
    """The batches of one source for one server, on disk once `add` has returned.

    The file is made when there is something to keep. A file that is not a spool, or is damaged, is renamed:
    `said` reports it. Errors: SpoolError, if nothing can be kept there.
    """

    def __init__(self, folder: Path, url: str, source: str) -> None:
        mark = hashlib.sha256(f"{url.rstrip('/')} {source}".encode()).hexdigest()[:10]
        self.path = folder / f"{re.sub('[^A-Za-z0-9_.@-]', '-', source)}-{mark}.spool"
        self.said: list[str] = []
        self._db: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError("there is no permission to write to it")
            if self.path.exists():
                self._open()
        except (OSError, sqlite3.Error) as error:
            raise SpoolError(f"the spool {self.path} cannot be used: {error}") from None

    def close(self) -> None:
        """Closes the file, even if it was never opened."""
        if self._db is not None:
            self._db.close()

    def items(self) -> int:
        """How many items are waiting."""
        if self._db is None:
            return 0
        with self._careful() as db:
            return int(db.execute("SELECT coalesce(sum(items), 0) FROM batches").fetchone()[0])

    def add(self, batch: Batch) -> None:
        """Keeps the batch after the others; a `whole` one replaces earlier ones of its section.

        Errors: SpoolFull, SpoolError.
        """
        texts = [json.dumps(payload, separators=(",", ":")) for payload in batch.payloads]
        with self._careful() as db, transaction(db):
            if batch.whole:
                db.execute("DELETE FROM batches WHERE event = ? AND replaces", (batch.event,))
            self._check_room(db, len(texts), sum(map(len, texts)))
            facts = (batch.op, batch.event, batch.whole, batch.replaces, batch.items)
            added = db.execute(
                "INSERT INTO batches (op, event, whole, replaces, items) VALUES (?, ?, ?, ?, ?)", facts
            )
            rows = [(added.lastrowid, number, text) for number, text in enumerate(texts, 1)]
            db.executemany("INSERT INTO messages VALUES (?, ?, ?)", rows)

    def first(self) -> Batch | None:
        """The batch to send next."""
        if self._db is None:
            return None
        with self._careful() as db:
            facts = "SELECT id, op, event, whole, replaces FROM batches ORDER BY id LIMIT 1"
            found = db.execute(facts).fetchone()
            if found is None:
                return None
            key, op, event, whole, replaces = found
            rows = db.execute("SELECT payload FROM messages WHERE batch = ? ORDER BY number", (key,))
            payloads = tuple(json.loads(text) for (text,) in rows)
            return Batch(event, payloads, whole=bool(whole), replaces=bool(replaces), op=op)

    def remove(self, batch: Batch) -> None:
        """Removes the batch: it has been carried out, or never will be."""
        with self._careful() as db:
            db.execute("DELETE FROM batches WHERE op = ?", (batch.op,))

    def _check_room(self, db: sqlite3.Connection, messages: int, size: int) -> None:
        count, taken = db.execute(
            "SELECT count(*), coalesce(sum(length(payload)), 0) FROM messages"
        ).fetchone()
        if count + messages > MESSAGES_MAX or taken + size > BYTES_MAX:
            raise SpoolFull(
                f"the spool {self.path} is full ({taken:,} bytes in {count:,} messages): "
                "it will be sent when the server is back"
            )

    @contextmanager
    def _careful(self) -> Iterator[sqlite3.Connection]:
        """The open file; its failures are raised as SpoolError."""
        try:
            yield self._db or self._open()
        except (sqlite3.OperationalError, OSError) as error:
            raise SpoolError(f"the spool {self.path} cannot be used: {error}") from None
        except sqlite3.DatabaseError:
            self._set_aside()
            raise SpoolError(f"the spool is damaged: {self.said[-1]}") from None

    def _open(self) -> sqlite3.Connection:
        try:
            self._db = _opened(self.path)
        except sqlite3.OperationalError:
            raise  # locked, full disk, no permission: the file may be intact
        except sqlite3.DatabaseError:
            self._set_aside()
            self._db = _opened(self.path)
        return self._db

    def _set_aside(self) -> None:
        self.close()
        self._db = None
        aside = set_aside(self.path)
        self.said.append(f"{self.path} was damaged and is now {aside.name}; what was in it was not sent")


def _opened(path: Path) -> sqlite3.Connection:
    """Errors: sqlite3.DatabaseError, if the file is not a spool of this format, or is damaged."""
    db = opened(path, _TABLES, _FORMAT, "foreign_keys = ON", "synchronous = FULL")
    try:
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError("it is damaged")
    except BaseException:
        db.close()
        raise
    return db
