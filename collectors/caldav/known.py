"""What earlier runs read of an account's calendars, in a file: by it a run fetches only what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urljoin

from collectors.known import KnownFile


class Known(KnownFile):
    """The calendars of an account, with their objects."""

    tables = """
    CREATE TABLE IF NOT EXISTS calendars (url TEXT PRIMARY KEY, token TEXT);
    CREATE TABLE IF NOT EXISTS objects (
        calendar TEXT, url TEXT, data BLOB, PRIMARY KEY (calendar, url)) WITHOUT ROWID;
    """

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
        with self._transaction():
            self._db.executemany(
                "INSERT OR REPLACE INTO objects VALUES (?, ?, ?)",
                [(calendar, url, data) for url, data in changed],
            )
            self._db.executemany(
                "DELETE FROM objects WHERE calendar = ? AND url = ?", [(calendar, url) for url in gone]
            )
            self._db.execute("INSERT OR REPLACE INTO calendars VALUES (?, ?)", (calendar, token))

    def forget_others(self, calendars: Collection[str]) -> None:
        """Calendars that are no more, or not wanted."""
        found = self._db.execute("SELECT url FROM calendars").fetchall()
        others = [(url,) for (url,) in found if url not in calendars]
        with self._transaction():
            self._db.executemany("DELETE FROM objects WHERE calendar = ?", others)
            self._db.executemany("DELETE FROM calendars WHERE url = ?", others)

    def all_objects(self) -> list[tuple[str, bytes]]:
        """Each with its whole address."""
        found = self._db.execute("SELECT calendar, url, data FROM objects ORDER BY url")
        return [(urljoin(calendar, url), data) for calendar, url, data in found]

    def objects(self, calendar: str) -> Iterator[bytes]:
        """What is in the calendar, as iCalendar texts."""
        found = self._db.execute("SELECT data FROM objects WHERE calendar = ? ORDER BY url", (calendar,))
        yield from (data for (data,) in found)
