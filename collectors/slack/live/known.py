"""Which messages of a workspace are on the board, in a file: by it a run sees which ones were deleted."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.known import KnownFile


class Known(KnownFile):
    """Messages by channel and time (`ts`, Slack's id of a message); `thread` is the `ts` of the message that
    a thread began with, or the message's own."""

    tables = """
    CREATE TABLE IF NOT EXISTS channels (id TEXT PRIMARY KEY, read_to TEXT);
    CREATE TABLE IF NOT EXISTS messages (
        channel TEXT, ts TEXT, thread TEXT, PRIMARY KEY (channel, ts)) WITHOUT ROWID;
    """

    def read_to(self, channel: str) -> str:
        """The `ts` up to which the channel was read, "" for one that is new."""
        found = self._db.execute("SELECT read_to FROM channels WHERE id = ?", (channel,)).fetchone()
        return found[0] if found else ""

    def set_read_to(self, channel: str, ts: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO channels VALUES (?, ?)", (channel, ts))

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

    def remove(self, channel: str, gone: Iterable[str]) -> None:
        with self._transaction():
            self._db.executemany(
                "DELETE FROM messages WHERE channel = ? AND ts = ?", [(channel, ts) for ts in gone]
            )
