"""The whole server but its transport, in the test's own process: a clock that can be set, a store in
a folder, and seats, which are clients whose line is a list."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import orjson
import pytest

from handlers import REGISTRY
from models.change import Position
from sio_server.board import Around, Board
from sio_server.clients.client import Client
from sio_server.log import sums
from sio_server.log.postgres.log import PostgresLog
from sio_server.log.sqlite import SqliteLog
from sio_server.metrics import Metrics
from sio_server.registry.errors import invalid_state
from sio_server.registry.registry import Registry
from sio_server.registry.roles import Principal, Role
from sio_server.registry.settings import RuleSettings
from sio_server.search.index import Index
from sio_server.search.search import Search
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.packets import Bundle, Framed, Text
from sio_server.state.commit import Commit
from sio_server.state.sizes import Sizes
from sio_server.state.state import State
from tests.postgres import open_log, place_of_records
from tests.replica import Replica, check_ack
from tests.running import WAIT_S

Json = Any

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
DAY_S = 24 * 3600.0
PERSON = Principal("local", "ada", Role.EDITOR)


def collector(source: str) -> Principal:
    """The principal that feeds this source."""
    return Principal(f"source:{source}", source, Role.COLLECTOR, source)


@dataclass
class SetClock:
    """Stands still until it is set."""

    now_s: float = NOON
    wall_jump_s: float = 0
    boot: str = "this boot"

    def wall(self) -> float:
        return self.now_s + self.wall_jump_s

    def up(self) -> tuple[str, float]:
        return self.boot, self.now_s

    def moment(self, wall_s: float) -> datetime:
        return datetime.fromtimestamp(wall_s, UTC)

    def monotonic(self) -> float:
        return self.now_s


class Line:
    """Keeps what is sent; `backlog_bytes` is what the test says."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.news = asyncio.Event()
        self.backlog_bytes = 0
        self.read = asyncio.Event()
        self.fast_path = FastPath()

    def post(self, text: Text) -> None:
        self.sent.append(text.encode())
        self.news.set()

    def post_now(self, message: Framed) -> bool:
        if self.backlog_bytes:
            return False
        for text in message.texts if isinstance(message, Bundle) else [message]:
            assert isinstance(text, Text)
            self.post(text)
        return True

    async def drained(self, within_s: float) -> None:
        if self.backlog_bytes:
            await self.read.wait()


class Seat:
    """A client that was let in, with a replica of what it was sent."""

    def __init__(
        self, core: Core, principal: Principal, strict: bool = True, hz: float | None = None
    ) -> None:
        self.line = Line()
        self.client = Client(f"sid-{next(_NUMBERS)}", principal, self.line, core.services, hz)
        self.replica = Replica(strict)
        self.acks: dict[int, Json] = {}
        self.log: list[tuple[str, Json]] = []
        self.asked: list[tuple[int, Json]] = []
        self._core = core
        self._ids = itertools.count()
        self._read = 0

    async def begin(self, *rooms: str, resume: Json = None) -> Seat:
        """Takes the seat; itself, for chaining."""
        position = None if resume is None else Position.model_validate(resume)
        await self.client.begin(self._core.state.registry.known_rooms(rooms), position)
        self.client.idle()
        self._core.dispatch.enter(self.client)
        self.read()
        return self

    def leave(self) -> None:
        """The connection is over."""
        self.client.leave()
        self._core.dispatch.leave(self.client)

    async def call(self) -> tuple[int, Json]:
        """The next thing that the server asks of this client: the id of its ack, and the payload."""
        async with asyncio.timeout(WAIT_S):
            while not self.asked:
                await self._hear()
        return self.asked.pop(0)

    def answer(self, id: int, answer: Json) -> None:
        """Acks what the server asked."""
        self.client.answered(id, answer)

    def send(self, event: str, payload: Json) -> int:
        """Sends without waiting; the id of the ack."""
        id = next(self._ids)
        self._core.dispatch.receive(self.client, id, [event, payload], None)
        return id

    async def ack(self, id: int) -> Json:
        """The ack of that id."""
        async with asyncio.timeout(WAIT_S):
            while id not in self.acks:
                await self._hear()
        return self.acks[id]

    async def ask(self, event: str, /, **payload: Json) -> Json:
        """The ack of one request."""
        return await self.ack(self.send(event, payload))

    async def done(self, event: str, /, **payload: Json) -> Json:
        """The ack's data; it must have been carried out."""
        ack = await self.ask(event, **payload)
        assert ack["ok"], ack
        return ack["data"]

    async def refused(self, event: str, /, **payload: Json) -> Json:
        """The ack's error; it must have been refused."""
        ack = await self.ask(event, **payload)
        assert not ack["ok"], ack
        return ack["error"]

    async def pipeline(self, requests: Iterable[tuple[str, Json]]) -> list[Json]:
        """The acks of requests sent all at once."""
        ids = [self.send(event, payload) for event, payload in requests]
        return [await self.ack(id) for id in ids]

    async def state(self) -> Json:
        """A fresh snapshot of the whole board; a collector asks a person for it."""
        if self.client.principal.sees is None:
            return (await self.done("state:get"))["state"]
        await self.done("state:get")
        person = await self._core.sit()
        try:
            return await person.state()
        finally:
            person.leave()

    async def item(self, section: str, id: str) -> Json:
        """An item of the fresh snapshot."""
        found = (await self.state())[section]
        listed = [*found["owe"], *found["owed"]] if section == "commitments" else found
        return next((item for item in listed if item["id"] == id), None)

    def received(self, event: str) -> list[Json]:
        """The payloads of this event so far."""
        self.read()
        return [payload for name, payload in self.log if name == event]

    def read(self) -> None:
        """Takes in what came since; a patch never comes after the ack of its seq."""
        for frame in self.line.sent[self._read :]:
            found = re.match(r"4([23])(\d*)", frame)
            assert found is not None
            arguments = orjson.loads(frame[found.end() :])
            if found[1] == "2":
                self.log.append((arguments[0], arguments[1]))
                self.asked += [(int(found[2]), arguments[1])] if found[2] else []
                self.replica.take(*arguments)
            else:
                self._note(int(found[2]), arguments[0])
        self._read = len(self.line.sent)

    async def _hear(self) -> None:
        """Returns when something came; on the way the server does what it has to do."""
        before = self._read
        await asyncio.sleep(0)
        if self._read == before:  # else another one that waits took it in meanwhile
            await self.line.news.wait()
        self.line.news.clear()
        self.read()

    def _note(self, id: int, ack: Json) -> None:
        check_ack(ack)
        assert id not in self.acks, "a second ack"
        self.acks[id] = ack
        if ack["ok"] and isinstance(ack["data"], dict) and {"mode", "epoch"} <= ack["data"].keys():
            self.replica.sync(ack["data"])
        if ack["ok"] and "state" in self.replica.mine and not self.client.lags:
            assert self.replica.mine["state"] >= ack["seq"], "the ack came before its patch"


