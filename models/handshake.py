"""What a client says about itself when it connects: the Socket.IO `auth` payload."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SkipValidation

from models.base import Lax, Line, RoomName, SourceName, Wire
from models.change import Position


class Handshake(Wire):
    """`rooms` left out is `state` for dashboards and nothing for collectors; `resume` is the
    position that the client holds, and nonsense in it counts as none."""

    token: Annotated[str, Field(max_length=500)] | None = None
    client: Annotated[Line, Field(min_length=1, max_length=100)] | None = None
    source: SourceName | None = None
    rooms: Annotated[tuple[RoomName, ...], Lax, Field(max_length=32)] | None = None
    resume: SkipValidation[Position] | None = None
