"""A reverse proxy before the server, as people have them: below a path, without websockets, with bad luck."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.running import RunningServer

ENDS = b"\x1e"  # between the packets of a poll
POLLED_MAX = 16  # as many packets as the server puts into one answer

Websocket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


class ReverseProxy:
    """Hands on to the server what is asked below `prefix`, which it takes away; `url` is where clients go.

    `websockets`: "pass", "refuse" (an answer instead of the upgrade), "swallow" (opened, and nothing more).
    `redirect`: instead of all that, where to go. `upstream`: where the server is, if not at its own address.
    `asked` is each path and body that reached it. While `hold_acks`, acks wait (on websockets).
    """

    def __init__(
        self,
        server: RunningServer,
        prefix: str = "/",
        *,
        websockets: str = "pass",
        redirect: str = "",
        upstream: str = "",
    ) -> None:
        self._server = server
        self._upstream = upstream
        self._prefix = prefix
        self._websockets = websockets
        self._redirect = redirect
        self._port = 0
        self._polls = asyncio.Event()
        self._cuts = 0
        self.asked: list[tuple[str, str]] = []
        self.hold_acks = False
        self.free()

    @property
    def url(self) -> str:
        """The address of the server through this proxy."""
        return f"http://127.0.0.1:{self._port}{self._prefix}"

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        app = web.Application(client_max_size=64 << 20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._runner.cleanup()

    def stop_polls(self) -> None:
        """What the server says by polling is not fetched until `free`."""
        self._polls.clear()

    def free(self) -> None:
        """The polls go on; what has gathered comes in one answer."""
        self._polls.set()

    def cut_next_poll(self) -> None:
        """The next answer to a poll breaks off in the middle."""
        self._cuts = 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.asked.append((request.path, body))
        if self._redirect:
            raise web.HTTPFound(self._redirect + request.path_qs)
        if not request.path.startswith(self._prefix):
            raise web.HTTPNotFound(text="nothing of the board is here")
        path = request.path_qs.removeprefix(self._prefix.rstrip("/"))
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._websocket(request, path)
        return await self._http(request, path, body)

    async def _http(self, request: web.Request, path: str, body: str) -> web.StreamResponse:
        polls = request.method == "GET" and "sid=" in path
        if polls:
            await self._polls.wait()
        headers = {"Content-Type": request.headers.get("Content-Type", "text/plain")}
        url = (self._upstream or self._server.url) + path
        try:
            async with self._session.request(
                request.method, url, data=body or None, headers=headers
            ) as answer:
                whole, status = await answer.read(), answer.status
            while polls and status == 200 and (whole.count(ENDS) + 1) % POLLED_MAX == 0:
                url += "0"  # another `t`: else it is the same poll once more, and gets the same packets
                async with self._session.get(url) as answer:
                    whole += ENDS + await answer.read()
        except aiohttp.ClientError:
            raise web.HTTPBadGateway from None
        if polls and self._cuts:
            self._cuts -= 1
            return await self._cut(request, whole)
        kind = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
        return web.Response(body=whole, status=status, headers=kind)

    async def _cut(self, request: web.Request, body: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[:-1])
        assert request.transport is not None
        request.transport.close()
        return response

    async def _websocket(self, request: web.Request, path: str) -> web.StreamResponse:
        if self._websockets == "refuse":
            raise web.HTTPForbidden(text="no websockets here")
        near = web.WebSocketResponse(max_msg_size=0)
        if self._websockets == "swallow":
            await near.prepare(request)
            async for _ in near:
                pass
            return near
        try:
            far = await self._session.ws_connect((self._upstream or self._server.url) + path, max_msg_size=0)
        except aiohttp.ClientError:
            raise web.HTTPBadGateway from None
        async with far:
            await near.prepare(request)
            ways = [
                asyncio.ensure_future(self._pass(near, far)),
                asyncio.ensure_future(self._pass(far, near)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        await near.close()
        return near

    async def _pass(self, one: Websocket, other: Websocket) -> None:
        held: list[str] = []
        async for message in one:
            held.append(message.data)
            waits = [text for text in held if self.hold_acks and text.startswith("43")]
            for text in held:
                if text not in waits:
                    await other.send_str(text)
            held = waits