_NUMBERS = itertools.count()


class Recorded(Board):
    """A board that keeps what it published."""

    commits: list[Commit]

    def publish(self, commits: Sequence[Commit]) -> Iterator[None]:
        self.commits += commits
        return super().publish(commits)


class NoHost:
    """A server of nothing but the board."""

    board = "main"

    def stats(self, names: bool) -> Json:
        return {}

    def has_left(self, whose: str) -> bool:
        return False

    async def renew(self, client: object, token: str) -> Json:
        """There are no tokens here."""
        raise invalid_state("This board needs no token.")

    async def boards(self, who: Principal, due: object) -> list[Json]:
        return []

    def broke_down(self) -> None:
        pass


class Core:
    """Everything from dispatch to the disk. `open` and `close` may be repeated on one folder."""

    def __init__(
        self,
        folder: Path,
        *,
        keep_changes: int = 50_000,
        keep_s: float = DAY_S,
        registry: Registry = REGISTRY,
        words: frozenset[str] = frozenset({"board"}),
        zone: str = "UTC",
    ) -> None:
        self.folder = folder
        self.clock = SetClock()
        self.words = words
        self._zone = ZoneInfo(zone)
        self.commits: list[Commit] = []
        self._keep = (keep_changes, keep_s)
        self._registry = registry

    async def open(self) -> Core:
        """Begins to serve; itself, for chaining."""
        self.log = self.open_log()
        metrics = Metrics()
        records = Search(Index(place_of_records(self.folder / "search.db"), self.clock), metrics)
        rules = RuleSettings(self._zone, self.words)
        around = Around(self.clock, metrics, NoHost())
        self.board = Recorded(self._registry, self.log, records, rules, around)
        self.board.commits = self.commits
        self.state, self.hub = self.board.state, self.board.hub
        self.sync, self.fanout = self.board.sync, self.board.fanout
        self.services, self.dispatch = self.board.services, self.board.dispatch
        self.presence = self.board.presence
        self.hub.start()
        return self

    def open_log(self) -> SqliteLog | PostgresLog:
        """The log of its folder."""
        return open_log(self.folder, *self._keep)

    @property
    def sqlite(self) -> SqliteLog:
        """The log, for what is about SQLite's file; with another database the test is skipped."""
        if not isinstance(self.log, SqliteLog):
            pytest.skip("about SQLite's file")
        return self.log

    async def close(self) -> None:
        """As an orderly stop does; the rows add up then."""
        await self.hub.stop(5)
        check_sizes(self.state)
        if isinstance(self.log, SqliteLog) and not self.log._broken:
            assert sums.is_total(self.log._writer)
            assert not sums.altered(self.log._writer)
        self.log.close(self.board.clock.note())

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def sit(
        self,
        *rooms: str,
        who: Principal = PERSON,
        resume: Json = None,
        strict: bool = True,
        hz: float | None = None,
    ) -> Seat:
        """A client in these rooms."""
        return await Seat(self, who, strict, hz).begin(*rooms, resume=resume)

    async def tidy(self) -> None:
        """What the server does every minute."""
        await self.board.tidy()


def check_sizes(state: State) -> None:
    """What is counted with each change is what a count of all items finds."""
    counted = Sizes()
    for rows in state.rows.values():
        for row in rows.values():
            counted.count(None, row)
    assert (state.sizes.of, state.sizes.size_bytes) == (counted.of, counted.size_bytes)


async def event(seat: Seat, **fields: Json) -> Json:
    """Puts one event; the item as everybody sees it."""
    given = {"id": "e", "title": "Walk", "start": "2026-11-23T09:00:00Z"} | fields
    await seat.done("calendar:put", items=[given])
    source = seat.client.principal.source
    return await seat.item("calendar", "e" if source is None else f"{source}/e")
