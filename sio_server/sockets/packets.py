"""Socket.IO packets as text: a strict reader for clients' packets, and writers for the server's.

python-socketio's reader accepts what the JavaScript one refuses (unlimited attachments, reserved
events, Unicode digits), so ours runs before it, for websocket and polling alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import orjson

from sio_server.sockets.values import Flaw, Malformed, TooLarge, read_json

__all__ = ["Flaw", "Malformed", "TooLarge"]

MAX_ATTACHMENTS = 10  # as in socket.io-parser; binary is refused, but has to be read past
MAX_LOOKED_AT = 1_000  # values of a binary packet, which is refused anyway
RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
_ACK = re.compile(r"3(\d{1,15})\[", re.ASCII)
_HEAD = re.compile(r"([0-6])(?:(\d{1,2})-)?(?:(/[^,]{0,200})(?:,|$))?(\d{0,15})", re.ASCII)


class Kind(IntEnum):
    """Packet types of Socket.IO 5."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


_KINDS = {str(kind.value): kind for kind in Kind}


class Packet(NamedTuple):
    """A packet from a client. `flaw` says why its values are not acceptable although it is well formed."""

    kind: Kind
    namespace: str
    id: int | None
    data: Any
    attachments: int = 0
    flaw: Flaw | None = None


class Framed:
    """Websocket frames for clients, made once for all of them."""

    __slots__ = ("_frame",)

    def __init__(self) -> None:
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The bytes on the wire."""
        if self._frame is None:  # not cached_property, which locks each time
            self._frame = self._framed()
        return self._frame

    def _framed(self) -> bytes:
        raise NotImplementedError


class Text(Framed):
    """A message to clients: encoded once, framed once, sent to any number of them."""

    __slots__ = ("_parts", "size_bytes")

    def __init__(self, *parts: bytes) -> None:
        self._frame = None
        self._parts = parts
        self.size_bytes = len(parts[0]) if len(parts) == 1 else sum(map(len, parts))

    def _framed(self) -> bytes:
        return b"".join((_frame_head(self.size_bytes), *self._parts))

    def encode(self, b64: bool = False) -> str:
        """The Engine.IO packet, for websocket or polling."""
        return b"".join(self._parts).decode()


class Bundle(Framed):
    """Messages that go out together, in one write for each client."""

    __slots__ = ("texts",)

    def __init__(self, texts: Sequence[Text]) -> None:
        super().__init__()
        self.texts = texts

    def _framed(self) -> bytes:
        return b"".join([text.frame for text in self.texts])


def read_event(text: str) -> tuple[int | None, Any, Flaw | None] | None:
    """Id, data and flaw of an event without a namespace, by far the commonest packet; None for any other.

    Errors: Malformed.
    """
    begin = text.find("[", 1, 17) if text[:1] == "2" else -1
    number = text[1:begin]
    if begin < 0 or (number and not (number.isascii() and number.isdecimal())):
        return None
    data, flaw = read_json(text[begin:])
    _check_event(data)
    return int(number) if number else None, data, flaw


def read(text: str) -> Packet:
    """Parses the packet in an Engine.IO message.

    Errors: Malformed.
    """
    event = read_event(text)
    if event is not None:
        id, data, flaw = event
        return Packet(Kind.EVENT, "/", id, data, 0, flaw)
    head = _HEAD.match(text)
    if head is None:
        raise Malformed("not a Socket.IO packet")
    digit, count, namespace, number = head.groups()
    kind = _KINDS[digit]
    id = int(number) if number else None
    data, flaw = read_json(text[head.end() :])
    if kind is Kind.CONNECT and data is None:
        data, id = id, None  # a numeric auth payload is where other packets have an id
    packet = Packet(kind, namespace or "/", id, data, int(count or 0), flaw)
    _check(packet, count is not None)
    return packet


def read_head(text: str) -> tuple[Kind, int | None] | None:
    """Kind and id of a packet for `/` that is too large to parse; None when it is no such packet."""
    head = _HEAD.match(text)
    if head is None or head[3] not in (None, "/"):
        return None
    return _KINDS[head[1]], int(head[4]) if head[4] else None


def read_ack_id(text: str) -> int | None:
    """The id of an ack for `/`, unread; None for any other packet."""
    head = _ACK.match(text)
    return None if head is None else int(head[1])


def event_text(event: str, payload: bytes, id: int | None = None) -> Text:
    """An event with one argument; an `id` asks for an ack."""
    return Text(b'42%b["%b",' % (b"" if id is None else b"%d" % id, event.encode()), payload, b"]")


def ack_text(id: int, answer: bytes) -> Text:
    """The answer to the event that carried this id."""
    return Text(b"43%d[%b]" % (id, answer))


def connect_text(sid: str) -> Text:
    """The answer to an accepted connect."""
    return Text(b'40{"sid":"%b"}' % sid.encode())


def connect_error_text(namespace: str, error: dict[str, Any]) -> Text:
    """The answer to a refused connect."""
    prefix = "" if namespace == "/" else namespace + ","
    return Text(b"44%b%b" % (prefix.encode(), orjson.dumps(error)))


def frame_of(data: bytes) -> bytes:
    """A text message as one server frame: unmasked, uncompressed."""
    return _frame_head(len(data)) + data


_SHORT_HEADS = [bytes((0x81, size)) for size in range(126)]


def _frame_head(size: int) -> bytes:
    if size < 126:
        return _SHORT_HEADS[size]
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2)
    return b"\x81\x7f" + size.to_bytes(8)


def _check(packet: Packet, counted: bool) -> None:
    binary = packet.kind in (Kind.BINARY_EVENT, Kind.BINARY_ACK)
    if binary != counted:
        raise Malformed("an attachment count in the wrong place")
    if packet.kind is Kind.CONNECT_ERROR:
        raise Malformed("a client cannot refuse a connect")
    if packet.kind in (Kind.CONNECT, Kind.DISCONNECT):
        if packet.id is not None:
            raise Malformed("this packet takes no id")
    elif not isinstance(packet.data, list) and not (packet.flaw and packet.data is None):
        raise Malformed("the arguments must be a list")
    if packet.kind in (Kind.ACK, Kind.BINARY_ACK) and packet.id is None:
        raise Malformed("an ack needs an id")
    if packet.kind in (Kind.EVENT, Kind.BINARY_EVENT):
        _check_event(packet.data)
    if binary:
        _check_placeholders(packet)


def _check_event(data: Any) -> None:
    if data is None:
        return  # too flawed to inspect
    if not data or not isinstance(data[0], str) or not data[0]:
        raise Malformed("an event begins with its name")
    if data[0] in RESERVED:
        raise Malformed("this event name is reserved")


def _check_placeholders(packet: Packet) -> None:
    if not 1 <= packet.attachments <= MAX_ATTACHMENTS:
        raise Malformed("a binary packet has 1 to 10 attachments")
    if packet.flaw is not None:
        raise Malformed("a binary packet with a value that JSON cannot carry")
    numbers = _placeholders(packet.data)
    if any(type(number) is not int for number in numbers):
        raise Malformed("a placeholder without a number")
    if sorted(numbers) != list(range(packet.attachments)):
        raise Malformed("placeholders and attachments do not match")


def _placeholders(data: Any) -> list[Any]:
    """The numbers of the placeholders."""
    numbers: list[Any] = []
    waiting = [data]
    for _ in range(MAX_LOOKED_AT):
        if not waiting or len(numbers) > MAX_ATTACHMENTS:
            return numbers
        value = waiting.pop()
        if isinstance(value, dict) and value.get("_placeholder") is True:
            numbers.append(value.get("num"))
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    raise Malformed(f"a binary packet of more than {MAX_LOOKED_AT} values")
