"""What the system is doing, for the board's head line."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from models.base import Item, Lax, Line, Percent, Wire, Writes
from models.collection import Collection

SYSTEM_ID = "system"


class SystemStatus(StrEnum):
    """The phase of the collections; in upper case, as dashboards have always read it."""

    IDLE = "IDLE"
    COLLECTING = "COLLECTING"
    PROCESSING = "PROCESSING"
    ERROR = "ERROR"


class SystemItem(Item):
    """The section's only item, derived from the sources' runs.

    `last_sync` is when the runs last ended well; `collection` is the running one, or the last.
    """

    id: str = SYSTEM_ID
    status: Annotated[SystemStatus, Lax] = SystemStatus.IDLE
    progress: int = 0
    message: str | None = None
    last_sync: str | None = None
    collection: Collection | None = None


class SetSystem(Writes):
    """Fields that are left out stay as they are."""

    status: Annotated[SystemStatus, Lax] | None = None
    progress: Percent | None = None
    message: Line | None = None


class SystemState(Wire):
    """The section in a snapshot."""

    system: SystemItem
