"""What earlier runs read of a mailbox, in a file: by it a run reads only what is new, wherever the last one
was killed. No text of a mail is in it, but the invitations are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from collectors.known import KnownFile

INVITATIONS_MAX = 2_000
INVITATION_BYTES_MAX = 256 << 10


@dataclass(frozen=True)
class Copy:
    """A mail in a folder, and the id of its record; `invitations` are the calendars in it."""

    uid: int
    record: str
    at: str = ""
    invitations: tuple[bytes, ...] = ()


class Known(KnownFile):
    """The folders of a mailbox, with the copies of mails in them."""

    tables = """
    CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, validity INTEGER, status TEXT);
    CREATE TABLE IF NOT EXISTS copies (
        folder TEXT, uid INTEGER, record TEXT, PRIMARY KEY (folder, uid)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS copies_record ON copies (record);
    CREATE TABLE IF NOT EXISTS invitations (
        record TEXT, number INTEGER, at TEXT, data BLOB, PRIMARY KEY (record, number));
    CREATE TABLE IF NOT EXISTS people (
        address TEXT, written TEXT, PRIMARY KEY (address, written)) WITHOUT ROWID;
    """
    pragmas = ("journal_mode = WAL",)

    def forget_all(self) -> None:
        """Nothing is known any more, as on a new board."""
        for table in ("folders", "copies", "invitations", "people"):
            self._db.execute(f"DELETE FROM {table}")

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
        with self._transaction():
            for one in copies:
                row = (folder, one.uid, one.record)
                self._db.execute("INSERT OR REPLACE INTO copies VALUES (?, ?, ?)", row)
                self._db.executemany(
                    "INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?)",
                    [(one.record, number, one.at, data) for number, data in enumerate(one.invitations)],
                )

    def without(self, folder: str, uids: Collection[int]) -> list[str]:
        """The records of which no copy is left when these are gone; `remove` takes note of it."""
        gone = self._records_of(folder, uids)
        return [record for record, number in gone.items() if self._copies(record) == number]

    def remove(self, folder: str, uids: Collection[int]) -> None:
        with self._transaction():
            records = self._records_of(folder, uids)
            self._db.executemany(
                "DELETE FROM copies WHERE folder = ? AND uid = ?", [(folder, uid) for uid in uids]
            )
            for record in records:
                if not self._copies(record):
                    self._db.execute("DELETE FROM invitations WHERE record = ?", (record,))

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
