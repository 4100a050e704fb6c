"""What GitHub answered before, in a file: what has not changed is not sent again, and does not count against
the limit of requests. And what was proposed to be closed there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from collectors.known import KnownFile


@dataclass(frozen=True)
class Page:
    """One answer: its ETag, its bytes, and the address of the page after it, "" for the last one."""

    etag: str
    body: bytes
    following: str


class Stage(StrEnum):
    """How far a proposal has come: it may have been sent, it was, or it was taken back on the board."""

    WANTED = "wanted"
    SENT = "sent"
    OVER = "over"


@dataclass(frozen=True)
class Proposed:
    """A proposal to close an item, the `number`-th; one that GitHub refuses is not sent before
    `not_before_s`, by the wall clock, and `why` says why."""

    number: int
    stage: Stage
    not_before_s: float = 0.0
    why: str = ""


class Known(KnownFile):
    """The pages of an account, and what was proposed there by the item's id."""

    tables = """
        CREATE TABLE IF NOT EXISTS pages (url TEXT PRIMARY KEY, etag TEXT, body BLOB, following TEXT);
        CREATE TABLE IF NOT EXISTS proposed (
            id TEXT PRIMARY KEY, number INTEGER, stage TEXT, not_before_s REAL, why TEXT
        );
    """

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

    def proposed(self) -> dict[str, Proposed]:
        """By the item's id."""
        found = self._db.execute("SELECT id, number, stage, not_before_s, why FROM proposed").fetchall()
        return {id: Proposed(number, Stage(stage), *more) for id, number, stage, *more in found}

    def set_proposed(self, id: str, one: Proposed) -> None:
        """In place of what was known of the item."""
        said = (id, one.number, one.stage.value, one.not_before_s, one.why)
        self._db.execute("INSERT OR REPLACE INTO proposed VALUES (?, ?, ?, ?, ?)", said)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process is in here, which would propose the same."""
        lock = os.open(self.path.with_name(f"{self.path.name}.writing"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)
