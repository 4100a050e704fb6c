"""What was read of calendar objects, in a file: an object is read again only when it has changed, or when
days have passed that it depends on.

Objects with a UID in common are a unit, which is read as one. What a unit gave is noted down with it, and of
each item whether the board has it as it is (`sent`), so that a run need not send what is there already.
Before anything is sent, that is taken back (`begin_sending`); once the run has ended well it is noted down
(`keep_sent`): wherever a run is killed, what may not be on the board is sent again.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from collectors.known import KnownFile

_UNFOLD = re.compile(rb"\r?\n[ \t]")
_UID = re.compile(rb"^UID(?:;[^:\r\n]*)?:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_TOGETHER = "together"  # the note that two units gave the same id


class Place(NamedTuple):
    """Where an object is: its calendar's address, and its own."""

    calendar: str
    url: str


@dataclass
class Said:
    """What a unit gave: items as (section, id, statement), remarks (as JSON takes them), counts of things by
    what became of them, whom it names and how often, ids of what could not be read; and until when (seconds
    since 1970) that stays so."""

    until_s: float
    items: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    spared: set[str] = field(default_factory=set)


class _Objects(KnownFile):
    """The objects, and what they gave."""

    tables = """
    CREATE TABLE IF NOT EXISTS objects (
        calendar TEXT, url TEXT, data BLOB, PRIMARY KEY (calendar, url)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS members (
        calendar TEXT, url TEXT, etag TEXT, unit INTEGER, PRIMARY KEY (calendar, url)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS members_unit ON members (unit);
    CREATE TABLE IF NOT EXISTS uids (
        uid TEXT, calendar TEXT, url TEXT, PRIMARY KEY (uid, calendar, url)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS uids_object ON uids (calendar, url);
    CREATE TABLE IF NOT EXISTS units (unit INTEGER PRIMARY KEY, until_s REAL, said TEXT, remarks INTEGER);
    CREATE INDEX IF NOT EXISTS units_until ON units (until_s);
    CREATE INDEX IF NOT EXISTS units_remarks ON units (unit) WHERE remarks;
    CREATE TABLE IF NOT EXISTS totals (
        kind TEXT, what TEXT, number INTEGER, PRIMARY KEY (kind, what)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS items (
        section TEXT, id TEXT, unit INTEGER, data TEXT, hash BLOB, trying BLOB, sent BLOB,
        PRIMARY KEY (section, id));
    CREATE INDEX IF NOT EXISTS items_unit ON items (unit);
    CREATE INDEX IF NOT EXISTS items_unsent ON items (section) WHERE hash IS NOT sent;
    CREATE INDEX IF NOT EXISTS items_gone ON items (section) WHERE hash IS NULL;
    """
    pragmas = ("journal_mode = WAL",)

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if not self.note("members"):  # it is new, or of an earlier version
            self._db.execute("INSERT OR IGNORE INTO members SELECT calendar, url, '', NULL FROM objects")
            self.set_note("members", "1")

    def change(
        self, calendar: str, changed: Iterable[tuple[str, bytes, str]], gone: Collection[str] = ()
    ) -> None:
        """Objects as (address, data, etag) that are new or other than before, and those that are no more."""
        with self._transaction():
            self._change(calendar, changed, gone)

    def _change(
        self, calendar: str, changed: Iterable[tuple[str, bytes, str]], gone: Collection[str]
    ) -> None:
        for url, data, etag in changed:
            self._undo(Place(calendar, url))
            self._db.execute("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", (calendar, url, data))
            row = (calendar, url, etag, None)
            self._db.execute("INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", row)
        for url in gone:
            self._undo(Place(calendar, url))
            for table in ("objects", "members"):
                self._db.execute(f"DELETE FROM {table} WHERE calendar = ? AND url = ?", (calendar, url))

    def etags(self, calendar: str) -> dict[str, str]:
        """Those of all objects; "" where it is not known."""
        return dict(self._db.execute("SELECT url, etag FROM members WHERE calendar = ?", (calendar,)))

    def begin_reading(self, context: str, now_s: float) -> None:
        """Takes back what is no longer certain: all of it if `context` (settings, versions) is another than
        before or the clock was set back, else what has lasted until now."""
        latest_s = float(self.note("read at") or 0)
        with self._transaction():
            if self.note("context") != context or now_s < latest_s or self.note(_TOGETHER):
                for statement in _ALL_UNREAD:
                    self._db.execute(statement)
                self.set_note(_TOGETHER, "")
            over = self._db.execute("SELECT unit FROM units WHERE until_s <= ?", (now_s,)).fetchall()
            for (unit,) in over:
                self._undo_unit(unit)
            self.set_note("context", context)
            self.set_note("read at", str(now_s))

    def unread(self, objects_max: int, bytes_max: int) -> list[list[tuple[Place, bytes]]]:
        """Some units that have to be read, whole; none when all are read."""
        found: dict[Place, bytes] = {}
        size = 0
        with self._transaction():
            rows = "SELECT calendar, url FROM members WHERE unit IS NULL LIMIT ?"
            for row in self._db.execute(rows, (objects_max,)).fetchall():
                if size > bytes_max:
                    break
                size += self._gather(Place(*row), found)
            return self._units(found)

    def unread_count(self) -> int:
        found = self._db.execute("SELECT count(*) FROM members WHERE unit IS NULL").fetchone()
        return int(found[0])

    def store(self, units: Iterable[tuple[Sequence[Place], Said]]) -> None:
        """What these units gave."""
        with self._transaction():
            for places, said in units:
                self._store(places, said)

    def _store(self, places: Sequence[Place], said: Said) -> None:
        counted = {"counts": said.counts, "met": said.met}
        row = (said.until_s, json.dumps(counted | {"remarks": said.remarks}), len(said.remarks))
        unit = self._db.execute("INSERT INTO units (until_s, said, remarks) VALUES (?, ?, ?)", row).lastrowid
        for place in places:
            where = (unit, *place)
            self._db.execute("UPDATE members SET unit = ? WHERE calendar = ? AND url = ?", where)
        self._count(counted, 1)
        for section, id, statement in said.items:
            data = json.dumps(statement, ensure_ascii=False, separators=(",", ":"))
            known = self._db.execute(
                "SELECT unit FROM items WHERE section = ? AND id = ?", (section, id)
            ).fetchone()
            if known is not None and known[0] is not None:
                self.set_note(_TOGETHER, "1")  # the first one counts, and all is read again next time
                continue
            self._db.execute(
                "INSERT INTO items (section, id, unit, data, hash) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO"
                " UPDATE SET unit = excluded.unit, data = excluded.data, hash = excluded.hash",
                (section, id, unit, data, _hash(data)),
            )
        for spared in said.spared:  # what could not be read stays as it was
            self._db.execute(
                "UPDATE items SET unit = ? WHERE unit IS NULL AND (id = ? OR substr(id, 1, ?) = ?)",
                (unit, spared, len(spared) + 1, f"{spared}#"),
            )

    def end_reading(self, *, is_all: bool) -> None:
        """What no unit gives any more is gone, if `is_all` that there may be was read."""
        if is_all:
            self._db.execute("UPDATE items SET data = NULL, hash = NULL WHERE unit IS NULL AND hash NOT NULL")

    def remarks(self) -> Iterator[dict[str, Any]]:
        """Of all units."""
        for (said,) in self._db.execute("SELECT said FROM units WHERE remarks ORDER BY unit"):
            yield from json.loads(said)["remarks"]

    def totals(self, kind: str) -> Counter[str]:
        """`counts` or `met`, over all units."""
        found = self._db.execute("SELECT what, number FROM totals WHERE kind = ? ORDER BY what", (kind,))
        return Counter(dict(found))

    def objects_of(self, is_meant: Any) -> list[tuple[Place, bytes]]:
        """The objects with a UID of which this is true."""
        found = self._db.execute("SELECT DISTINCT uid FROM uids")
        uids = [uid for (uid,) in found if is_meant(uid)]
        places = [
            Place(*row)
            for uid in uids
            for row in self._db.execute("SELECT calendar, url FROM uids WHERE uid = ?", (uid,))
        ]
        return [(place, self._data(place)) for place in dict.fromkeys(places)]

    def _gather(self, place: Place, found: dict[Place, bytes]) -> int:
        """Adds the object, and all that have a UID in common with it; how many bytes that is."""
        waiting, size = [place], 0
        while waiting:
            one = waiting.pop()
            if one in found:
                continue
            self._undo(one, forget_uids=False)
            found[one] = self._data(one)
            size += len(found[one])
            for uid in uids_of(found[one]):
                self._db.execute("INSERT OR IGNORE INTO uids VALUES (?, ?, ?)", (uid, *one))
                others = self._db.execute("SELECT calendar, url FROM uids WHERE uid = ?", (uid,))
                waiting += [Place(*row) for row in others]
        return size

    def _units(self, found: Mapping[Place, bytes]) -> list[list[tuple[Place, bytes]]]:
        """Groups objects that have UIDs in common."""
        unit_of: dict[str, list[tuple[Place, bytes]]] = {}
        for place in sorted(found):
            uids = uids_of(found[place])
            together = list({id(unit_of[uid]): unit_of[uid] for uid in uids if uid in unit_of}.values())
            unit = [(place, found[place]), *(one for other in together for one in other)]
            for uid in {*uids, *(uid for other in together for _, data in other for uid in uids_of(data))}:
                unit_of[uid] = unit
        return [sorted(unit) for unit in {id(unit): unit for unit in unit_of.values()}.values()]

    def _data(self, place: Place) -> bytes:
        found = self._db.execute("SELECT data FROM objects WHERE calendar = ? AND url = ?", place).fetchone()
        return bytes(found[0]) if found else b""

    def _undo(self, place: Place, *, forget_uids: bool = True) -> None:
        """Takes back what the unit of the object gave."""
        found = self._db.execute("SELECT unit FROM members WHERE calendar = ? AND url = ?", place).fetchone()
        if found is not None and found[0] is not None:
            self._undo_unit(found[0])
        if forget_uids:
            self._db.execute("DELETE FROM uids WHERE calendar = ? AND url = ?", place)

    def _undo_unit(self, unit: int) -> None:
        said = self._db.execute("SELECT said FROM units WHERE unit = ?", (unit,)).fetchone()
        if said is not None:
            self._count(json.loads(said[0]), -1)
        self._db.execute("UPDATE items SET unit = NULL WHERE unit = ?", (unit,))
        self._db.execute("UPDATE members SET unit = NULL WHERE unit = ?", (unit,))
        self._db.execute("DELETE FROM units WHERE unit = ?", (unit,))

    def _count(self, said: Mapping[str, Any], sign: int) -> None:
        rows = [
            (kind, what, sign * number) for kind in ("counts", "met") for what, number in said[kind].items()
        ]
        self._db.executemany(
            "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number",
            rows,
        )
        gone = [(kind, what) for kind, what, number in rows if number < 0]
        self._db.executemany("DELETE FROM totals WHERE kind = ? AND what = ? AND number = 0", gone)


