"""An item's past: what changed, when, by whom, by which command."""

from __future__ import annotations

from typing import Annotated, Any

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
    """One commit's change of the item. `before`: the changed fields as they were, or all of an item that was
    removed; left out where the item was new, and of changes that an older version made."""

    seq: Seq
    at: str
    cause: Cause
    change: Change
    before: dict[str, Any] | None = None


class History(Wire):
    """The newest first. Ids are unique within a section: an id that two sections have gives both pasts."""

    entries: Annotated[tuple[Happening, ...], Lax]
