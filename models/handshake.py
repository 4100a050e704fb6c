"""What a client says about itself when it connects: the Socket.IO `auth` payload."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SkipValidation

from models.base import BoardName, Few, Line, RoomName, SourceName, Wire
from models.change import Position


def _zone(name: str) -> str:
    """The name, when there is such a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone: use an IANA name like Europe/Berlin") from None
    return name


Zone = Annotated[Line, Field(max_length=64), AfterValidator(_zone)]


class Handshake(Wire):
    """`board` is the board to enter; without it the only one that the token is for, else `main`.
    `person` is the user on a board without tokens, for their preferences; without it `client`. `tz` is the
    device's time zone, by its IANA name (`Europe/Berlin`), for times in commands; without it the server's.
    `hz` is the most patches a second that the client wants from a room: those that come sooner wait and are
    merged. Without `rooms`, dashboards get `state` and collectors get none; `resume` is the position that
    the client holds; an invalid one counts as none."""

    token: Annotated[str, Field(max_length=8_000)] | None = None
    board: BoardName | None = None
    client: Annotated[Line, Field(min_length=1, max_length=100)] | None = None
    person: Annotated[Line, Field(min_length=1, max_length=100)] | None = None
    source: SourceName | None = None
    rooms: Annotated[tuple[RoomName, ...], Few(32)] | None = None
    tz: Zone | None = None
    hz: Annotated[float, Field(ge=0.1, le=1_000)] | None = None
    resume: SkipValidation[Position] | None = None
