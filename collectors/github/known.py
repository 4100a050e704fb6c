"""What GitHub answered before, in a file: what has not changed is not sent again, and does not count against
the limit of requests."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from collectors.known import KnownFile


@dataclass(frozen=True)
class Page:
    """One answer: its ETag, its bytes, and the address of the page after it, "" for the last one."""

    etag: str
    body: bytes
    following: str


class Known(KnownFile):
    """The pages of an account."""

    tables = "CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, etag TEXT, body BLOB, following TEXT);"

    def page(self, url: str) -> Page | None:
        """What was answered there."""
        found = self._db.execute("SELECT etag, body, following FROM pages WHERE url = ?", (url,)).fetchone()
        return Page(*found) if found else None

    def keep(self, url: str, page: Page) -> None:
        """In place of what was known of the address."""
        said = (url, page.etag, page.body, page.following)
        self._db.execute("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?)", said)

    def keep_only(self, urls: Collection[str]) -> None:
        """Forgets all other pages."""
        with self._transaction():
            found = self._db.execute("SELECT url FROM pages").fetchall()
            others = [(url,) for (url,) in found if url not in urls]
            self._db.executemany("DELETE FROM pages WHERE url = ?", others)
