"""The payloads that the three coded sections have in common: put and its ack."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import Field, SkipValidation

from models.base import Lax, OwnId, Run, Wire, Writes

MAX_ITEMS = 5_000

T = TypeVar("T")
Items = Annotated[list[SkipValidation[T]], Field(max_length=MAX_ITEMS)]
"""Taken in as they are: the rule validates each by itself, against the `Given` that is named here."""


class PutMode(StrEnum):
    """`replace` also removes what the sender owns and did not mention."""

    UPSERT = "upsert"
    REPLACE = "replace"


class Given(Wire):
    """An item as its sender states it: `id` is the sender's own."""

    id: OwnId


class Put(Writes):
    """A batch of items; each is validated by itself, so that one bad item does not hold up the rest.

    `complete: false` says that the batch is a part of what the source has: nothing is removed.
    `run` numbers the sender's collections: one older than the newest seen is fenced off.
    """

    items: Items[Any]
    mode: Annotated[PutMode, Lax] = PutMode.UPSERT
    complete: bool = True
    allow_empty: bool = False
    run: Run | None = None


class Rejected(Wire):
    """An item that was not taken in, by its place in the batch."""

    index: int
    id: str | None = None
    path: str
    message: str


class PutDone(Wire):
    """Counts of items; `codes` are of all accepted items, by the sender's own ids."""

    added: int
    changed: int
    unchanged: int
    removed: int
    rejected: Annotated[tuple[Rejected, ...], Lax]
    codes: dict[str, str]
