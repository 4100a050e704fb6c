"""One Socket.IO connection, from the handshake until it drops; it does not come back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import socketio
from aiohttp import ClientError
from socketio.exceptions import SocketIOError

from collectors.cancelling import heeding_cancel

_CONNECT_S, _ACK_S, _CLOSE_S = 10.0, 15.0, 2.0

_log = logging.getLogger("terminal.wire")
_log.addHandler(logging.NullHandler())
_log.propagate = False  # what goes wrong is said on the screen

Ack = dict[str, Any]
Take = Callable[[Any], None]

_NO_ACK = {"code": "internal", "message": "the server gave an answer that is no ack", "retry": "no"}


class Dropped(Exception):
    """This attempt came to nothing, but another one may not."""


class Wire:
    """`takes` says who takes which event. Those are plain functions, called in the order in which the
    messages came, and never again once the connection is lost; a message that they cannot read ends it.
    """

    def __init__(self, takes: Mapping[str, Take]) -> None:
        self.lost = asyncio.Event()
        self._waiting: set[asyncio.Future[Any]] = set()
        # With handle_sigint the library takes Ctrl-C from the program; unbounded, since a board may be
        # larger than the 4 MiB that aiohttp takes in one message.
        self._sio = socketio.AsyncClient(
            reconnection=False,
            handle_sigint=False,
            logger=_log,
            engineio_logger=_log,
            websocket_extra_options={"max_msg_size": 0},
        )
        for event, take in takes.items():
            self._sio.on(event, self._guarded(take))
        self._sio.on("disconnect", lambda *_: self.drop())

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        """Errors: Dropped."""
        try:
            async with asyncio.timeout(_CONNECT_S):
                await heeding_cancel(
                    self._sio.connect(url, auth=auth, transports=["websocket"], wait_timeout=_CONNECT_S)
                )
        except (SocketIOError, ClientError, TimeoutError, OSError, ValueError) as error:
            raise Dropped(f"no connection ({error or type(error).__name__})") from None

    async def ask(self, event: str, payload: dict[str, Any]) -> Ack:
        """The ack; ends with the connection, which ends when there is none in time.

        Errors: Dropped.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.add(answer)
        try:
            await self.send(event, payload, _settling(answer))
            async with asyncio.timeout(_ACK_S):
                ack = await answer
        except TimeoutError:
            self.drop()
            raise Dropped("no answer") from None
        finally:
            self._waiting.discard(answer)
        return ack if isinstance(ack, dict) else {"ok": False, "error": _NO_ACK}

    async def send(self, event: str, payload: dict[str, Any], answered: Take) -> None:
        """`answered` takes the ack in its turn among the messages.

        Errors: Dropped.
        """
        if self.lost.is_set():
            raise Dropped("the connection dropped")
        try:
            await self._sio.emit(event, payload, callback=self._guarded(answered))
        except (SocketIOError, OSError) as error:
            self.drop()
            raise Dropped(f"not sent ({type(error).__name__})") from None

    def drop(self) -> None:
        """Nothing more is heard or asked on it."""
        self.lost.set()
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(Dropped("the connection dropped"))

    async def close(self) -> None:
        """Leaves in order, if there is anything to leave."""
        self.drop()
        with suppress(SocketIOError, TimeoutError, OSError):
            async with asyncio.timeout(_CLOSE_S):
                await self._sio.disconnect()

    def _guarded(self, take: Take) -> Callable[..., None]:
        def taken(*said: Any) -> None:
            try:
                if not self.lost.is_set():
                    take(said[0] if said else None)
            except (KeyError, TypeError, AttributeError):
                self.drop()

        return taken


def _settling(answer: asyncio.Future[Any]) -> Take:
    def settle(ack: Any) -> None:
        if not answer.done():
            answer.set_result(ack)

    return settle
