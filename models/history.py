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


class GetChanges(Wire):
    """`since` is the position that the person last looked at."""

    since: Seq
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class Old(Wire):
    """A field as it was and as it is."""

    old: Any
    new: Any


class Told(Wire):
    """An item that is not what it was. `what` is one word for it: added, removed, done, reopened, cancelled,
    moved, assigned or changed; `changed` are its fields, old and new; `by` made the last change, at `at`."""

    section: str
    id: str
    code: str
    title: str
    what: str
    by: str
    command: str | None = None
    seq: Seq
    at: str
    changed: dict[str, Old] | None = None


class Changes(Wire):
    """The newest first. `complete` is false when the log does not go back that far, or there is too much to
    tell; `left_out` counts the items beyond `limit`."""

    since: Seq
    seq: Seq
    complete: bool
    left_out: int
    items: Annotated[tuple[Told, ...], Lax]


class History(Wire):
    """The newest first. Ids are unique within a section: an id that two sections have gives both pasts."""

    entries: Annotated[tuple[Happening, ...], Lax]
