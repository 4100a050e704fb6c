"""A batch of items: the put, and its ack, that the three coded sections have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar, get_type_hints

from pydantic import Field, SkipValidation, create_model, model_validator

from models.base import Few, Lax, Op, OwnId, Run, Wire, Writes

MAX_ITEMS = 5_000  # a put of more is sent in parts (decision 20)
BATCH_ITEMS_MAX = 50_000  # parts are held in memory, some 64 MiB (decision 20)
MAX_PARTS = 10_000  # a batch of 50,000 items in parts of 5 still fits
MAX_FORMER_IDS = 8  # changes of a collector's ids over the years
MAX_SETTLED = 32  # more fields than any item has
MAX_SPARED = 1_000  # broken things that a run names; with more it removes nothing
DISMISSED_MAX = 2_000
"""The most ids of a section that are remembered as dismissed for one source."""

T = TypeVar("T")
W = TypeVar("W", bound=Wire)
Decided = str | int | bool | None
Items = Annotated[list[SkipValidation[T]], Field(max_length=MAX_ITEMS)]
"""Accepted unchecked here: the rule validates each one by itself, against the `Given` model named here."""


class PutMode(StrEnum):
    """`replace` also removes items that the sender owns and did not mention."""

    UPSERT = "upsert"
    REPLACE = "replace"


class Given(Wire):
    """An item as its sender states it: `id` is the sender's own."""

    id: OwnId


class GivenItem(Given):
    """An item of the board as its sender states it; `formerly` has the ids that its sender gave it before.

    If the item does not exist yet, the first of them that does becomes it: with its code, people's
    decisions, and a dismissal if there was one. `settled` has fields that people decided and with which the
    sender has dealt, with what they decided. A model of such items names its `section` and what one
    item is called (`nouns` if the plural is not the noun and an s).
    """

    section: ClassVar[str]
    noun: ClassVar[str]
    nouns: ClassVar[str] = ""

    formerly: Annotated[tuple[OwnId, ...], Few(MAX_FORMER_IDS)] = ()
    settled: Annotated[dict[str, Decided], Field(max_length=MAX_SETTLED)] | None = None

    @classmethod
    def apart(cls, stated: Any) -> Any:
        """What is stated, with the address of a meeting in the field for it alone (models.links)."""
        return stated

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, stated: Any) -> Any:
        return cls.apart(stated)


def fields_of(given: type[GivenItem], *, without: Collection[str] = ()) -> Callable[[type[W]], type[W]]:
    """Gives an edit's model the fields of the given item: each may be left out, none has a default
    (decision 60).

    `without` are those that people cannot set, besides what every item has. Validators of the given item
    are not taken over: the rule validates the whole item after the edit.
    """
    kinds = get_type_hints(given, include_extras=True)
    own = [name for name in given.model_fields if name not in GivenItem.model_fields and name not in without]
    fields: dict[str, Any] = {name: (kinds[name] | None, None) for name in own}

    def derive(model: type[W]) -> type[W]:
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields
        )

    return derive


class Part(Wire):
    """The part of a batch that a message is: parts are held, and take effect together with the last one.

    `batch` is any name; `number` counts from 1.
    """

    batch: Op
    number: Annotated[int, Field(ge=1, le=MAX_PARTS)]
    last: bool = False


class Put(Writes):
    """A batch of items; each is validated by itself, so that one bad item does not hold up the rest.

    `complete: false` says that the batch is not everything that the source has: nothing is removed. `spare`
    has the ids of items that the sender has but could not read this time: a `replace` keeps those items, and
    those whose ids continue with `#` after one. `run` numbers the sender's collections: one older than the
    newest seen is refused. With `part`, the other fields and the op count as in the last part.
    """

    items: Items[Any]
    mode: Annotated[PutMode, Lax] = PutMode.UPSERT
    complete: bool = True
    spare: Annotated[tuple[OwnId, ...], Few(MAX_SPARED)] = ()
    allow_empty: bool = False
    run: Run | None = None
    part: Part | None = None


class Rejected(Wire):
    """An item that was rejected, by its place in the batch."""

    index: int
    id: str | None = None
    path: str
    message: str


class PutDone(Wire):
    """Counts of items; `codes` are of all accepted items, by the sender's own ids.

    `dismissed` counts items that stay gone because people dropped them; `left_out` those beyond
    the limit of one source; `staged`, in the ack of a part that is not the last, those held for now.
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
