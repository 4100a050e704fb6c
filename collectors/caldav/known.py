"""What earlier runs read of an account's calendars, in a file: by it a run fetches only what changed."""

from __future__ import annotations

from collections.abc import Collection

from collectors.ics.kept import Kept


class Known(Kept):
    """The calendars of an account, with their objects."""

    tables = (
        Kept.tables
        + """
    CREATE TABLE IF NOT EXISTS calendars (url TEXT PRIMARY KEY, token TEXT);
    """
    )

    def calendars(self) -> list[str]:
        """Those that were read."""
        return [url for (url,) in self._db.execute("SELECT url FROM calendars")]

    def token(self, calendar: str) -> str | None:
        """What the server gave to ask by for what changed; None for a calendar that is new."""
        found = self._db.execute("SELECT token FROM calendars WHERE url = ?", (calendar,)).fetchone()
        return found[0] if found else None

    def set_token(self, calendar: str, token: str | None, gone: Collection[str]) -> None:
        """All that changed until this token is known, once these are gone."""
        with self._transaction():
            self._change(calendar, (), gone)
            self._db.execute("INSERT OR REPLACE INTO calendars VALUES (?, ?)", (calendar, token))

    def forget_others(self, calendars: Collection[str]) -> None:
        """Calendars that are no more, or not wanted."""
        found = self._db.execute("SELECT url FROM calendars UNION SELECT DISTINCT calendar FROM members")
        with self._transaction():
            for (url,) in [row for row in found.fetchall() if row[0] not in calendars]:
                self._change(url, (), self.etags(url))
                self._db.execute("DELETE FROM calendars WHERE url = ?", (url,))
