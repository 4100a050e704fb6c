"""Short names of hits: S1, S2, ... for each person. A name means what that person was shown, or nothing.

A name is never reused, not even after a restart, because a tab may show it for days. So each run of the
server begins above all numbers of earlier runs, which a file stores; a person who was forgotten begins above
all forgotten numbers (decision 48).
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from models.ack import ErrorCode
from sio_server.registry.errors import Refusal
from sio_server.registry.ops import Json

PEOPLE_KEPT = 1_000  # whose hits are remembered; the longest idle goes
HITS_KEPT = 500  # of each person; the oldest go
RESERVED_AT_ONCE = 30
"""Numbers reserved in the file at a time: a crash skips at most this many."""
NOT_NOTED = range(100_000, 900_000)
"""Where numbers continue, at random, if the file cannot be read or written: hardly anybody has seen these."""
APART = range(1_000, 900_000, 1_000)
"""Where the numbers go on, at random, of a server that finds others on its board for the first time: a name
that another one gave to somebody who has come here is to mean nothing, and not another hit. A name has six
digits at most."""
_KEPT = ("id", "snippet", "source", "title", "marks", "author", "at")
_DIGITS = 20  # a fixed width, so that one write in place replaces the number
_APART = " apart"  # stands behind the number in the file once it was set apart

log = logging.getLogger("adjutant.search")

Shown = tuple[str, str, str]
"""A record's id, and its title and snippet as shown."""


class _Session:
    """One person's hits: a hit keeps its name while it is among the newest."""

    def __init__(self, last: int) -> None:
        self._hits: OrderedDict[str, Json] = OrderedDict()  # by name
        self._names: dict[Shown, str] = {}
        self.last = last

    def name(self, hit: Json, floor: int) -> str:
        shown = _shown(hit)
        name = self._names.get(shown)
        if name is None:
            self.last = max(self.last, floor) + 1
            name = self._names[shown] = f"S{self.last}"
            self._hits[name] = {field: hit.get(field) for field in _KEPT}
        self._hits.move_to_end(name)
        if len(self._hits) > HITS_KEPT:
            _, oldest = self._hits.popitem(last=False)
            del self._names[_shown(oldest)]
        return name

    def hit(self, name: str) -> Json | None:
        return self._hits.get(name)


class HitNames:
    """Everybody's hits. `file` stores the numbers used; without one they start over. `apart`: other servers
    name hits too."""

    def __init__(self, file: Path | None = None, apart: bool = False) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._file = file
        self._floor, is_apart = (0, False) if file is None else _noted(file)
        if apart and not is_apart:
            self._floor = _apart_above(self._floor)
        self._is_apart = is_apart or apart
        self._reserved = self._floor

    async def give(self, person: str, hits: Sequence[Json]) -> list[Json]:
        """The hits, each with its `name`."""
        while self._file is not None and self._reserved < self._last(person) + len(hits):
            await self._reserve(self._last(person) + len(hits) + RESERVED_AT_ONCE)
        session = self._sessions.setdefault(person, _Session(self._floor))
        self._sessions.move_to_end(person)
        named = [{"name": session.name(hit, self._floor), **hit} for hit in hits]
        if len(self._sessions) > PEOPLE_KEPT:
            _, forgotten = self._sessions.popitem(last=False)
            self._floor = max(self._floor, forgotten.last)
        return named

    async def close(self) -> None:
        """Stores the last number really used; no names are given from now on."""
        if self._reserved > self._floor:
            self._reserved = max([self._floor, *(session.last for session in self._sessions.values())])
            await self._write(self._reserved)

    def hit(self, person: str, name: str) -> Json | None:
        """Id, snippet, source and title of the hit as shown; None if there never was one.

        Errors: stale_target, when the name's hit is no longer remembered, or may be another server's.
        """
        session = self._sessions.get(person)
        found = None if session is None else session.hit(name)
        number = int(name[1:])
        if found is None and (number <= self._last(person) or number > APART.start):
            message = f"The server no longer knows which hit {name} was: search again and use its new name,"
            message += " or write it in quotation marks if you mean the text."
            raise Refusal(ErrorCode.STALE_TARGET, message)
        return found

    def _last(self, person: str) -> int:
        session = self._sessions.get(person)
        return self._floor if session is None else max(session.last, self._floor)

    async def _reserve(self, number: int) -> None:
        if await self._write(number):
            self._reserved = max(self._reserved, number)
        else:
            self._floor = max(self._floor, random.choice(NOT_NOTED))

    async def _write(self, number: int) -> bool:
        if self._file is None:
            return False
        try:
            await asyncio.to_thread(_note, self._file, number, self._is_apart)
        except OSError as error:
            log.warning("%s cannot be written (%s): names of hits get large numbers", self._file, error)
            self._file = None
        return self._file is not None


def _shown(hit: Json) -> Shown:
    return hit["id"], hit["title"], hit["snippet"]


def _apart_above(number: int) -> int:
    left = APART[bisect_right(APART, number) :]
    return random.choice(left) if left else number


def _noted(file: Path) -> tuple[int, bool]:
    """The largest number that may have been used, and whether it was set apart from other servers'."""
    try:
        noted = file.read_text("ascii")
        return int(noted.removesuffix(_APART)), noted.endswith(_APART)
    except FileNotFoundError:
        return 0, False
    except (OSError, ValueError):
        log.warning("%s cannot be read: names of hits get large numbers", file)
        return random.choice(NOT_NOTED), False


def _note(file: Path, number: int, is_apart: bool) -> None:
    """Makes the number durable before it is shown; one short write in place, which a crash cannot tear."""
    noted = str(number).rjust(_DIGITS) + (_APART if is_apart else "")
    opened = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(opened, noted.encode("ascii"), 0)
        os.fsync(opened)
    finally:
        os.close(opened)
