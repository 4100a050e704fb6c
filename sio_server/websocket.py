"""The websocket under an Engine.IO session: uvicorn's protocol, which a session may use directly.

The stock way from a socket to a session is an ASGI queue and a task that pauses and resumes the reading
for each message, and back through a coroutine and a queue: 50 to 70 us a message. Here a session takes a
text in the step in which it arrives, and a frame that was encoded once for all goes straight to the
transport. Both fall back to the stock way whenever something is queued, so that nothing is overtaken.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from typing import Protocol as Interface

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.uri import parse_uri

from sio_server.packets import frame_of

SCOPE_PROTOCOL = "adjutant.protocol"
MAX_FRAGMENTS = 1_024
MAX_PINGS = 1_000
PINGS_WITHIN_S = 10.0
AT_ONCE = 32


class Session(Interface):
    """Who uses a websocket directly."""

    def take_now(self, text: str) -> bool:
        """Takes a message in at once; False when it has to queue."""

    def on_writable(self) -> None:
        """The peer reads again."""

    def on_lost(self) -> None:
        """The connection is gone."""


class Protocol(WebSocketsSansIOProtocol):
    """A websocket that its session can use, with bounds on fragments and pings."""

    session: Session | None = None
    flows = True
    """Whether the peer reads what is written."""
    _taken = 0
    _pings = 0
    _pings_since = 0.0

    def write(self, frame: bytes) -> bool:
        """Writes a whole frame; False when the peer does not read, or the websocket is closing."""
        if not self.flows or self.close_sent or self.transport.is_closing():
            return False
        self.transport.write(frame)
        return True

    def forget_handshake(self) -> None:
        """Lets go of the headers of both sides, which nobody looks at any more."""
        self.request = self.response = cast(Any, None)

    @property
    def unsent_bytes(self) -> int:
        """What is written and not yet with the kernel."""
        return self.transport.get_write_buffer_size()

    def data_received(self, data: bytes) -> None:
        """What comes in one piece is taken in at once as far as it does not hold up the others."""
        self._taken = 0
        super().data_received(data)

    def pause_writing(self) -> None:
        """The peer does not read."""
        self.flows = False
        super().pause_writing()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.flows = True
        super().resume_writing()
        if self.session is not None:
            self.session.on_writable()

    def handle_text(self, event: Frame) -> None:
        """A text that is whole may be taken at once."""
        if self.session is None or not event.fin or not self._take_now(self.session, bytes(event.data)):
            super().handle_text(event)

    def _take_now(self, session: Session, data: bytes) -> bool:
        if self._taken >= AT_ONCE or self.close_sent or not self.queue.empty():
            return False
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return False
        self._taken += 1
        return session.take_now(text)

    def handle_connect(self, event: Request) -> None:
        """Shows itself to the session through the scope."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope)[SCOPE_PROTOCOL] = self

    def connection_lost(self, exc: Exception | None) -> None:
        """Leaves the scope and the session, so that what the connection held is freed at once."""
        super().connection_lost(exc)
        session, self.session = self.session, None
        if session is not None:
            session.on_lost()
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope).pop(SCOPE_PROTOCOL, None)

    def handle_cont(self, event: Frame) -> None:
        """Ends a connection that sends one message in endless parts."""
        if len(self.frames) < MAX_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")

    def handle_ping(self) -> None:
        """Answers, unless the peer does not read the answers; ends a connection that floods."""
        now = self.loop.time()
        if now - self._pings_since > PINGS_WITHIN_S:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > MAX_PINGS:
            self._fail(CloseCode.POLICY_VIOLATION, "too many pings")
        elif self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # takes the pong out, so that none pile up

    def send_receive_event_to_app(self) -> None:
        """Ends a connection whose text is not UTF-8; uvicorn would write a traceback for it."""
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self.frames = []
            self._fail(CloseCode.INVALID_DATA, "not UTF-8")
        else:
            super().send_receive_event_to_app()

    def _fail(self, code: CloseCode, reason: str) -> None:
        if not self.close_sent:
            self.conn.fail(code, reason)
            self.handle_parser_exception()


def _is_utf8(parts: list[bytes]) -> bool:
    data = parts[0] if len(parts) == 1 else b"".join(parts)
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


async def fault_of_direct_use() -> str | None:
    """What is wrong with using `Protocol` directly under the installed libraries; None when all is well.

    A message goes both ways through a real protocol on a transport in memory.
    """
    try:
        return await _try_direct_use()
    except Exception as error:  # noqa: BLE001 - whatever it is, the stock way goes on working
        return f"{type(error).__name__}: {error}"


async def _try_direct_use() -> str | None:
    transport, trial = _Memory(), _Trial()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        scope[SCOPE_PROTOCOL].session = trial
        scope[SCOPE_PROTOCOL].forget_handshake()
        await receive()

    config = uvicorn.Config(cast(Any, app), log_config=None, ws=Protocol, ws_per_message_deflate=False)
    config.load()
    protocol = Protocol(config, ServerState(), {})
    protocol.connection_made(cast(Any, transport))
    peer = ClientProtocol(parse_uri("ws://localhost/"))
    peer.send_request(peer.connect())
    protocol.data_received(b"".join(peer.data_to_send()))
    for _ in range(3):
        await asyncio.sleep(0)
    peer.receive_data(transport.take())
    peer.send_text(b"in")
    protocol.data_received(b"".join(peer.data_to_send()))
    written = protocol.write(frame_of(b"out"))
    peer.receive_data(transport.take())
    came = [bytes(event.data) for event in peer.events_received() if isinstance(event, Frame)]
    protocol.pause_writing()
    held = not protocol.write(b"held")
    protocol.resume_writing()
    protocol.connection_lost(None)
    await asyncio.sleep(0)
    expected = (["in", "writable", "lost"], [b"out"], True, True)
    seen = (trial.heard, came, written, held)
    return None if seen == expected else f"a trial gave {seen}"


class _Trial:
    """A session that notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def take_now(self, text: str) -> bool:
        self.heard.append(text)
        return True

    def on_writable(self) -> None:
        self.heard.append("writable")

    def on_lost(self) -> None:
        self.heard.append("lost")


class _Memory(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def write(self, data: Any) -> None:
        self._written.append(bytes(data))

    def take(self) -> bytes:
        """What was written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass
