"""Sources: who feeds the board, and how fresh each one is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from models.base import Item, Lax, Wire


class SourceStatus(StrEnum):
    """`online` since its last push; the others when it missed its time, left, or failed."""

    ONLINE = "online"
    STALE = "stale"
    OFFLINE = "offline"
    ERROR = "error"


class Source(Item):
    """One collector as the board shows it; `items` counts what it owns, `run` is the newest seen."""

    status: Annotated[SourceStatus, Lax] = SourceStatus.ONLINE
    last_push_at: str | None = None
    ttl_s: int | None = None
    items: int = 0
    run: int | str | None = None
    message: str | None = None


class SourcesState(Wire):
    """The section in a snapshot: sorted by id."""

    sources: Annotated[tuple[Source, ...], Lax]
