"""What earlier runs read of a mailbox, in a file: by it a run reads only what is new, wherever the last one
was killed. No text of a mail is in it, but the invitations are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from collectors.ics.kept import Kept

_RECORDS = "records"
INVITATIONS_MAX = 2_000  # of the newest mails: years of meetings
INVITATION_BYTES_MAX = 256 << 10  # an invitation to 500 people has some 100 KB; a whole calendar is none
UIDS = range(1, 1 << 32)  # all that there can be
_INVITATIONS_BEFORE = (
    "INSERT OR IGNORE INTO objects SELECT record, CAST(number AS TEXT), data FROM invitations",
    "INSERT OR IGNORE INTO members SELECT record, CAST(number AS TEXT), at, NULL FROM invitations",
    "DROP TABLE invitations",
)


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


class Known(Kept):
    """The folders of a mailbox, with the copies of mails in them.

    Invitations are objects (Kept): their calendar is the record, their address the number in it, their etag
    when the mail was sent.
    """

    tables = (
        Kept.tables
        + """
    CREATE TABLE IF NOT EXISTS folders (name TEXT PRIMARY KEY, validity INTEGER, status TEXT);
    CREATE TABLE IF NOT EXISTS copies (
        folder TEXT, uid INTEGER, record TEXT, message TEXT, size INTEGER, says TEXT, arrived INTEGER,
        PRIMARY KEY (folder, uid)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS copies_record ON copies (record);
    CREATE INDEX IF NOT EXISTS copies_message ON copies (message);
    CREATE TABLE IF NOT EXISTS people (
        address TEXT, written TEXT, PRIMARY KEY (address, written)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS untold (address TEXT PRIMARY KEY) WITHOUT ROWID;
    """
    )

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'invitations'").fetchone():
            with self._transaction():  # an earlier version had them there
                for statement in _INVITATIONS_BEFORE:
                    self._db.execute(statement)

    def check_board(self, records: int | None) -> None:
        """If the board has fewer records than the last run left there, it is a new one or was set back: all
        is read again. What is gone by then is removed all the same."""
        left = self.note(_RECORDS) or "0"
        if records is not None and (records < int(left) or (not records and self._any())):
            with self._transaction():
                self._db.execute("UPDATE copies SET arrived = 0")
                self._db.execute("UPDATE folders SET status = ''")

    def set_left(self, records: int | None) -> None:
        """How many records the board has now; None while it may be getting fewer."""
        self.set_note(_RECORDS, "" if records is None else str(records))

    def _any(self) -> bool:
        return self._db.execute("SELECT 1 FROM copies WHERE arrived LIMIT 1").fetchone() is not None

    def folder(self, name: str) -> tuple[int, str] | None:
        """Its UIDVALIDITY when it was read, and what the server said of it then; None if it never was."""
        sql = "SELECT validity, status FROM folders WHERE name = ?"
        found: tuple[int, str] | None = self._db.execute(sql, (name,)).fetchone()
        return found

    def set_folder(self, name: str, validity: int, said: str = "") -> None:
        """Without `said`, the folder is not read to its end yet. If the UIDVALIDITY has changed, the UIDs
        that were read mean nothing now: they are kept under a name that no folder has until the end of a run,
        so that no mail is missing in between."""
        with self._transaction():
            before = self.folder(name)
            if before is not None and before[0] != validity:
                other = f"\0{before[0]}\0{name}"
                self._db.execute("UPDATE OR REPLACE copies SET folder = ? WHERE folder = ?", (other, name))
            self._db.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?)", (name, validity, said))

    def arrived(self, folder: str, among: range = UIDS) -> set[int]:
        """The mails of the folder that the board has."""
        return self._uids(folder, among, " AND arrived")

    def uids(self, folder: str, among: range = UIDS) -> set[int]:
        """The mails of the folder that the board has, or may have."""
        return self._uids(folder, among, "")

    def _uids(self, folder: str, among: range, which: str) -> set[int]:
        sql = f"SELECT uid FROM copies WHERE folder = ? AND uid >= ? AND uid < ?{which}"
        return {uid for (uid,) in self._db.execute(sql, (folder, among.start, among.stop))}

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
                known = self.etags(one.record) if one.invitations else {}
                told = [(str(number), data, one.at) for number, data in enumerate(one.invitations)]
                self._change(one.record, [each for each in told if each[0] not in known], ())

    def doubt(self, records: Iterable[str]) -> None:
        """The board is about to lose these. One that is found again before it is known whether it did is
        sent again."""
        with self._transaction():
            self._db.executemany(
                "UPDATE copies SET arrived = 0 WHERE record = ?", [(record,) for record in records]
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
                    self._change(record, (), self.etags(record))

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

    def forget_old_invitations(self) -> int:
        """Keeps the newest INVITATIONS_MAX; how many others there were."""
        rows = "SELECT calendar, url FROM members ORDER BY etag DESC, calendar, url LIMIT -1 OFFSET ?"
        with self._transaction():
            old = self._db.execute(rows, (INVITATIONS_MAX,)).fetchall()
            for record, number in old:
                self._change(record, (), [number])
        return len(old)

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
