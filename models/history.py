"""An item's past: what changed, when, by whom, by which command."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.base import AnyId, Code, Lax, Seq, Wire
from models.change import Cause, Change


class GetHistory(Wire):
    """Names the item by `id` or by `code`; a code that is at rest still names the item that had it."""

    id: AnyId | None = None
    code: Code | None = None
    seen: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Happening(Wire):
    """One commit's change of the item."""

    seq: Seq
    at: str
    cause: Cause
    change: Change


class History(Wire):
    """The newest first. Ids are unique within a section: an id that two sections have gives both pasts."""

    entries: Annotated[tuple[Happening, ...], Lax]
