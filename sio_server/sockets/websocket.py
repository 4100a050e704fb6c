"""The websocket under an Engine.IO session: uvicorn's protocol, which a session may use directly.

The stock path from a socket to a session is an ASGI queue and a task that pauses and resumes reading for each
message, and back through a coroutine and a queue: 50 to 70 us a message. Here a session handles a text in the
same turn in which it arrives, and a frame encoded once for all clients goes straight to the transport. Both
fall back to the stock path whenever something is queued, so that nothing is overtaken (decision 17).
"""

from __future__ import annotations

import asyncio
from codecs import utf_8_decode
from typing import Any, cast
from typing import Protocol as Interface

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, apply_mask  # type: ignore[attr-defined]
from websockets.http11 import Request
from websockets.protocol import Protocol as FrameProtocol
from websockets.protocol import State
from websockets.streams import StreamReader
from websockets.uri import parse_uri

from sio_server.sockets.endings import Ending
from sio_server.sockets.fast_path import FastPath
from sio_server.sockets.flag import Flag
from sio_server.sockets.http_connections import HttpConnections, Kind
from sio_server.sockets.inbox import Inbox
from sio_server.sockets.packets import frame_of
from sio_server.sockets.strangers import HELD

SCOPE_PROTOCOL = "adjutant.protocol"
MAX_FRAGMENTS = 1_024  # of one message: 16 KiB each make the largest
MAX_PINGS = 1_000  # within PINGS_WITHIN_S; clients send one every few seconds, if any
PINGS_WITHIN_S = 10.0  # the window
AT_ONCE = 32  # messages handled in one turn of the loop, about a millisecond
TAKEN_BYTES = 256 << 10  # of one message that is handled at once: to decode more takes long
CUT_BYTES = 3 << 20  # of a text: no message may be so long, and nobody reads on
HELD_BYTES = 32 << 10  # of one turn's frames; large ones gain nothing from being joined


class Session(Interface):
    """The session that uses a websocket directly."""

    def take_now(self, text: str) -> bool:
        """Handles a message now; False when it has to queue."""

    def on_writable(self) -> None:
        """Called when the peer reads again."""

    def on_lost(self) -> None:
        """Called when the connection is lost."""


