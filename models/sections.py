"""The description of a section for clients, so that they need no list of their own."""

from __future__ import annotations

from typing import Annotated

from models.base import Lax, Wire


class SortKeyInfo(Wire):
    """One key of an order: `values` is the order of a closed set; an item without the field comes last."""

    field: str
    values: Annotated[tuple[str, ...], Lax] | None = None


class DoneInfo(Wire):
    """An item is done when its field has one of these values; `complete` sets the first."""

    field: str
    values: Annotated[tuple[str, ...], Lax]


class FieldInfo(Wire):
    """A field that people set by a command: its `word`, the item's `field`, and the kind of its value;
    `values` has those of a choice."""

    word: str
    field: str
    kind: str
    values: Annotated[tuple[str, ...], Lax] | None = None


class SectionInfo(Wire):
    """What a client needs to know of a section to show it.

    `noun` is what one item is called and `nouns` what several are called, `headline` the field with an item's
    title, `order` its sort keys, `place` its name in a snapshot, `prefix` the letter of its codes, and
    `fields` those that people set by a command.
    """

    name: str
    prefix: str | None
    noun: str
    nouns: str
    headline: str
    done: DoneInfo | None
    order: Annotated[tuple[SortKeyInfo, ...], Lax]
    place: str
    fields: Annotated[tuple[FieldInfo, ...], Lax] = ()
