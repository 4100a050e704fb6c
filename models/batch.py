"""A batch of items: the put, and its ack, that the three coded sections have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import Field, SkipValidation

from models.base import Lax, Op, OwnId, Run, Wire, Writes

MAX_ITEMS = 5_000
BATCH_ITEMS_MAX = 50_000
MAX_PARTS = 10_000
MAX_FORMER_IDS = 8
MAX_SPARED = 1_000
DISMISSED_MAX = 2_000
"""So many ids of a section are remembered for one source, because people decided that they stay gone."""

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


class GivenItem(Given):
    """An item of the board as its sender states it; `formerly` are the ids that its sender gave it before.

    When the item is not there yet, the first of them that is becomes it: with its code, what people decided
    of it, and their word that it stay gone. A model of them says which `section` they are for, and what one
    is called (`nouns` where several are not the noun and an s).
    """

    section: ClassVar[str]
    noun: ClassVar[str]
    nouns: ClassVar[str] = ""

    formerly: Annotated[tuple[OwnId, ...], Lax, Field(max_length=MAX_FORMER_IDS)] = ()


class Part(Wire):
    """Which part of a batch a message is: parts are held, and count all at once when the last one comes.

    `batch` is any name; `number` counts from 1.
    """

    batch: Op
    number: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    last: bool = False


class Put(Writes):
    """A batch of items; each is validated by itself, so that one bad item does not hold up the rest.

    `complete: false` says that the batch is only some of what the source has: nothing is removed. `spare`
    names what the sender has and could not read this time, by its ids: a `replace` leaves those items, and
    those whose ids go on with `#` after one. `run` numbers the sender's collections: one older than the
    newest seen is fenced off. With `part`, what else is said counts as the last part says it; so does the op.
    """

    items: Items[Any]
    mode: Annotated[PutMode, Lax] = PutMode.UPSERT
    complete: bool = True
    spare: Annotated[tuple[OwnId, ...], Lax, Field(max_length=MAX_SPARED)] = ()
    allow_empty: bool = False
    run: Run | None = None
    part: Part | None = None


class Rejected(Wire):
    """An item that was not taken in, by its place in the batch."""

    index: int
    id: str | None = None
    path: str
    message: str


class PutDone(Wire):
    """Counts of items; `codes` are of all accepted items, by the sender's own ids.

    `dismissed` counts those that stay gone because of what people decided; `left_out` those that came after
    as many as one source may have; `staged`, in the ack of a part that is not the last, those held for now.
    """

    added: int
    changed: int
    unchanged: int
    removed: int
    rejected: Annotated[tuple[Rejected, ...], Lax]
    codes: dict[str, str]
    dismissed: int | None = None
    left_out: int | None = None
    staged: int | None = None
