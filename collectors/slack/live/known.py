"""Which messages of a workspace are on the board, in a file: by it a run sees which ones were deleted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Self

from collectors.known import KnownFile


@dataclass
class Place:
    """How far the reading of a channel from `oldest` on has come; it began at `until`. Times as `ts`.

    `cursor` is of the page, `thread` and `replies` are the thread of it and the cursor in that; `met` is what
    was met so far.
    """

    oldest: str
    until: str
    cursor: str = ""
    thread: str = ""
    replies: str = ""
    met: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        """As it is noted down."""
        return json.dumps(asdict(self) | {"met": sorted(self.met)})

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From such a text; None from none."""
        if not text:
            return None
        kept = json.loads(text)
        return cls(**kept | {"met": set(kept["met"])})


@dataclass(frozen=True)
class Sweep:
    """How far older messages of a channel were compared: down to `to` (a `ts`, "" between two sweeps), since
    `begun_s`; the last that came to its end began at `done_s`, 0 for none. Times by the wall clock."""

    to: str = ""
    begun_s: float = 0.0
    done_s: float = 0.0


class Known(KnownFile):
    """Messages by channel and time (`ts`, Slack's id of a message); `thread` is the `ts` of the message that
    a thread began with, or the message's own."""

    tables = """
    CREATE TABLE IF NOT EXISTS channels (id TEXT PRIMARY KEY, read_to TEXT);
    CREATE TABLE IF NOT EXISTS messages (
        channel TEXT, ts TEXT, thread TEXT, PRIMARY KEY (channel, ts)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS threads (
        channel TEXT, ts TEXT, replies TEXT, read_s REAL, PRIMARY KEY (channel, ts)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS chosen (channel TEXT, ts TEXT, PRIMARY KEY (channel, ts)) WITHOUT ROWID;
    """

    def read_to(self, channel: str) -> str:
        """The `ts` up to which the channel was read, "" for one that is new."""
        found = self._db.execute("SELECT read_to FROM channels WHERE id = ?", (channel,)).fetchone()
        return found[0] if found else ""

    def set_read_to(self, channel: str, ts: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO channels VALUES (?, ?)", (channel, ts))

    def place(self, channel: str) -> Place | None:
        """Where a reading stopped that did not come to its end."""
        return Place.read(self.note(f"place in {channel}"))

    def set_place(self, channel: str, place: Place | None) -> None:
        self.set_note(f"place in {channel}", "" if place is None else place.text)

    def add(self, channel: str, messages: Iterable[tuple[str, str]]) -> None:
        """Each is a `ts` and that of its thread."""
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO messages VALUES (?, ?, ?)",
                [(channel, ts, thread) for ts, thread in messages],
            )

    def since(self, channel: str, first: str) -> set[str]:
        """Those of threads that began then or later."""
        found = self._db.execute(
            "SELECT ts FROM messages WHERE channel = ? AND CAST(thread AS REAL) >= CAST(? AS REAL)",
            (channel, first),
        )
        return {ts for (ts,) in found}

    def first(self, channel: str) -> str:
        """The `ts` of the oldest thread of which something is here, "" for none."""
        order = "ORDER BY CAST(thread AS REAL) LIMIT 1"
        found = self._db.execute(f"SELECT thread FROM messages WHERE channel = ? {order}", (channel,))
        return next((thread for (thread,) in found), "")

    def threads_between(self, channel: str, first: str, last: str) -> set[str]:
        """The `ts` of the threads of which something is here, and that began then."""
        found = self._db.execute(
            "SELECT DISTINCT thread FROM messages WHERE channel = ?"
            " AND CAST(thread AS REAL) BETWEEN CAST(? AS REAL) AND CAST(? AS REAL)",
            (channel, first, last),
        )
        return {thread for (thread,) in found}

    def of_thread(self, channel: str, ts: str) -> set[str]:
        """What is here of it, with what it began with."""
        found = self._db.execute("SELECT ts FROM messages WHERE channel = ? AND thread = ?", (channel, ts))
        return {one for (one,) in found}

    def replies(self, channel: str, ts: str) -> str:
        """Which replies a thread had when it was read last, as its mark; "" for none."""
        found = self._db.execute("SELECT replies FROM threads WHERE channel = ? AND ts = ?", (channel, ts))
        return next((mark for (mark,) in found), "")

    def threads_in_turn(self) -> list[tuple[str, str]]:
        """Channel and `ts` of all, those first that were not read for the longest time."""
        return self._db.execute("SELECT channel, ts FROM threads ORDER BY read_s").fetchall()

    def set_thread(self, channel: str, ts: str, replies: str) -> None:
        """It was read just now, with these replies, or with none."""
        if replies:
            row = (channel, ts, replies, time.time())
            self._db.execute("INSERT OR REPLACE INTO threads VALUES (?, ?, ?, ?)", row)
        else:
            self._db.execute("DELETE FROM threads WHERE channel = ? AND ts = ?", (channel, ts))

    def sweep(self, channel: str) -> Sweep:
        """How far older messages were compared."""
        text = self.note(f"sweep of {channel}")
        return Sweep(**json.loads(text)) if text else Sweep()

    def set_sweep(self, channel: str, sweep: Sweep) -> None:
        self.set_note(f"sweep of {channel}", json.dumps(asdict(sweep)))

    def choose(self, channel: str, ts: str) -> None:
        """Somebody chose the message by a shortcut; Slack does not tell that again."""
        self._db.execute("INSERT OR IGNORE INTO chosen VALUES (?, ?)", (channel, ts))

    def is_chosen(self, channel: str, ts: str) -> bool:
        found = self._db.execute("SELECT 1 FROM chosen WHERE channel = ? AND ts = ?", (channel, ts))
        return found.fetchone() is not None

    def remove(self, channel: str, gone: Iterable[str]) -> None:
        rows = [(channel, ts) for ts in gone]
        with self._transaction():
            for table in ("messages", "chosen"):
                self._db.executemany(f"DELETE FROM {table} WHERE channel = ? AND ts = ?", rows)
