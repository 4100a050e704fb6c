"""Long-polling over connections that break: each packet comes once and in order, or the session ends."""

from __future__ import annotations

import asyncio
import json
import random
import socket
from itertools import count
from typing import Any, Self

import pytest

from tests.abuse.arena import Arena
from tests.abuse.raw import POLLING_QUERY, SEPARATOR, RawPolling, dump
from tests.replica import Replica, as_held, canonical
from tests.running import WAIT_S, RunningServer

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = Any
NOOP = "6"


class Exchange:
    """One HTTP request on a connection of its own, which may be cut at any moment.

    What the server sends stays with the kernel until it is asked for, so that a cut loses it.
    """

    def __init__(self) -> None:
        self._line = socket.socket()
        self._line.setblocking(False)
        self._came = b""

    @classmethod
    async def begin(cls, server: RunningServer, query: str, body: str | None = None, length: int = 0) -> Self:
        """A GET, or a POST when there is a body; `length` says that more of it follows."""
        exchange, loop = cls(), asyncio.get_running_loop()
        method, data = ("GET", b"") if body is None else ("POST", body.encode())
        lines = [f"{method} /socket.io/?{POLLING_QUERY}&{query} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
        if body is not None:
            lines.append(f"Content-Length: {length or len(data)}")
        await loop.sock_connect(exchange._line, ("127.0.0.1", server.port))
        await loop.sock_sendall(exchange._line, "\r\n".join([*lines, "", ""]).encode() + data)
        return exchange

    async def answer(self) -> tuple[int, list[str]]:
        """Status and packets."""
        async with asyncio.timeout(WAIT_S):
            while b"\r\n\r\n" not in self._came:
                await self._receive()
            head, _, body = self._came.partition(b"\r\n\r\n")
            self._came, size = body, int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while len(self._came) < size:
                await self._receive()
        self._line.close()
        return int(head.split()[1]), self._came.decode().split(SEPARATOR)

    async def arrived(self) -> None:
        """Returns when the answer has begun to come; the rest of it is not read."""
        await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self._line, 1), WAIT_S)

    async def _receive(self) -> None:
        more = await asyncio.get_running_loop().sock_recv(self._line, 1 << 16)
        assert more, self._came
        self._came += more

    def close(self) -> None:
        """In order; what came, and what still comes, is answered with a reset."""
        self._line.close()

    def reset(self) -> None:
        """At once, as a machine does that is switched off and on."""
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self._line.close()


class Poller:
    """A session by hand: every request on a connection of its own, with marks unless there are none."""

    def __init__(self, server: RunningServer, marked: bool = True) -> None:
        self.server = server
        self.sid = ""
        self.replica = Replica()
        self._marks = count(1)
        self._marked = marked

    async def join(self) -> Self:
        """A new session, which resumes where the last one ended."""
        self.sid = ""
        _, packets = await (await self.get()).answer()
        self.sid = packets[0].split('"sid":"')[1].split('"')[0]
        resume = self.replica.position if self.replica.epoch else None
        assert (await (await self.post("40" + dump({"resume": resume}))).answer())[0] == 200
        syncs = len(self.replica.modes)
        while len(self.replica.modes) == syncs:
            assert await self.poll()
        return self

    def query(self, mark: str = "") -> str:
        """The session, and what makes the request distinct."""
        mark = mark or f"m{next(self._marks)}"
        return "&".join(
            [*([f"sid={self.sid}"] if self.sid else []), *([f"t={mark}"] if self._marked else [])]
        )

    async def get(self, mark: str = "") -> Exchange:
        return await Exchange.begin(self.server, self.query(mark))

    async def post(self, body: str, mark: str = "") -> Exchange:
        return await Exchange.begin(self.server, self.query(mark), body)

    async def poll(self, mark: str = "") -> bool:
        """Takes in what one poll brings; False when the session is over."""
        status, packets = await (await self.get(mark)).answer()
        if status != 200:
            return False
        await self.take(packets)
        return True

    async def take(self, packets: list[str]) -> None:
        """Takes packets in, in order; a strict replica finds what is missing, doubled or out of order."""
        for packet in packets:
            if packet == "2":
                await (await self.post("3")).answer()
            elif packet.startswith("42"):
                event, payload = json.loads(packet[2:])
                mine = self.replica.mine.get("state", -1)
                assert not event.endswith(":patch") or payload["seq"] > mine, "a patch came twice"
                self.replica.take(event, payload)

    async def until_seq(self, seq: int) -> None:
        """Polls up to that position; a session that ended is resumed."""
        while self.replica.mine["state"] < seq:
            if not await self.poll():
                await self.join()

    async def leave(self) -> None:
        await (await self.post("1")).answer()


async def test_a_poll_that_is_repeated_is_given_the_same_packets_again_and_the_next_one_what_follows(
    arena: Arena,
) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server).join()
        waiting = await poller.get("a")
        seq = await arena.nudge()
        await waiting.arrived()
        waiting.reset()
        first = await (await poller.get("a")).answer()
        assert await (await poller.get("a")).answer() == first
        await poller.take(first[1])
        assert poller.replica.mine["state"] == seq
        seq = await arena.nudge()
        assert await poller.poll("b")
        assert poller.replica.mine["state"] == seq
        await poller.leave()


