"""Socket.IO on python-socketio: admits clients, hands their events to dispatch, ends connections."""

from __future__ import annotations

import asyncio
import logging
import secrets
from typing import Any, Protocol

import socketio

from models.ack import ErrorCode, Retry
from models.base import format_instant
from sio_server import audit
from sio_server.clients.admission import Admission, Admitted, connect_error, too_many_refused
from sio_server.clients.client import Client
from sio_server.clients.connection import Board, Connection
from sio_server.clients.limits import Meters, Places
from sio_server.clients.messages import READ_AT_ONCE, cost_of, id_of_large, is_too_large, read
from sio_server.metrics import Metrics
from sio_server.registry.errors import Refusal, bad_request
from sio_server.registry.roles import Principal
from sio_server.sign_in.base import Shown
from sio_server.sockets import packets
from sio_server.sockets.endings import Ending
from sio_server.sockets.guard import ASGI, Scope
from sio_server.sockets.packets import Kind, Malformed, Packet, Text, TooLarge
from sio_server.sockets.proxies import user_of
from sio_server.sockets.server import EngineServer
from sio_server.sockets.strangers import Strangers

PING_INTERVAL_S = 15  # shorter than proxies' idle timeouts (nginx 60 s); with state:head, decision 37
PING_TIMEOUT_S = 35  # a slow line must be able to answer behind a large patch (decision 47)
CONNECT_WITHIN_S = 10.0  # from the session to an accepted handshake; one round trip is enough
ATTACHMENTS_WITHIN_S = 10.0  # announced binary, which is read past before the refusal
MAX_MESSAGE_BYTES = 2 << 20  # what is larger comes in parts (decision 20)
COUNTED = (ErrorCode.UNAUTHORIZED, ErrorCode.BAD_REQUEST, ErrorCode.NOT_FOUND)
"""Refusals of a connect that use up an address's attempts."""
MAX_CONNECT_BYTES = 64 << 10  # an auth payload has some hundred bytes

AFTER_BYE = {
    ErrorCode.BAD_REQUEST: Ending.NO_PACKET,
    ErrorCode.UNAUTHORIZED: Ending.SIGNED_OUT,
    ErrorCode.TOO_LARGE: Ending.TOO_LARGE,
    ErrorCode.INTERNAL: Ending.FAILED,
}
"""What follows a `server:bye` with this code."""
STOCK_OPTIONS: dict[str, Any] = {
    "async_mode": "asgi",
    "logger": logging.getLogger("adjutant.socketio"),
    "engineio_logger": logging.getLogger("adjutant.engineio"),
    "max_http_buffer_size": MAX_MESSAGE_BYTES,
    "monitor_clients": False,
    "http_compression": False,
}

log = logging.getLogger("adjutant.transport")


class Boards(Protocol):
    """The boards that clients enter and leave."""

    async def enter(self, name: str) -> Board:
        """The board, with one more client. Errors: Refusal."""

    def leave(self, name: str) -> None:
        """One client less."""


