"""A server that says what a test tells it to: what a real one says only after a loss, or once it is newer."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import socketio
from aiohttp import web

Json = Any


def snapshot(seq: int, *titles: str, **more: Json) -> Json:
    """A snapshot with these priorities."""
    items = [{"id": title, "title": title} for title in titles]
    head = {"mode": "snapshot", "epoch": "e", "seq": seq, "rooms": ["state"], "why": "first"}
    return head | {"state": {"priorities": items}} | more


def patch(seq: int, title: str, **more: Json) -> Json:
    """The commit after `seq - 1`, which puts a priority."""
    put = {"section": "priorities", "id": title, "put": {"id": title, "title": title}}
    return {"epoch": "e", "prev": seq - 1, "seq": seq, "at": "", "cause": {}, "changes": [put]} | more


def delta(since: int, seq: int, *patches: Json, **more: Json) -> Json:
    """What was missed."""
    head = {"mode": "delta", "epoch": "e", "from": since, "seq": seq, "rooms": ["state"]}
    return head | {"patches": [{"room": "state"} | one for one in patches]} | more


class Told:
    """`hellos` are the handshakes, `asked` the positions of each `state:sync`; both get the next of `syncs`,
    and the last one again and again."""

    def __init__(self, *syncs: Json) -> None:
        self._syncs = list(syncs)
        self.hellos: list[Json] = []
        self.asked: list[Json] = []
        self._sio = socketio.AsyncServer(async_mode="aiohttp", logger=False)
        self._sio.on("connect", self._on_connect)
        self._sio.on("state:sync", self._on_sync)
        self._sio.on("*", self._on_any)

    async def __aenter__(self) -> Self:
        app = web.Application()
        self._sio.attach(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drop()
        await self._sio.shutdown()
        await self._runner.cleanup()

    async def say(self, event: str, payload: Json) -> None:
        """To the client that is connected."""
        await self._sio.emit(event, payload)

    async def drop(self) -> None:
        """Ends the connection."""
        for sid in list(self._sio.eio.sockets):
            await self._sio.eio.disconnect(sid)

    async def _on_connect(self, sid: str, environ: Json, auth: Json) -> None:
        self.hellos.append(auth)

        async def greet() -> None:
            await self._sio.emit("state:sync", self._next(), to=sid)

        self._sio.start_background_task(greet)

    async def _on_sync(self, sid: str, position: Json) -> Json:
        self.asked.append(position)
        return {"ok": True, "seq": 0, "data": self._next()}

    async def _on_any(self, event: str, sid: str, payload: Json) -> Json:
        return {"ok": True, "seq": 0, "data": {}}

    def _next(self) -> Json:
        return self._syncs.pop(0) if len(self._syncs) > 1 else self._syncs[0]