async def test_a_poll_that_is_repeated_while_the_first_waits_takes_its_place(arena: Arena) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server).join()
        dead = await poller.get("a")
        await arena.picture()  # by now the server has seen the first
        waiting = await poller.get("a")
        assert await dead.answer() == (200, [NOOP])
        seq = await arena.nudge()
        await poller.take((await waiting.answer())[1])
        assert poller.replica.mine["state"] == seq
        await poller.leave()


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_poll_that_is_cut_while_it_waits_leaves_its_packets_to_its_repetition(
    arena: Arena, how: str
) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server).join()
        waiting = await poller.get("a")
        await arena.picture()  # by now the server has seen the poll
        getattr(waiting, how)()
        seq = await arena.nudge()
        assert await poller.poll("a")
        assert poller.replica.mine["state"] == seq
        assert poller.replica.modes == ["snapshot"]
        await poller.leave()


@pytest.mark.parametrize("marked", [True, False], ids=["with marks", "without"])
@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_session_whose_poll_was_cut_is_over_for_any_other_poll(
    arena: Arena, how: str, marked: bool
) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server, marked).join()
        waiting = await poller.get()
        await arena.picture()  # by now the server has seen the poll
        getattr(waiting, how)()
        assert not await poller.poll()
        seq = await arena.nudge()
        await poller.until_seq(seq)
        assert len(poller.replica.modes) == 2
        await poller.leave()


@pytest.mark.parametrize("marked", [True, False], ids=["with marks", "without"])
async def test_a_session_that_nobody_polls_after_its_poll_was_cut_is_ended(
    arena: Arena, marked: bool
) -> None:
    async with arena.undisturbed():
        poller = await Poller(arena.server, marked).join()
        waiting = await poller.get()
        await arena.picture()  # by now the server has seen the poll
        waiting.close()
        await arena.alone()
        assert not await poller.poll()


async def test_without_marks_an_answer_that_did_not_arrive_ends_the_session(arena: Arena) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server, marked=False).join()
        waiting = await poller.get()
        seq = await arena.nudge()
        await waiting.arrived()
        waiting.reset()
        assert not await poller.poll()
        await poller.join()
        assert poller.replica.mine["state"] == seq
        await poller.leave()


async def test_without_marks_a_client_that_closes_after_each_answer_is_not_taken_for_lost(
    arena: Arena,
) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server, marked=False).join()
        for _ in range(20):
            seq = await arena.nudge()
            while poller.replica.mine["state"] < seq:
                assert await poller.poll()
        assert poller.replica.modes == ["snapshot"]
        await poller.leave()


@pytest.mark.parametrize("marked", [True, False], ids=["with marks", "without"])
async def test_polls_that_are_cut_at_any_moment_lose_and_double_nothing(arena: Arena, marked: bool) -> None:
    chance = random.Random(f"cut {marked}")
    async with arena.unharmed():
        poller = await Poller(arena.server, marked).join()
        seq = 0
        for number in range(80):
            waiting = await poller.get(f"cut{number}")
            changing = asyncio.create_task(arena.nudge())
            for _ in range(chance.choice([0, 0, 1, 2, 3, 5, 8, 13])):
                await asyncio.sleep(0)
            if chance.random() < 0.5:
                await changing
            chance.choice([waiting.close, waiting.reset])()
            repeats = not marked or chance.random() < 0.7
            if not (repeats and await poller.poll(f"cut{number}")):
                await poller.leave()
                await poller.join()  # as a library does whose request has failed
            seq = await changing
            if chance.random() < 0.7:
                await poller.until_seq(seq)
        await poller.until_seq(seq)
        fresh = await arena.witness.state()
        assert canonical(poller.replica.held) == canonical(as_held(fresh))
        await poller.leave()


async def test_a_post_that_is_repeated_is_carried_out_once(arena: Arena) -> None:
    async with arena.unharmed():
        poller = await Poller(arena.server).join()
        before = await arena.nudge()
        change = '421["system:set",{"progress":%d}]'
        first = await poller.post(change % 7, "a")
        first.reset()
        for _ in range(2):
            assert (await (await poller.post(change % 7, "a")).answer())[0] == 200
        assert (await (await poller.post(change % 8, "b")).answer())[0] == 200
        await poller.until_seq(before + 2)
        assert await arena.nudge() == before + 3
        await poller.leave()


async def test_two_posts_at_once_end_the_session_instead_of_overtaking_each_other(arena: Arena) -> None:
    async with arena.undisturbed():
        poller = await Poller(arena.server).join()
        slow = await Exchange.begin(arena.server, poller.query(), '421["brief:get",', length=99)
        await arena.picture()  # by now the server reads its body
        assert (await (await poller.post('422["brief:get",{}]')).answer())[0] == 400
        assert not await poller.poll()
        slow.close()


async def test_two_polls_with_different_marks_end_the_session(arena: Arena) -> None:
    async with arena.undisturbed():
        session = await (await RawPolling.open(arena.server)).join(rooms=[])
        waiting = await Exchange.begin(arena.server, f"sid={session.sid}")
        await arena.picture()
        second = await Exchange.begin(arena.server, f"sid={session.sid}&t=burst")
        assert await waiting.answer() == (200, ["1"])
        assert (await second.answer())[0] == 400
        await session.forget()
