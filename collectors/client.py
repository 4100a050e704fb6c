"""A connection of a collector to the server: requests that survive dropped connections and restarts."""

import asyncio
import errno
import logging
import secrets
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

import socketio
from aiohttp import ClientError, ClientResponseError
from socketio.exceptions import SocketIOError

from collectors.arguments import without_password
from collectors.cancelling import heeding_cancel

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CONNECT_S, _ACK_S = 10.0, 30.0

_log = logging.getLogger("collectors.client")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # what goes wrong reaches the caller as an exception

Answer = Callable[[Any], Awaitable[dict[str, Any]]]


class Refused(Exception):
    """The server says no, and saying it again will not help; the message is a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(Exception):
    """There was no answer for as long as the caller wanted to wait."""


class _Dropped(Exception):
    """This attempt got no answer, but another one may."""


class Connection:
    """One collector's connection, opened at its first request and again whenever it is needed.

    A request is repeated under its `op` until it is answered, so its effect comes about once, however often
    the connection drops; `patience_s` says for how long, None for ever. `url` is what the server is called in
    messages.
    """

    def __init__(
        self, url: str, *, client: str, source: str, token: str | None = None, patience_s: float | None = 10.0
    ) -> None:
        self.url, self._url = without_password(url), url
        self._auth = {"client": client, "source": source, "rooms": []} | ({"token": token} if token else {})
        self._patience_s = patience_s
        self._answers: dict[str, Answer] = {}
        self._refusal: object = None
        self._sio: socketio.AsyncClient | None = None
        self.lost = asyncio.Event()
        self.lost.set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._hang_up()

    def answer(self, event: str, how: Answer) -> None:
        """From the next connect on, what the server asks by this event is answered so."""
        self._answers[event] = how

    async def reach(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Returns when there is a connection, however long that takes; `say` is told once if it does.

        Errors: Refused.
        """
        deadline, told = _Deadline(None), False
        while True:
            try:
                return await self._connect()
            except _Dropped as drop:
                if not told:
                    say(f"{self.url}: {drop}; trying again until the server is there")
                told = True
                await deadline.pause(0.0, str(drop))

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """What the ack says of it; its `op` is a new one unless the payload has one.

        Errors: Refused, Unreachable.
        """
        return await self.say(event, {"op": secrets.token_hex(16)} | payload)

    async def say(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """A request without an `op`: it may be carried out twice when an answer is lost. Errors: as above."""
        deadline = _Deadline(self._patience_s)
        while True:
            try:
                await self._connect()
                ack = await self._ask(event, payload)
                pause_s = _pause_s(ack)
                if pause_s is None:
                    return _data(ack)
                why = "the server is busy"
            except _Dropped as drop:
                why, pause_s = str(drop), 0.0
            await deadline.pause(pause_s, f"{self.url}: {why}")

    async def _connect(self) -> None:
        if self._sio is not None and not self.lost.is_set():
            return
        await self._hang_up()
        # With handle_sigint the library takes Ctrl-C from the program, and cancels every task that it has.
        sio = self._sio = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, logger=_log, engineio_logger=_log
        )
        self._refusal = None
        sio.on("connect_error", self._on_connect_error)
        sio.on("disconnect", self._on_disconnect)
        for event, how in self._answers.items():
            sio.on(event, how)
        self.lost.clear()
        try:
            async with asyncio.timeout(_CONNECT_S):
                await heeding_cancel(
                    sio.connect(self._url, auth=self._auth, transports=["websocket"], wait_timeout=_CONNECT_S)
                )
        except (SocketIOError, ClientError, TimeoutError, OSError, ValueError) as error:
            self.lost.set()
            _raise_if_final(self._refusal)
            raise _Dropped(f"no connection ({_why(error)})") from None

    async def _ask(self, event: str, payload: dict[str, Any]) -> object:
        """One attempt. The library would wait for the ack although the connection has dropped."""
        assert self._sio is not None
        call = asyncio.ensure_future(self._sio.call(event, payload, timeout=_ACK_S))
        lost = asyncio.ensure_future(self.lost.wait())
        try:
            await asyncio.wait((call, lost), return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise _Dropped("the connection dropped")
            return call.result()
        except SocketIOError as error:
            self.lost.set()
            raise _Dropped(f"no answer ({type(error).__name__})") from None
        finally:
            await _cancel(call, lost)

    async def _on_connect_error(self, data: object = None) -> None:
        self._refusal = data

    async def _on_disconnect(self, *_: object) -> None:
        self.lost.set()

    async def _hang_up(self) -> None:
        sio, self._sio = self._sio, None
        self.lost.set()
        if sio is not None:
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await sio.disconnect()
            except (SocketIOError, TimeoutError, OSError):
                pass  # the line is gone already


class _Deadline:
    """Pauses between attempts, longer each time, until there is no patience left."""

    def __init__(self, patience_s: float | None) -> None:
        self._ends_at_s = None if patience_s is None else time.monotonic() + patience_s
        self._pause_s = _FIRST_PAUSE_S

    async def pause(self, at_least_s: float, why: str) -> None:
        pause_s = max(at_least_s, self._pause_s * (0.5 + secrets.randbelow(1000) / 1000))
        if self._ends_at_s is not None and time.monotonic() + pause_s > self._ends_at_s:
            raise Unreachable(why)
        await asyncio.sleep(pause_s)
        self._pause_s = min(self._pause_s * 2, _LONGEST_PAUSE_S)


async def _cancel(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _why(error: BaseException) -> str:
    """What is known of it; the library wraps it into errors that say nothing."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain:
        chain.append(one)
        one = one.__cause__ or one.__context__
    if any(isinstance(one, socket.gaierror) for one in chain):
        return "there is no such host"
    if any(isinstance(one, ssl.SSLError) for one in chain):
        return "it does not speak TLS, or has no certificate that is trusted here"
    if any(f"[Errno {errno.ECONNREFUSED}]" in str(one) for one in chain):
        return "refused: nothing listens there"
    if any(isinstance(one, ClientResponseError) for one in chain):
        return "what answers there is no Socket.IO server"
    if isinstance(error, TimeoutError):
        return f"no answer within {_CONNECT_S:g} s"
    return without_password(str(error)) or type(error).__name__


def _raise_if_final(refusal: object) -> None:
    """Errors: Refused, when the server refused the connection and will go on to do so."""
    if not isinstance(refusal, dict) or not isinstance(refusal.get("data"), dict):
        return
    data = refusal["data"]
    if data.get("retry", "no") == "no":
        raise Refused(str(data.get("code", "refused")), str(refusal.get("message", "the server refuses")))


def _pause_s(ack: object) -> float | None:
    """How long to wait before the same request is sent again; None when it is settled."""
    error = ack.get("error") if isinstance(ack, dict) and ack.get("ok") is False else None
    if not isinstance(error, dict) or error.get("retry") not in ("same_op", "after"):
        return None
    after_ms = error.get("after_ms", 0)
    return after_ms / 1000 if isinstance(after_ms, int | float) else 0.0


def _data(ack: object) -> dict[str, Any]:
    match ack:
        case {"ok": True, "data": dict(data)}:
            return data
        case {"ok": True}:
            return {}
        case {"ok": False, "error": {"code": code, "message": message, **rest}}:
            raise Refused(str(code), f"{message}{_details(rest.get('details'))}")
        case _:
            raise Refused("internal", "the server gave an answer that is no ack")


def _details(details: object) -> str:
    places = details if isinstance(details, list) else []
    said = [f"{place.get('path')}: {place.get('message')}" for place in places[:3] if isinstance(place, dict)]
    return f" ({'; '.join(said)})" if said else ""
