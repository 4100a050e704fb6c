"""A running server with somebody to attack, and somebody who must not notice."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

from tests.abuse.raw import RawPolling, RawSocket, Session, dump
from tests.forked import ForkedServer
from tests.running import WAIT_S, PythonClient, RunningServer, until_found

TRANSPORTS: dict[str, Any] = {"websocket": RawSocket, "polling": RawPolling}

SERVE = """
import os
import sys

import serve

sys.exit(serve.main(sys.argv[1:], dict(os.environ)))
"""
PATIENT = f"""
from sio_server.clients import dispatch, transport
from sio_server.sockets import listener

dispatch.DEADLINE_S = transport.CONNECT_WITHIN_S = transport.ATTACHMENTS_WITHIN_S = {WAIT_S}
listener.ARRIVES_WITHIN_S = dict.fromkeys(listener.ARRIVES_WITHIN_S, {WAIT_S})
listener.KNOWN_WITHIN_S = listener.ARRIVES_WITHIN_S
"""
"""The server's deadlines are not those of a machine that is busy with other things: 10 s become 240."""
VALUE = "sEcReT"  # part of refused values: no ack repeats it
LOG_LINE = re.compile(r"\d\d:\d\d:\d\d (info|warning|error) ")

EVENT = {"id": "e1", "title": "Board call", "start": "2026-11-23T09:00:00Z", "end": "2026-11-23T10:00:00Z"}
PRIORITY = {"id": "p1", "title": "Sign the lease"}
COMMITMENT = {"id": "m1", "description": "Send the deck", "direction": "owe"}


def changed_server(folder: Path, program: str, *flags: str) -> RunningServer:
    """A server, not yet started, that runs the program before it serves."""
    changed = folder / "changed.py"
    changed.write_text(f"{program}\n{SERVE}")
    server = ForkedServer(folder / "data", *flags)
    server.program = (str(changed),)
    return server


class Arena:
    """`witness` is a real dashboard; `observer` reads the state by hand."""

    def __init__(self, server: RunningServer, witness: PythonClient, observer: RawSocket) -> None:
        self.server = server
        self.witness = witness
        self._observer = observer
        self._counter = count(1)
        self._log_read = 0

    @classmethod
    @asynccontextmanager
    async def on(cls, server: RunningServer, **auth: Any) -> AsyncIterator[Self]:
        """An arena on a server that runs; the state has an item in each section."""
        witness = await PythonClient(**auth).connect(server.url)
        observer = await (await RawSocket.open(server)).join(rooms=[], **auth)
        await witness.wait_for("state:sync")
        for event, item in (
            ("calendar:put", EVENT),
            ("priorities:put", PRIORITY),
            ("commitments:put", COMMITMENT),
        ):
            await witness.done(event, {"items": [item]})
        await witness.done("brief:set", brief={"text": "All is quiet."})
        yield cls(server, witness, observer)
        await observer.leave()
        await witness.disconnect()

    @classmethod
    @asynccontextmanager
    async def in_folder(cls, folder: Path, program: str = "") -> AsyncIterator[Self]:
        """An arena on a server of its own, without tokens; it waits long, unless the program says else."""
        server = changed_server(folder, PATIENT + program)
        await server.start()
        try:
            async with cls.on(server) as arena:
                yield arena
        finally:
            await server.kill()

    @asynccontextmanager
    async def attacker(
        self, transport: str = "websocket", *, joined: bool = True, **auth: Any
    ) -> AsyncIterator[Any]:
        """A session to attack by; it is gone after the block."""
        session: Session = await TRANSPORTS[transport].open(self.server)
        try:
            yield await session.join(rooms=[], **auth) if joined else session
        finally:
            await session.leave()

    @asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[None]:
        """Asserts that what happens in the block changes nothing, stays nowhere and reaches nobody."""
        async with self.unharmed(), self.undisturbed_state():
            yield

    @asynccontextmanager
    async def undisturbed_state(self) -> AsyncIterator[None]:
        """Asserts that the state is byte by byte as it was before the block."""
        before = await self.picture()
        yield
        assert await self.picture() == before

    @asynccontextmanager
    async def unharmed(self) -> AsyncIterator[None]:
        """The same, for a block that may change the state: the witness's own patches go on without a gap."""
        noticed = len(self.witness.events)
        yield
        await self.alone()
        self.check_log()
        seq = await self.nudge()
        await self.witness.in_step(seq)
        told = self.witness.events[noticed:]
        seqs = [payload["seq"] for event, payload in told if event == "state:patch"]
        assert seqs == list(range(seq - len(seqs) + 1, seq + 1))
        # Without tokens all people are one, and hear of their own preferences.
        assert {event for event, _ in told} - {"prefs:changed", "seen:changed"} == {"state:patch"}

    async def picture(self) -> str:
        """The whole state and its position, byte by byte, as another client gets it."""
        await self._observer.send('4299["state:get",{}]')
        return await self._observer.next_of("4399[")

    async def nudge(self) -> int:
        """A harmless change, to see that the server still serves; its seq."""
        changed = {"message": f"change {next(self._counter)}"}
        ack = await self._observer.ask("system:set", changed)
        assert ack["ok"], ack
        return int(ack["seq"])

    async def nudge_unseen(self, session: Session) -> None:
        """Asserts that a session that was not let in is told of nothing."""
        before = await self.picture()
        await self.witness.done("state:get", {"sections": ["system"]})
        assert await self.picture() == before
        await session.send("40/nowhere,")
        assert (await session.next()).startswith("44/nowhere,")

    async def alone(self) -> None:
        """Returns when everybody but the witness and the observer is gone."""
        await self.alone_with(0)

    async def alone_with(self, others: int) -> None:
        """The same, when so many others stay."""
        await until_answer(self.present, (2 + others, 2 + others), "everybody else is gone")

    async def present(self) -> tuple[int, int]:
        """Clients, and Engine.IO sessions whether let in or not."""
        _, stats = await self.server.get("/stats")
        return stats["clients"]["total"], stats["clients"]["sessions"]

    async def memory_bytes(self) -> int:
        """What the server's process takes up."""
        _, stats = await self.server.get("/stats")
        return int(stats["memory_bytes"])

    def forget_log(self) -> str:
        """What was logged since the last look."""
        log = self.server.log()
        news, self._log_read = log[self._log_read :], len(log)
        return news

    def check_log(self) -> None:
        """No failure was logged since the last look, and no line that the server did not begin."""
        news = self.forget_log()
        for word in ("Traceback", "Error", "error_id", "failed"):
            assert word not in news, news
        assert all(LOG_LINE.match(line) for line in news.splitlines()), news


async def until_answer(ask: Callable[[], Awaitable[Any]], wanted: Any, what: str) -> None:
    """Returns when the answer is as wanted."""

    async def is_wanted() -> bool:
        return bool(await ask() == wanted)

    await until_found(is_wanted, what)


def check_refusal(ack: Any, code: str, path: str | None) -> None:
    """The ack refuses with this code and, when there is a path, names it; and repeats no value."""
    assert not ack["ok"], ack
    error = ack["error"]
    assert (error["code"], error["retry"] in ("no", "resync")) == (code, True), error
    assert error["message"].endswith((".", "?"))
    if path is not None:
        assert path in [fault["path"] for fault in error["details"]], error
        assert len(error["details"]) <= 20
    assert VALUE not in dump(ack)
    assert len(dump(ack)) < 6_000
