"""Socket.IO packets as text: strict reading of what clients send, plain writing of what they get.

python-socketio's own reader lets through what JavaScript's refuses (binary without end, reserved
events, Unicode digits), so ours stands before it; it is the same for websocket and polling.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import orjson

MAX_DEPTH = 32
MAX_FIELDS = 1_000
MAX_ATTACHMENTS = 10
RESERVED = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
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


class Malformed(Exception):
    """What came is no Socket.IO packet that a client may send: the connection is to be closed."""


class TooLarge(Malformed):
    """What came has more bytes than are read."""


class Flaw(NamedTuple):
    """Why a value cannot be taken although it is well formed, and where it is in the payload."""

    path: str
    message: str


TOO_DEEP = Flaw("", f"is nested more than {MAX_DEPTH} levels deep")
TOO_WIDE = Flaw("", f"holds an object of more than {MAX_FIELDS} fields")


class Packet(NamedTuple):
    """A packet from a client. `flaw` says why its values cannot be taken although it is well formed."""

    kind: Kind
    namespace: str
    id: int | None
    data: Any
    attachments: int = 0
    flaw: Flaw | None = None


class Framed:
    """What goes to clients as websocket frames, made once for all of them."""

    __slots__ = ("_frame",)

    def __init__(self) -> None:
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """As it stands on the wire."""
        if self._frame is None:  # not cached_property, which takes a lock each time
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
        """As Engine.IO sends it, by websocket or polling."""
        return b"".join(self._parts).decode()


class Bundle(Framed):
    """Messages that go out together, in one write for each client: their frames, one after the other."""

    __slots__ = ("texts",)

    def __init__(self, texts: Sequence[Text]) -> None:
        super().__init__()
        self.texts = texts

    def _framed(self) -> bytes:
        return b"".join([text.frame for text in self.texts])


def read_event(text: str) -> tuple[int | None, Any, Flaw | None] | None:
    """Id, data and flaw of an event without a namespace, by far the most frequent; None for all else.

    Errors: Malformed.
    """
    begin = text.find("[", 1, 17) if text[:1] == "2" else -1
    number = text[1:begin]
    if begin < 0 or (number and not (number.isascii() and number.isdecimal())):
        return None
    data, flaw = _read_json(text[begin:])
    _check_event(data)
    return int(number) if number else None, data, flaw


def read(text: str) -> Packet:
    """The packet in an Engine.IO message.

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
    data, flaw = _read_json(text[head.end() :])
    if kind is Kind.CONNECT and data is None:
        data, id = id, None  # an auth payload that is a number stands where other packets have an id
    packet = Packet(kind, namespace or "/", id, data, int(count or 0), flaw)
    _check(packet, count is not None)
    return packet


def read_head(text: str) -> int | None:
    """The ack id of an event that is too large to be read; None when there is none."""
    head = _HEAD.match(text)
    is_event = head is not None and int(head[1]) == Kind.EVENT
    return int(head[4]) if head is not None and is_event and head[4] else None


def event_text(event: str, payload: bytes, id: int | None = None) -> Text:
    """An event with one argument; with an `id` it wants an ack."""
    return Text(b'42%b["%b",' % (b"" if id is None else b"%d" % id, event.encode()), payload, b"]")


def ack_text(id: int, answer: bytes) -> Text:
    """The answer to the event that carried this id."""
    return Text(b"43%d[%b]" % (id, answer))


def connect_text(sid: str) -> Text:
    """The client is let in."""
    return Text(b'40{"sid":"%b"}' % sid.encode())


def connect_error_text(namespace: str, error: dict[str, Any]) -> Text:
    """The client is not let in."""
    prefix = "" if namespace == "/" else namespace + ","
    return Text(b"44%b%b" % (prefix.encode(), orjson.dumps(error)))


def frame_of(data: bytes) -> bytes:
    """A text message as one frame from the server: not masked, not compressed."""
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
        return  # too flawed to look into
    if not data or not isinstance(data[0], str) or not data[0]:
        raise Malformed("an event begins with its name")
    if data[0] in RESERVED:
        raise Malformed("this event name is reserved")


def _check_placeholders(packet: Packet) -> None:
    if not 1 <= packet.attachments <= MAX_ATTACHMENTS:
        raise Malformed("a binary packet has 1 to 10 attachments")
    if packet.flaw is not None:
        raise Malformed("a binary packet with a value that JSON cannot carry")
    numbers: list[Any] = []
    _collect_placeholders(packet.data, numbers)
    if any(type(number) is not int for number in numbers):
        raise Malformed("a placeholder without a number")
    if sorted(numbers) != list(range(packet.attachments)):
        raise Malformed("placeholders and attachments do not match")


def _collect_placeholders(value: Any, numbers: list[Any]) -> None:
    if isinstance(value, dict):
        if value.get("_placeholder") is True:
            numbers.append(value.get("num"))
            return
        value = list(value.values())
    if isinstance(value, list) and len(numbers) <= MAX_ATTACHMENTS:
        for child in value:
            _collect_placeholders(child, numbers)


def _read_json(text: str) -> tuple[Any, Flaw | None]:
    if not text:
        return None, None
    try:
        data = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _read_leniently(text)
    if len(text) <= 2 * MAX_DEPTH:  # too short for what follows, as most requests are
        return data, None
    may_be_odd = text.count("[") + text.count("{") > MAX_DEPTH or text.count(":") > MAX_FIELDS
    return data, _flaw_of_shape(data) if may_be_odd else None


def _read_leniently(text: str) -> tuple[Any, Flaw]:
    """Tells values that JSON cannot carry (NaN, lone surrogates, endless nesting) from garbage."""
    try:
        data = json.loads(text)
    except RecursionError:
        return None, TOO_DEEP
    except ValueError:
        raise Malformed("not JSON") from None
    if _flaw_of_shape(data) is TOO_DEEP:
        return None, TOO_DEEP
    flaws = (_flaw(argument) for argument in _children(data))
    return data, next(filter(None, flaws), Flaw("", "holds a value that JSON cannot carry"))


def _flaw_of_shape(value: Any) -> Flaw | None:
    """Nested too deeply, or with so many fields that to name what is wrong with each would take long."""
    level = [value]
    for _ in range(MAX_DEPTH):
        children: list[Any] = []
        for parent in level:
            if isinstance(parent, list):
                children += parent
            elif isinstance(parent, dict):
                if len(parent) > MAX_FIELDS:
                    return TOO_WIDE
                children += parent.values()
        level = [child for child in children if isinstance(child, (dict, list))]
        if not level:
            return None
    return TOO_DEEP


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _flaw(value: Any, path: str = "") -> Flaw | None:
    if isinstance(value, float) and not math.isfinite(value):
        return Flaw(path, "NaN and infinite numbers are not JSON")
    if isinstance(value, str):
        return _flaw_of_text(value, path)
    if isinstance(value, dict):
        flaws = (_flaw_of_text(key, path) or _flaw(child, _join(path, key)) for key, child in value.items())
        return next(filter(None, flaws), None)
    flaws = (_flaw(child, _join(path, index)) for index, child in enumerate(_children(value)))
    return next(filter(None, flaws), None)


def _flaw_of_text(text: str, path: str) -> Flaw | None:
    if any("\ud800" <= mark <= "\udfff" for mark in text):
        return Flaw(path, "a lone surrogate is not text")
    return None


def _join(path: str, part: object) -> str:
    part = str(part)[:64]
    return f"{path}.{part}" if path else part
