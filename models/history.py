"""An item's history: what changed, when, by whom, by which command."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from models.base import AnyId, Code, Lax, Seq, Wire
from models.change import Cause, Change


class GetHistory(Wire):
    """Names the item by `id` or by `code`; a resting code still means the item that had it."""

    id: AnyId | None = None
    code: Code | None = None
    seen: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Happening(Wire):
    """One commit's change of the item. `before`: the old values of the changed fields, or of all if it was
    removed; left out if the item was new, and for changes that an older version made."""

    seq: Seq
    at: str
    cause: Cause
    change: Change
    before: dict[str, Any] | None = None


class GetChanges(Wire):
    """`since` is a position; left out it is the one up to which the person has looked (`seen:set`)."""

    since: Seq | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200


class Old(Wire):
    """A field's old and new value."""

    old: Any
    new: Any


class Told(Wire):
    """An item that differs from before. `what` is one word for it: added, removed, done, reopened, cancelled,
    moved, assigned or changed; `changed` has its fields, old and new; `by` made the last change, at `at`, and
    `name` is what people call them. `text` says it in a sentence, in the reader's zone."""

    section: str
    id: str
    code: str
    title: str
    what: str
    by: str
    name: str
    command: str | None = None
    seq: Seq
    at: str
    text: str
    changed: dict[str, Old] | None = None


class Changes(Wire):
    """The newest first. `complete` is false if the log does not go back that far, or there is too much to
    tell; `left_out` counts the items beyond `limit`. `seen_at` is when the person looked at `since`; null
    when another position was asked for, and at a first visit, which tells nothing."""

    since: Seq
    seq: Seq
    complete: bool
    left_out: int
    seen_at: str | None
    items: Annotated[tuple[Told, ...], Lax]


class History(Wire):
    """The newest first. Ids are unique within a section: an id in two sections gives both histories."""

    entries: Annotated[tuple[Happening, ...], Lax]