class Kept(_Objects):
    """The same, and what of it the board has."""

    def item(self, section: str, id: str) -> dict[str, Any] | None:
        """What the objects say of the item; None if none of them gives it now."""
        sql = "SELECT data FROM items WHERE section = ? AND id = ? AND unit NOT NULL"
        found = self._db.execute(sql, (section, id))
        row = found.fetchone()
        return json.loads(row[0]) if row is not None and row[0] is not None else None

    def items(self, section: str, *, unsent: bool = False) -> Iterator[dict[str, Any]]:
        """Those that there are; with `unsent`, those that the board may not have so."""
        which = " AND hash IS NOT sent" if unsent else ""
        found = self._db.execute(
            f"SELECT data FROM items WHERE section = ? AND hash NOT NULL{which} ORDER BY id", (section,)
        )
        for (data,) in found.fetchall():
            yield json.loads(data)

    def count(self, section: str) -> int:
        """How many items there are."""
        found = self._db.execute("SELECT count(*) FROM items WHERE section = ?", (section,)).fetchone()
        return int(found[0]) - len(self.gone(section))

    def gone(self, section: str) -> list[str]:
        """The ids that there are no more, and that the board may have."""
        found = self._db.execute("SELECT id FROM items WHERE section = ? AND hash IS NULL", (section,))
        return [id for (id,) in found]

    def begin_sending(self, *, whole: bool) -> str:
        """Takes back that the board has what is about to be sent; returns the name for `keep_sent`."""
        name = secrets.token_hex(8)
        which = "" if whole else " WHERE hash IS NULL OR hash IS NOT sent"
        with self._transaction():
            if whole:
                self.set_note("left", "")
            self.set_note("sending", name)
            self._db.execute(f"UPDATE items SET sent = NULL, trying = hash{which}")
        return name

    def keep_sent(self, name: str, notes: Mapping[str, str], *, gone: bool) -> None:
        """The board has it now; with `gone`, what was gone is removed there. Another run that has begun to
        send since knows better."""
        with self._transaction():
            if self.note("sending") != name:
                return
            if gone:
                self._db.execute("DELETE FROM items WHERE hash IS NULL AND sent IS NULL AND trying IS NULL")
            self._db.execute("UPDATE items SET sent = trying, trying = NULL WHERE trying NOT NULL")
            for note, value in notes.items():
                self.set_note(note, value)


_ALL_UNREAD = (
    "DELETE FROM units",
    "DELETE FROM totals",
    "UPDATE members SET unit = NULL",
    "UPDATE items SET unit = NULL",
)


def uids_of(data: bytes) -> set[str]:
    """All UIDs in it, {""} for none. One too many (an alarm's) does no harm."""
    found = _UID.findall(_UNFOLD.sub(b"", data))
    return {uid.decode("utf-8", "replace") for uid in found} or {""}


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
