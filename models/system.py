"""What the whole system is doing, for the board's head line."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from models.base import Item, Lax, Line, Wire, Writes

SYSTEM_ID = "system"


class SystemStatus(StrEnum):
    """The phase of the collections; upper case as dashboards have always read it."""

    IDLE = "IDLE"
    COLLECTING = "COLLECTING"
    PROCESSING = "PROCESSING"
    ERROR = "ERROR"


Percent = Annotated[int, Field(ge=0, le=100)]


class SystemItem(Item):
    """The one item of the section; `last_sync` is when a collection last ended well."""

    id: str = SYSTEM_ID
    status: Annotated[SystemStatus, Lax] = SystemStatus.IDLE
    progress: int = 0
    message: str | None = None
    last_sync: str | None = None


class SetSystem(Writes):
    """Fields that are left out stay as they are."""

    status: Annotated[SystemStatus, Lax] | None = None
    progress: Percent | None = None
    message: Line | None = None


class SystemState(Wire):
    """The section in a snapshot."""

    system: SystemItem
