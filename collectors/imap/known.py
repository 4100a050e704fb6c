"""What earlier runs read of a mailbox, in a file: by it a run reads only what is new, wherever the last one
was killed. No text of a mail is in it, but the invitations are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from collectors.known import KnownFile

_LEFT = "left"
INVITATIONS_MAX = 2_000
INVITATION_BYTES_MAX = 256 << 10


@dataclass(frozen=True)
class Copy:
    """A mail in a folder, and the id of its record; `message` is its Message-ID's, `says` the same for two
    that say the same, `size` in octets. `invitations` are the calendars in it."""

    uid: int
    record: str
    message: str = ""
    size: int = 0
    says: str = ""
    at: str = ""
    invitations: tuple[bytes, ...] = ()


class Known(KnownFile):
    """The folders of a mailbox, with the copies of mails in them."""

    tables = """
    CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, validity INTEGER, status TEXT);
    CREATE TABLE IF NOT EXISTS copies (
        folder TEXT, uid INTEGER, record TEXT, message TEXT, size INTEGER, says TEXT, arrived INTEGER,
        PRIMARY KEY (folder, uid)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS copies_record ON copies (record);
    CREATE INDEX IF NOT EXISTS copies_message ON copies (message);
    CREATE TABLE IF NOT EXISTS invitations (
        record TEXT, number INTEGER, at TEXT, data BLOB, PRIMARY KEY (record, number));
    CREATE TABLE IF NOT EXISTS people (
        address TEXT, written TEXT, PRIMARY KEY (address, written)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS untold (address TEXT PRIMARY KEY) WITHOUT ROWID;
    """
    pragmas = ("journal_mode = WAL",)

    def check_board(self, records: int | None) -> None:
        """If the board has fewer records than the last run left there, it is a new one or was set back: all
        is read again. What is gone by then is removed all the same."""
        left = self.note(_LEFT) or "0"
        if records is not None and (records < int(left) or (not records and self._any())):
            with self._transaction():
                self._db.execute("UPDATE copies SET arrived = 0")
                self._db.execute("UPDATE folders SET status = ''")

    def set_left(self, records: int | None) -> None:
        """How many records the board has now; None while it may be getting fewer."""
        self.set_note(_LEFT, "" if records is None else str(records))

    def _any(self) -> bool:
        return self._db.execute("SELECT 1 FROM copies WHERE arrived LIMIT 1").fetchone() is not None

    def folders(self) -> dict[str, tuple[int, str]]:
        """Those that were read, each with its UIDVALIDITY and what the server said of it then."""
        return {name: (validity, said) for name, validity, said in self._db.execute("SELECT * FROM folders")}

    def set_folder(self, name: str, validity: int, said: str = "") -> None:
        """Without `said`, the folder is not read to its end yet. If the UIDVALIDITY has changed, the UIDs
        that were read mean nothing now: they are kept under a name that no folder has until the end of a run,
        so that no mail is missing in between."""
        with self._transaction():
            before = self.folders().get(name)
            if before is not None and before[0] != validity:
                other = f"\0{before[0]}\0{name}"
                self._db.execute("UPDATE OR REPLACE copies SET folder = ? WHERE folder = ?", (other, name))
            self._db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", (name, validity, said))

    def arrived(self, folder: str) -> set[int]:
        """The mails of the folder that the board has."""
        found = self._db.execute("SELECT uid FROM copies WHERE folder = ? AND arrived", (folder,))
        return {uid for (uid,) in found}

    def uids(self, folder: str) -> set[int]:
        """The mails of the folder that the board has, or may have."""
        return {uid for (uid,) in self._db.execute("SELECT uid FROM copies WHERE folder = ?", (folder,))}

    def has(self, record: str) -> bool:
        """Whether the board has it."""
        found = self._db.execute("SELECT 1 FROM copies WHERE record = ? AND arrived", (record,))
        return found.fetchone() is not None

    def copy(self, uid: int, message: str, size: int) -> Copy | None:
        """A mail of this Message-ID and size that the board has from elsewhere, as a copy; None if it has to
        be read. (Two of one Message-ID and one size that differ are not told apart.)"""
        found = self._db.execute(
            "SELECT record, says FROM copies WHERE message = ? AND size = ? AND arrived", (message, size)
        ).fetchone()
        return None if found is None else Copy(uid, found[0], message, size, found[1])

    def said(self, message: str) -> dict[str, str]:
        """The records of the mails with this Message-ID, by what they say."""
        found = self._db.execute("SELECT says, record FROM copies WHERE message = ?", (message,))
        return dict(found) if message else {}

    def begin(self, folder: str, copies: Iterable[Copy]) -> None:
        """The board is about to get these. A run that ends before it knows whether the board has them leaves
        what the next one needs to remove them if they are gone by then."""
        self._write(folder, copies, arrived=False)

    def add(self, folder: str, copies: Iterable[Copy]) -> None:
        """The board has these."""
        self._write(folder, copies, arrived=True)

    def _write(self, folder: str, copies: Iterable[Copy], *, arrived: bool) -> None:
        with self._transaction():
            for one in copies:
                row = (folder, one.uid, one.record, one.message, one.size, one.says, arrived)
                self._db.execute("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                self._db.executemany(
                    "INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?)",
                    [(one.record, number, one.at, data) for number, data in enumerate(one.invitations)],
                )

    def without(self, folder: str, uids: Collection[int]) -> list[str]:
        """The records of which no copy is left when these are gone; `remove` takes note of it."""
        gone = self._records_of(folder, uids)
        return [record for record, number in gone.items() if self._copies(record) == number]

    def remove(self, folder: str, uids: Collection[int]) -> None:
        """They are gone from the board, too."""
        with self._transaction():
            records = self._records_of(folder, uids)
            self._db.executemany(
                "DELETE FROM copies WHERE folder = ? AND uid = ?", [(folder, uid) for uid in uids]
            )
            for record in records:
                if not self._copies(record):
                    self._db.execute("DELETE FROM invitations WHERE record = ?", (record,))

    def drop_folder(self, name: str) -> None:
        self._db.execute("DELETE FROM folders WHERE name = ?", (name,))

    def folders_with_copies(self) -> list[str]:
        return [name for (name,) in self._db.execute("SELECT DISTINCT folder FROM copies")]

    def meet(self, people: Iterable[tuple[str, str]]) -> None:
        """These addresses were written so; the board is to be told of them."""
        with self._transaction():
            for address, written in people:
                self._db.execute("INSERT OR IGNORE INTO people VALUES (?, ?)", (address, written))
                self._db.execute("INSERT OR IGNORE INTO untold VALUES (?)", (address,))

    def untold(self) -> list[str]:
        """The addresses that were met, and of which the board has not been told since."""
        return [address for (address,) in self._db.execute("SELECT address FROM untold ORDER BY address")]

    def told(self) -> None:
        self._db.execute("DELETE FROM untold")

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
