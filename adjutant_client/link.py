"""The state of the connection between this client and the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """The stages. `CATCHING_UP`: connected, and the missed patches are on their way."""

    CONNECTING = "connecting"
    CATCHING_UP = "catching up"
    CONNECTED = "connected"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Link:
    """`since` is when this stage began; `why` is why the last attempt failed."""

    stage: Stage
    since: datetime
    why: str = ""