class Protocol(WebSocketsSansIOProtocol):
    """A websocket that its session can use directly, with bounds on fragments and pings."""

    session: Session | None = None
    fast_path = FastPath()  # until a session attaches its own
    flows = True
    """Set while the peer is reading."""
    times_resumed = 0
    """How often the peer has resumed reading."""
    _held: list[bytes]
    _held_bytes = 0
    _between = False
    _taken = _pings = 0
    _pings_since = 0.0
    _is_known = False
    _received_bytes = 0
    _counted_among: HttpConnections | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Instead of asyncio's, which take 4 KB of each connection (decision 50).
        self.queue, self.writable = cast(Any, Inbox()), cast(Any, Flag())
        self.writable.set()

    def count_among(self, connections: HttpConnections, network: str) -> None:
        """Counts among these until a session has it, which counts instead, or it is closed."""
        self._counted_among = connections
        connections.put(self, network, Kind.STRANGER)

    def count_no_more(self) -> None:
        """Notes that a session has it."""
        if self._counted_among is not None:
            self._counted_among.leave(self)

    def make_way(self) -> None:
        """Ends at once (http_connections.Connection)."""
        self.transport.abort()

    def write(self, frame: bytes) -> bool:
        """Writes a whole frame; False when the peer is not reading, or the websocket is closing."""
        if not self.flows or self.close_sent or self.transport.is_closing():
            return False
        if self._held:
            self._held.append(frame)
            self._write_held()
        else:
            self.transport.write(frame)
        return True

    def open_fast_path(self) -> None:
        """Lets the frames after the one just written go straight to the transport."""
        self.fast_path.open, self.fast_path.write = self.flows, self.transport.write

    def write_soon(self, frame: bytes) -> bool:
        """Like `write`, but joins all frames of this turn of the loop into one write: several requests that
        arrive together are answered together."""
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
        """Hands the websocket to the session, opens and closes its fast path from now on, and drops what was
        kept of the handshake."""
        self.session, self.fast_path = session, fast_path
        self._held = []
        self.request = self.response = cast(Any, None)
        self._between = self._is_between_messages()
        if self._between:  # the frame parser runs inside the handshake's, which keeps the request: 3 KB
            self.conn.parser = FrameProtocol.parse(self.conn)
            next(self.conn.parser)

    def know(self) -> None:
        """Notes that its client was admitted: its bytes no longer count as a stranger's."""
        self._is_known = True
        HELD.let_go(self)

    def give_up(self) -> None:
        """Ends a connection that sends too much before it authenticates (strangers.Holder)."""
        self._fail(Ending.TOO_MUCH)

    @property
    def unsent_bytes(self) -> int:
        """Bytes written and not yet handed to the kernel."""
        return self._held_bytes + self.transport.get_write_buffer_size()

    def data_received(self, data: bytes) -> None:
        """Handles short messages at once while others need not wait; the rest goes through the library."""
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
        """Takes whole, masked, final text frames off the front; returns the rest."""
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
        """Whether the library's parser waits for the first byte of a frame, with no message half read."""
        waits_in = cast(Any, self.conn.parser)
        while (inner := waits_in.gi_yieldfrom) is not None:  # the handshake's parser runs the frame parser
            waits_in = inner
        starts = waits_in.gi_code is StreamReader.at_eof.__code__
        return bool(starts) and self.conn.current_size is None and self.conn.state is State.OPEN

    def pause_writing(self) -> None:
        """Notes that the peer has stopped reading."""
        self.flows = False
        self.fast_path.close()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Notes that the peer reads again, and lets the session write."""
        self.flows = True
        self.times_resumed += 1
        super().resume_writing()
        if self.session is not None:
            self.session.on_writable()

    def handle_text(self, event: Frame) -> None:
        """Handles a whole text at once if possible."""
        if self.session is None or not event.fin or not self._take_now(self.session, event.data):
            super().handle_text(event)

    def _take_now(self, session: Session, data: bytes | bytearray | memoryview) -> bool:
        if self._taken >= AT_ONCE or self.close_sent or not self.queue.empty() or len(data) > TAKEN_BYTES:
            return False
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            return False
        self._taken += 1
        return session.take_now(text)

    def handle_connect(self, event: Request) -> None:
        """Puts itself into the scope, for the session."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast(dict[str, Any], self.scope)[SCOPE_PROTOCOL] = self

    def connection_lost(self, exc: Exception | None) -> None:
        """Detaches from scope and session, so that everything the connection held is freed at once."""
        super().connection_lost(exc)
        self.count_no_more()
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
            self._fail(Ending.TOO_MANY_FRAGMENTS)

    def handle_ping(self) -> None:
        """Answers, unless the peer is not reading the answers; ends a connection that floods."""
        now = self.loop.time()
        if now - self._pings_since > PINGS_WITHIN_S:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > MAX_PINGS:
            self._fail(Ending.TOO_MANY_PINGS)
        elif self.conn.close_rcvd is not None:
            pass  # answered together with the close frame, after which nothing may be written
        elif self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # drops the pong, so that none pile up

    def send_receive_event_to_app(self) -> None:
        """Ends a connection whose text is not UTF-8; uvicorn would log a traceback."""
        if self.curr_msg_data_type == "text":
            try:
                self.frames = [text_of(self.frames[0] if len(self.frames) == 1 else b"".join(self.frames))]
            except UnicodeDecodeError:
                self.frames = []
                self._fail(Ending.NOT_UTF8)
                return
        super().send_receive_event_to_app()

    def handle_close(self, event: Frame) -> None:
        """Closes the fast path first: nothing may be written after the answer to a close."""
        self.fast_path.close()
        super().handle_close(event)

    def handle_parser_exception(self) -> None:
        """Ends a connection whose bytes break the WebSocket protocol."""
        self.fast_path.close()
        super().handle_parser_exception()

    def shutdown(self) -> None:
        """Closes the connection because the server stops."""
        self.fast_path.close()
        super().shutdown()

    def _fail(self, ending: Ending) -> None:
        if not self.close_sent:
            self.conn.fail(ending.code, ending.reason)
            self.handle_parser_exception()


def text_of(data: bytes) -> bytes:
    """The text, if it is UTF-8; of one that is longer than any message may be only the beginning.

    Errors: UnicodeDecodeError.
    """
    text = data[:CUT_BYTES]
    if text.isascii():
        return text
    _, used = utf_8_decode(text, "strict", len(data) <= CUT_BYTES)
    return text[:used]


async def fault_of_direct_use() -> str | None:
    """Why `Protocol` cannot be used directly with the installed libraries; None when it can.

    Tried by sending messages both ways through a real protocol on an in-memory transport.
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
        return "the parser does not show that it waits for a frame"
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
    """A session that records its calls."""

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
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def write(self, data: Any) -> None:
        self._written.append(bytes(data))

    def take(self) -> bytes:
        """The bytes written since the last call."""
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
