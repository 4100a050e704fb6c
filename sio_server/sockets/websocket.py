"""The websocket under an Engine.IO session: uvicorn's protocol, which a session may use directly.

The stock way from a socket to a session is an ASGI queue and a task that pauses and resumes the reading
for each message, and back through a coroutine and a queue: 50 to 70 us a message. Here a session takes a
text in the step in which it arrives, and a frame that was encoded once for all goes straight to the
transport. Both fall back to the stock way whenever something is queued, so that nothing is overtaken
(decision 17).
"""

from __future__ import annotations

import asyncio
from typing import Any, cast
from typing import Protocol as Interface

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import CloseCode, Frame, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request
from websockets.protocol import Protocol as FrameProtocol
from websockets.protocol import State
from websockets.streams import StreamReader
from websockets.uri import parse_uri

from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.flag import Flag
from sio_server.sockets.inbox import Inbox
from sio_server.sockets.packets import frame_of
from sio_server.sockets.strangers import HELD

SCOPE_PROTOCOL = "adjutant.protocol"
MAX_FRAGMENTS = 1_024
MAX_PINGS = 1_000
PINGS_WITHIN_S = 10.0
AT_ONCE = 32
HELD_BYTES = 32 << 10


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
    fast_path = FastPath()  # until a session attaches its own
    flows = True
    """Whether the peer reads what is written."""
    times_resumed = 0
    """How often it went on reading after a stop."""
    _held: list[bytes]
    _held_bytes = 0
    _between = False
    _taken = 0
    _pings = 0
    _pings_since = 0.0
    _is_known = False
    _received_bytes = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # In place of asyncio's, which take 4 KB of each connection (decision 50).
        self.queue = cast(Any, Inbox())
        self.writable = cast(Any, Flag())
        self.writable.set()

    def write(self, frame: bytes) -> bool:
        """Writes a whole frame; False when the peer does not read, or the websocket is closing."""
        if not self.flows or self.close_sent or self.transport.is_closing():
            return False
        if self._held:
            self._held.append(frame)
            self._write_held()
        else:
            self.transport.write(frame)
        return True

    def open_fast_path(self) -> None:
        """The frames that follow the one just written may go straight to the transport."""
        self.fast_path.open, self.fast_path.write = self.flows, self.transport.write

    def write_soon(self, frame: bytes) -> bool:
        """The same, in one write with what else comes in this turn of the loop: a client that sends
        several requests at once is answered at once."""
        if not self.flows or self.close_sent or self.transport.is_closing():
            return False
        if not self._held:
            self.fast_path.close()
            self.loop.call_soon(self._write_held)
        self._held.append(frame)
        self._held_bytes += len(frame)
        if self._held_bytes > HELD_BYTES:
            self._write_held()
        return True

    def _write_held(self) -> None:
        held, self._held, self._held_bytes = self._held, [], 0
        if held and not self.close_sent and not self.transport.is_closing():
            self.transport.write(b"".join(held) if len(held) > 1 else held[0])

    def attach(self, session: Session, fast_path: FastPath) -> None:
        """Begins to be used directly, and to open and close the session's fast path. What was kept of the
        handshake goes: nobody looks at it any more."""
        self.session, self.fast_path = session, fast_path
        self._held = []
        self.request = self.response = cast(Any, None)
        self._between = self._is_between_messages()
        if self._between:  # the frames' parser runs inside of the handshake's, which keeps the request: 3 KB
            self.conn.parser = FrameProtocol.parse(self.conn)
            next(self.conn.parser)

    def know(self) -> None:
        """Its client was let in: what it sends is its own business."""
        self._is_known = True
        HELD.let_go(self)

    def give_up(self) -> None:
        """Ends a connection that sends much before it says who it is (strangers.Holder)."""
        self._fail(CloseCode.MESSAGE_TOO_BIG, "too much before a token")

    @property
    def unsent_bytes(self) -> int:
        """What is written and not yet with the kernel."""
        return self._held_bytes + self.transport.get_write_buffer_size()

    def data_received(self, data: bytes) -> None:
        """Short messages are taken in at once as long as that does not hold up the others; all else
        goes through the library."""
        if not self._is_known:
            self._received_bytes += len(data)
            HELD.hold(self, self._received_bytes)
        self._taken = 0
        if self._between and self.session is not None:
            data = self._take_messages(data, self.session)
            if not data:
                return
        super().data_received(data)
        if self.session is not None:
            self._between = self._is_between_messages()

    def _take_messages(self, data: bytes, session: Session) -> bytes:
        """Takes whole, masked, final text frames from the front; returns what is left."""
        at, end = 0, len(data)
        while end - at > 6 and data[at] == 0x81 and data[at + 1] >= 0x80:
            size, mask_at = data[at + 1] & 0x7F, at + 2
            if size == 126:
                size, mask_at = int.from_bytes(data[at + 2 : at + 4]), at + 4
            stop = mask_at + 4 + size
            if data[at + 1] == 0xFF or stop > end or (mask_at > at + 2 and size < 126):
                break
            text = apply_mask(data[mask_at + 4 : stop], data[mask_at : mask_at + 4])
            if not self._take_now(session, text):
                break
            at = stop
        return data[at:] if at else data

    def _is_between_messages(self) -> bool:
        """Whether the library's parser waits for the first byte of a frame, and no message is half read."""
        waits_in = cast(Any, self.conn.parser)
        while (inner := waits_in.gi_yieldfrom) is not None:  # the handshake's parser runs the frames'
            waits_in = inner
        starts = waits_in.gi_code is StreamReader.at_eof.__code__
        return bool(starts) and self.conn.current_size is None and self.conn.state is State.OPEN

    def pause_writing(self) -> None:
        """The peer does not read."""
        self.flows = False
        self.fast_path.close()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The peer reads again."""
        self.flows = True
        self.times_resumed += 1
        super().resume_writing()
        if self.session is not None:
            self.session.on_writable()

    def handle_text(self, event: Frame) -> None:
        """A text that is whole may be taken at once."""
        if self.session is None or not event.fin or not self._take_now(self.session, event.data):
            super().handle_text(event)

    def _take_now(self, session: Session, data: bytes | bytearray | memoryview) -> bool:
        if self._taken >= AT_ONCE or self.close_sent or not self.queue.empty():
            return False
        try:
            text = str(data, "utf-8")
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
        self.fast_path.close()
        HELD.let_go(self)
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
        elif self.conn.close_rcvd is not None:
            pass  # the answer goes with that to the close frame: nothing may be written after it
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

    def handle_close(self, event: Frame) -> None:
        """Nothing may be written after the answer to a close."""
        self.fast_path.close()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        """The connection ends because of what came over it."""
        self.fast_path.close()
        super().handle_parser_exception()

    def shutdown(self) -> None:
        """The server stops."""
        self.fast_path.close()
        super().shutdown()

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
        scope[SCOPE_PROTOCOL].attach(trial, FastPath())
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
    if not protocol._between:
        return "the parser is not seen to wait for a frame"
    for text in (b"in", b"long" * 50, b"in parts"):
        peer.send_text(text)
    sent = b"".join(peer.data_to_send())
    for part in (sent[:-9], sent[-9:-5], sent[-5:]):
        protocol.data_received(part)
    written = protocol.write_soon(frame_of(b"soon")) and protocol.write(frame_of(b"out"))
    peer.receive_data(transport.take())
    came = [bytes(event.data) for event in peer.events_received() if isinstance(event, Frame)]
    protocol.pause_writing()
    held = not protocol.write(b"held")
    protocol.resume_writing()
    protocol.connection_lost(None)
    await asyncio.sleep(0)
    heard = ["in", "long" * 50, "in parts", "writable", "lost"]
    expected = (heard, [b"soon", b"out"], True, True)
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
