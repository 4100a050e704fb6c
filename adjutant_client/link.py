"""The state of the connection between this client and the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Stage(StrEnum):
    """`catching_up`: the server is there, and what was missed is on its way."""

    CONNECTING = "connecting"
    CATCHING_UP = "catching up"
    CONNECTED = "connected"
    OFFLINE = "offline"


@dataclass(frozen=True)
class Link:
    """`since` is when this stage began; `why` is the failure of the last attempt."""

    stage: Stage
    since: datetime
    why: str = ""