class Transport(socketio.AsyncServer):
    """The server that python-socketio's ASGI app runs.

    It overrides the handling of sessions, of messages and of disconnects. Everything that a client sends is
    answered, ignored by the protocol's rules, or ends its connection.
    """

    eio: EngineServer
    _engineio_server_class = staticmethod(lambda: EngineServer)

    def __init__(
        self,
        admission: Admission,
        boards: Boards,
        metrics: Metrics,
        direct: bool,
        strangers: Strangers,
        bounds: tuple[Places, Meters],
        **options: Any,
    ) -> None:
        super().__init__(
            **STOCK_OPTIONS,
            ping_interval=PING_INTERVAL_S,
            ping_timeout=PING_TIMEOUT_S,
            receiver=self,
            direct=direct,
            **options,
        )
        self._admission = admission
        self._boards = boards
        self._metrics = metrics
        self._strangers = strangers
        self._places, self._meters = bounds
        self._connections: dict[str, Connection] = {}

    @property
    def clients(self) -> list[Client]:
        """All admitted clients."""
        return [link.client for link in self._connections.values() if link.client is not None]

    @property
    def connections(self) -> list[Connection]:
        """Theirs, and those of strangers."""
        return list(self._connections.values())

    @property
    def sessions(self) -> int:
        """The number of Engine.IO sessions, admitted or not."""
        return max(len(self._connections), len(self.eio.sockets))

    async def end_polling(self) -> None:
        """Ends the polling sessions: a waiting GET would delay the stop."""
        polling = [link.socket for link in self.connections if not link.socket.upgraded]
        await asyncio.gather(*(socket.close(ending=Ending.STOPPING) for socket in polling))

    def asgi(self) -> ASGI:
        """The ASGI app for /socket.io/, behind the guard."""
        return self.eio.handle_request

    # A session begins and ends.

    async def _handle_eio_connect(self, eio_sid: str, scope: Scope) -> None:
        peer = scope.get("client") or ("unknown", 0)
        link = Connection(self.eio.sockets[eio_sid], peer[0], user_of(scope))
        self._connections[eio_sid] = link
        self._expect_connect(eio_sid, link)

    def _expect_connect(self, eio_sid: str, link: Connection) -> None:
        """Counts the session as a stranger's until it is admitted; another one may have to make way."""
        link.expect(CONNECT_WITHIN_S)
        silent = self._strangers.came(link.peer, eio_sid)
        if silent is not None:
            self._strangers.left(self._connections[silent].peer, silent)
            self.eio.spawn(self._connections[silent].socket.close(ending=Ending.CROWDED_OUT))

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        link = self._connections.pop(eio_sid, None)
        if link is not None:
            self._strangers.left(link.peer, eio_sid)
            link.met()
            self._leave(link)

    def _leave(self, link: Connection) -> None:
        if link.client is not None:
            audit.note("left", who=link.client.principal.actor, address=link.peer, board=link.board.name)
            link.client.leave()
            self._places.give_back(link.client.came_as, link.peer)
            link.board.dispatch.leave(link.client)
            self._boards.leave(link.board.name)
            link.client = None
            self._metrics.connections.dec()

    # Messages.

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        link = self._connections.get(eio_sid)
        if link is None:
            return
        if isinstance(data, bytes):
            link.swallow_attachment()
        elif link.attachments:
            raise Malformed("a text where an attachment was announced")
        elif is_too_large(data, MAX_MESSAGE_BYTES if link.client else MAX_CONNECT_BYTES):
            await self._refuse_large(link, data)
        elif await link.may_be_read(data):
            await self._handle(eio_sid, link, await read(data), data)

    def take_now(self, eio_sid: str, data: str) -> bool:
        """Dispatches an event now if its client may send more (engine.Receiver)."""
        link = self._connections.get(eio_sid)
        if link is None or link.client is None or link.attachments or len(data) > READ_AT_ONCE:
            return False
        try:
            event = packets.read_event(data) if link.client.may_ask_more else None
        except Malformed:
            return False
        if event is None:
            return False
        link.board.dispatch.receive(link.client, *event, len(data))
        return True

    async def _handle(self, eio_sid: str, link: Connection, packet: Packet, text: str) -> None:
        if packet.kind is Kind.CONNECT:
            await self._connect(eio_sid, link, packet, cost_of(text))
        elif link.client is None or packet.namespace != "/":
            raise Malformed("a packet for a namespace that was not connected")
        elif packet.kind is Kind.DISCONNECT:
            self._leave(link)
            self._expect_connect(eio_sid, link)
        elif packet.kind is Kind.EVENT:
            await link.client.room_for_more()
            if link.client is not None:
                link.board.dispatch.receive(link.client, packet.id, packet.data, packet.flaw, len(text))
        elif packet.kind is Kind.ACK and packet.id is not None:
            link.client.answered(packet.id, packet.data[0] if packet.data else None)
        elif packet.kind in (Kind.BINARY_EVENT, Kind.BINARY_ACK):
            self._refuse_binary(link, link.client, packet)

    async def _connect(self, eio_sid: str, link: Connection, packet: Packet, cost: float) -> None:
        if packet.namespace != "/" or link.client is not None:
            link.one_in_vain()
        if packet.namespace != "/":
            link.socket.post(packets.connect_error_text(packet.namespace, {"message": "Invalid namespace"}))
            return
        try:
            if link.client is not None:
                raise bad_request("This connection is already connected.")
            if packet.flaw is not None:
                raise bad_request(f"The auth payload cannot be read: {packet.flaw.message}.")
            admitted = await self._admission.admit(packet.data, Shown(None, *link.user, link.peer), cost)
            link.met()  # to open a board may take its time
            board = await _entered(self._boards, self._places, admitted, link.peer)
        except Refusal as refusal:
            self._refuse_connect(link, refusal)
        except Exception:  # noqa: BLE001 - logged with its traceback
            self._refuse_connect(link, _handshake_failed())
        else:
            self._let_in(eio_sid, link, admitted, board)

    def _refuse_connect(self, link: Connection, refusal: Refusal) -> None:
        self._metrics.connect_refused(refusal.code)
        audit.note("refused", code=refusal.code, why=refusal.message, address=link.peer)
        if link.client is None and link.timer is None:
            link.expect(CONNECT_WITHIN_S)
        counts = link.client is None and refusal.code in COUNTED
        guessed = refusal.code is ErrorCode.UNAUTHORIZED
        if counts and self._strangers.refused(link.peer, refusal.message, guessed=guessed):
            refusal = too_many_refused()
            self.eio.spawn(link.socket.close(ending=Ending.TOO_MANY_REFUSED))
        link.socket.post(packets.connect_error_text("/", connect_error(refusal)))

    def _let_in(self, eio_sid: str, link: Connection, admitted: Admitted, board: Board) -> None:
        if self._connections.get(eio_sid) is not link or link.client is not None:  # it left, or came twice
            self._boards.leave(board.name)
            return
        sid = self.eio.generate_id()  # not through python-socketio's manager: its rooms are not used
        link.board = board
        client = link.client = Client(sid, admitted.principal, link.socket, board.services, admitted.hz)
        audit.note("connected", **_named(admitted.principal), address=link.peer, board=board.name)
        link.signed_in, link.since = admitted.signed_in, format_instant(board.services.now)
        client.meter = self._meters.of(admitted.principal, link.peer)
        self._places.take(admitted.principal, link.peer)
        self._strangers.left(link.peer, eio_sid)
        link.socket.know()
        board.dispatch.enter(client)
        self._metrics.connections.inc()
        link.socket.post(packets.connect_text(sid))
        self.eio.spawn(self._begin(eio_sid, client, admitted))

    async def _begin(self, eio_sid: str, client: Client, admitted: Admitted) -> None:
        try:
            await client.begin(admitted.rooms, admitted.resume)
        except Exception:
            log.exception("the first sync failed")
            message = "The server could not send you the board."
            await self.end(eio_sid, ErrorCode.INTERNAL, Retry.AFTER, message)

    def idle(self, eio_sid: str) -> None:
        """Catches up a client that lagged and has now read its queue (engine.Receiver)."""
        link = self._connections.get(eio_sid)
        if link is not None and link.client is not None and link.client.idle():
            self.eio.spawn(link.client.catch_up())

    def pinged(self, eio_sid: str) -> None:
        """Sends the client the server's position (engine.Receiver)."""
        link = self._connections.get(eio_sid)
        if link is not None and link.client is not None:
            link.client.tell_head()

    # Refusals that keep the connection, and refusals that end it.

    def _refuse_binary(self, link: Connection, client: Client, packet: Packet) -> None:
        link.attachments = packet.attachments
        link.expect(ATTACHMENTS_WITHIN_S)
        if packet.kind is Kind.BINARY_EVENT:
            message = "Binary data is not accepted: send JSON text."
            link.board.dispatch.refuse(client, packet.id, Refusal(ErrorCode.BAD_REQUEST, message))

    async def _refuse_large(self, link: Connection, data: str) -> None:
        id = id_of_large(data, Kind.CONNECT if link.client is None else Kind.EVENT)
        if link.client is None:
            self._refuse_connect(link, bad_request("The auth payload is too large."))
            return
        message = f"A message has at most {MAX_MESSAGE_BYTES} bytes: send this in parts."
        if await link.may_be_read(data):
            link.board.dispatch.refuse(link.client, id, Refusal(ErrorCode.TOO_LARGE, message))

    async def malformed(self, eio_sid: str, reason: Malformed) -> None:
        """Ends a connection that broke the protocol (engine.Receiver)."""
        code = ErrorCode.TOO_LARGE if isinstance(reason, TooLarge) else ErrorCode.BAD_REQUEST
        await self.end(eio_sid, code, Retry.NO, f"The connection is closed: {reason}.")

    async def end(self, eio_sid: str, code: ErrorCode, retry: Retry, message: str) -> None:
        """Says `server:bye` and closes; a client that may not come back is told so."""
        link = self._connections.get(eio_sid)
        if link is None:
            return
        self._metrics.closed(code)
        if link.client is not None:
            link.client.tell("server:bye", {"code": code, "retry": retry, "message": message})
            if code is ErrorCode.UNAUTHORIZED:
                link.socket.post(Text(b"41"))  # a Socket.IO disconnect: the client stays away
        await link.socket.close(ending=AFTER_BYE[code])


async def _entered(boards: Boards, places: Places, admitted: Admitted, peer: str) -> Board:
    """The board, with one more client. Errors: Refusal, also when others took the last places meanwhile."""
    board = await boards.enter(admitted.board)
    try:
        places.check(admitted.principal, peer)
    except Refusal:
        boards.leave(board.name)
        raise
    return board


def _named(who: Principal) -> dict[str, str | None]:
    return {"who": who.actor, "key": who.key, "role": who.role, "source": who.source}


def _handshake_failed() -> Refusal:
    """Logs the exception and makes the refusal; call it in the `except` block."""
    error_id = secrets.token_hex(4)
    log.exception("a handshake failed, error_id %s", error_id, extra={"error_id": error_id})  # noqa: LOG004
    return Refusal(ErrorCode.BAD_REQUEST, f"The server failed during this handshake (error_id {error_id}).")
